//! Access control lists: the owner of a bucket may do everything, and nobody else is ever granted anything. That is what
//! buckets are since 2023, unless their ownership controls say otherwise.

use aws_wire::Reply;
use http::StatusCode;

use crate::answer;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::service::S3;
use crate::xml::{Xml, parse};

const HEADER: &str = "x-amz-acl";

/// Refuses a request that grants anything with what it makes.
pub(super) fn check_canned(request: &Request) -> Result<()> {
    let canned = request.header(HEADER);
    let grants = request.headers.keys().any(|name| name.as_str().starts_with("x-amz-grant-"));
    match canned {
        None | Some("private" | "bucket-owner-full-control") if !grants => Ok(()),
        _ => Err(Error::AclNotSupported),
    }
}

pub(super) fn get_of_bucket(s3: &S3, request: &Request) -> Result<Reply> {
    Ok(document(&s3.bucket(request)?.account))
}

pub(super) fn get_of_object(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    s3.object(request.bucket(), request.key(), request.version())?;
    Ok(document(&bucket.account))
}

pub(super) fn put_of_bucket(s3: &S3, request: &Request) -> Result<Reply> {
    s3.bucket(request)?;
    put(request)
}

pub(super) fn put_of_object(s3: &S3, request: &Request) -> Result<Reply> {
    s3.bucket(request)?;
    s3.object(request.bucket(), request.key(), request.version())?;
    put(request)
}

fn put(request: &Request) -> Result<Reply> {
    check_canned(request)?;
    if !request.body.is_empty() {
        // A list that grants what the owner has anyway changes nothing.
        let root = parse(&request.body, "AccessControlPolicy")?;
        let grants = root.child("AccessControlList").ok_or(Error::XmlMalformed)?;
        let owner = crate::bucket::canonical_user(&request.call.world.account);
        let to_owner = |grant: &crate::xml::Element| {
            grant.child("Grantee").and_then(|grantee| grantee.value("ID")) == Some(owner.as_str())
        };
        if !grants.all("Grant").all(to_owner) {
            return Err(Error::AclNotSupported);
        }
    } else if request.header(HEADER).is_none() {
        return Err(Error::InvalidRequest("Your request was missing a required header: x-amz-acl".into()));
    }
    Ok(answer::empty(StatusCode::OK))
}

fn document(account: &str) -> Reply {
    let grantee = "Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"";
    let text = Xml::document("AccessControlPolicy", |xml| {
        xml.owner("Owner", account);
        xml.element("AccessControlList", |xml| {
            xml.element("Grant", |xml| {
                xml.owner("Grantee", account);
                xml.text("Permission", "FULL_CONTROL");
            });
        });
    });
    answer::xml(text.replacen("<Grantee>", &format!("<{grantee}>"), 1))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn of_buckets_and_objects() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/bucket/k", &[], "x");
        for path in ["/bucket?acl", "/bucket/k?acl"] {
            let acl = fixture.ok("GET", path, &[], "");
            assert!(acl.text().contains("xsi:type=\"CanonicalUser\"><ID>"), "{}", acl.text());
            assert!(acl.text().contains("<Permission>FULL_CONTROL</Permission>"));
            fixture.ok("PUT", path, &[("x-amz-acl", "private")], "");
            fixture.ok("PUT", path, &[], acl.text());
            fixture.refused("PUT", path, &[("x-amz-acl", "public-read")], "", (400, "AccessControlListNotSupported"));
            fixture.refused("PUT", path, &[("x-amz-grant-read", "id=1")], "", (400, "AccessControlListNotSupported"));
            fixture.refused("PUT", path, &[], "", (400, "InvalidRequest"));
            fixture.refused("PUT", path, &[], "<x/>", (400, "MalformedXML"));
        }
        fixture.refused("GET", "/bucket/none?acl", &[], "", (404, "NoSuchKey"));
    }
}
