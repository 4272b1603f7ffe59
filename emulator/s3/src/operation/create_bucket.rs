//! CreateBucket: a bucket in the region that the request is signed for, or that its document names.
//!
//! us-east-1 is the odd one: it takes buckets for any region, must not be named itself, and finds nothing wrong with a bucket
//! that its owner makes once more.

use std::collections::BTreeMap;

use aws_wire::Reply;
use http::StatusCode;

use crate::acl::{self, Of};
use crate::answer;
use crate::bucket::{Bucket, Versioning, check_name};
use crate::configuration;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::service::S3;
use crate::xml::parse;

const CLASSIC: &str = "us-east-1";

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let (name, world) = (request.bucket(), &request.call.world);
    check_name(name)?;
    let region = region(request, &world.region)?;
    check_namespace(request, &region)?;
    let writing = s3.directory().write();
    if let Ok(existing) = s3.read(name, |shelf| std::sync::Arc::clone(&shelf.bucket)) {
        let bucket = name.to_owned();
        return match existing.account == world.account {
            false => Err(Error::BucketExists { bucket }),
            true if existing.region == CLASSIC && region == CLASSIC => Ok(created(name)),
            true => Err(Error::BucketOwned { bucket }),
        };
    }
    let mut configurations: BTreeMap<String, String> =
        configuration::ALL.iter().filter_map(|known| Some((known.query.to_owned(), known.first()?))).collect();
    if let Some(owner) = request.header("x-amz-object-ownership") {
        configurations.insert("ownershipControls".into(), configuration::ownership(owner)?);
    }
    if let Some(tags) = tags(request)? {
        configurations.insert("tagging".into(), tags);
    }
    let has_lock =
        request.header("x-amz-bucket-object-lock-enabled").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if has_lock {
        configurations.insert("object-lock".into(), configuration::lock()?);
    }
    let mut bucket = Bucket {
        name: name.to_owned(),
        account: world.account.clone(),
        region,
        created: s3.directory().now(),
        // Only versions can be locked.
        versioning: if has_lock { Versioning::Enabled } else { Versioning::Off },
        configurations,
        acl: None,
        mfa_delete: None,
    };
    bucket.acl = acl::of_new(request, Of::Bucket, &bucket).map_err(|error| match error {
        Error::AclNotSupported => Error::BucketAclNotSupported,
        Error::AccessDenied => Error::BucketAclPublic,
        other => other,
    })?;
    writing.put_bucket(bucket)?;
    tracing::info!(bucket = name, "bucket created");
    Ok(created(name))
}

fn created(name: &str) -> Reply {
    answer::with(answer::empty(StatusCode::OK), "location", &format!("/{name}"))
}

fn region(request: &Request, signed_for: &str) -> Result<String> {
    let document = match request.body.is_empty() {
        true => None,
        false => Some(parse(&request.body, "CreateBucketConfiguration")?),
    };
    let constraint = document.as_ref().and_then(|root| root.value("LocationConstraint")).unwrap_or_default();
    // An old name of an old region.
    let named = if constraint == "EU" { "eu-west-1" } else { constraint };
    match (signed_for, named) {
        (CLASSIC, "") => Ok(CLASSIC.into()),
        (_, "") => Err(Error::LocationIncompatible { constraint: "unspecified".into() }),
        (_, named) if named == signed_for && named != CLASSIC => Ok(named.into()),
        (CLASSIC, named) if named != CLASSIC && is_region(named) => Ok(named.into()),
        (CLASSIC, _) => Err(Error::LocationInvalid { constraint: constraint.into() }),
        _ => Err(Error::LocationIncompatible { constraint: constraint.into() }),
    }
}

/// Names that end in `-an` are those of an account in a region, which are asked for expressly.
fn check_namespace(request: &Request, region: &str) -> Result<()> {
    const HEADER: &str = "x-amz-bucket-namespace";
    let (name, account) = (request.bucket(), &request.call.world.account);
    let fits = match request.header(HEADER) {
        None | Some("global") => !name.ends_with("-an"),
        Some("account-regional") => name.ends_with(&format!("-{account}-{region}-an")),
        Some(other) => return Err(Error::argument(HEADER, other, "Invalid x-amz-bucket-namespace header value")),
    };
    if fits { Ok(()) } else { Err(Error::BucketName { bucket: name.to_owned() }) }
}

/// `ap-southeast-2` and whatever AWS builds next.
fn is_region(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    plain && text.len() <= 32 && text.split('-').count() >= 3
}

/// The tags that a bucket is made with, as the document they are read as.
fn tags(request: &Request) -> Result<Option<String>> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let mut root = parse(&request.body, "CreateBucketConfiguration")?;
    let Some(at) = root.children.iter().position(|child| child.name == "Tags") else { return Ok(None) };
    let mut set = root.children.swap_remove(at);
    set.name = "TagSet".into();
    let tagging = crate::xml::Element { name: "Tagging".into(), children: vec![set], ..Default::default() };
    let tags = crate::tags::from_element(&tagging, crate::tags::MOST_OF_BUCKET)?;
    Ok((!tags.is_empty()).then(|| crate::tags::document(&tags)))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    fn location(region: &str) -> String {
        format!(
            "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
        )
    }

    #[test]
    fn in_a_region() {
        let fixture = Fixture::new();
        let made = fixture.ok("PUT", "/bucket", &[], "");
        assert_eq!(made.header("location"), Some("/bucket"));
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/other", &[], &location("eu-west-1"));
        fixture.refused("PUT", "/other", &[], &location("eu-west-1"), (409, "BucketAlreadyOwnedByYou"));
        fixture.refused("PUT", "/third", &[], &location("us-east-1"), (400, "InvalidLocationConstraint"));
        let mut west = Fixture::new();
        west.region = "eu-west-1";
        west.ok("PUT", "/bucket", &[], &location("eu-west-1"));
        west.refused("PUT", "/bucket", &[], &location("eu-west-1"), (409, "BucketAlreadyOwnedByYou"));
        west.refused("PUT", "/third", &[], "", (400, "IllegalLocationConstraintException"));
        west.refused("PUT", "/third", &[], &location("eu-west-2"), (400, "IllegalLocationConstraintException"));
    }

    #[test]
    fn what_is_refused() {
        let mut fixture = Fixture::new();
        fixture.refused("PUT", "/Bad_Name", &[], "", (400, "InvalidBucketName"));
        fixture.refused("PUT", "/bucket", &[], "<No/>", (400, "MalformedXML"));
        let public = [("x-amz-acl", "public-read")];
        fixture.refused("PUT", "/bucket", &public, "", (400, "InvalidBucketAclWithObjectOwnership"));
        fixture.refused("PUT", "/bucket", &[("x-amz-object-ownership", "x")], "", (400, "InvalidArgument"));
        let mine = [("x-amz-bucket-namespace", "account-regional")];
        fixture.refused("PUT", "/bucket", &mine, "", (400, "InvalidBucketName"));
        fixture.refused("PUT", "/bucket-an", &[], "", (400, "InvalidBucketName"));
        fixture.refused("PUT", "/bucket", &[("x-amz-bucket-namespace", "x")], "", (400, "InvalidArgument"));
        let written_by = ("x-amz-object-ownership", "ObjectWriter");
        let code = "InvalidBucketAclWithBlockPublicAccessError";
        fixture.refused("PUT", "/bucket", &[public[0], written_by], "", (400, code));
        fixture.refused("PUT", "/bucket", &[("x-amz-acl", "everybody")], "", (400, "InvalidArgument"));
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.account = "111111111111";
        fixture.refused("PUT", "/bucket", &[], "", (409, "BucketAlreadyExists"));
        fixture.refused("GET", "/bucket", &[], "", (403, "AccessDenied"));
    }

    #[test]
    fn of_the_account_in_its_region() {
        let fixture = Fixture::new();
        let headers =
            [("x-amz-bucket-namespace", "account-regional"), ("x-amz-object-ownership", "BucketOwnerPreferred")];
        fixture.ok("PUT", "/mine-000000000000-us-east-1-an", &headers, "");
        let controls = fixture.ok("GET", "/mine-000000000000-us-east-1-an?ownershipControls", &[], "");
        assert!(controls.text().contains("<ObjectOwnership>BucketOwnerPreferred</ObjectOwnership>"));
    }

    #[test]
    fn with_lists_and_locks() {
        let mut fixture = Fixture::new();
        let headers = [
            ("x-amz-object-ownership", "ObjectWriter"),
            ("x-amz-acl", "log-delivery-write"),
            ("x-amz-bucket-object-lock-enabled", "True"),
        ];
        fixture.ok("PUT", "/bucket", &headers, "");
        fixture.restart();
        assert!(fixture.ok("GET", "/bucket?acl", &[], "").text().contains("s3/LogDelivery</URI>"));
        let lock = fixture.ok("GET", "/bucket?object-lock", &[], "").xml("ObjectLockConfiguration");
        assert_eq!((lock.value("ObjectLockEnabled"), lock.child("Rule")), (Some("Enabled"), None));
        assert!(fixture.ok("GET", "/bucket?versioning", &[], "").text().contains("<Status>Enabled</Status>"));
    }

    #[test]
    fn with_tags() {
        let fixture = Fixture::new();
        let tags = "<Tags><Tag><Key>a</Key><Value>1</Value></Tag></Tags>";
        let body = format!("<CreateBucketConfiguration>{tags}</CreateBucketConfiguration>");
        fixture.ok("PUT", "/bucket", &[], &body);
        assert!(fixture.ok("GET", "/bucket?tagging", &[], "").text().contains("<Key>a</Key><Value>1</Value>"));
    }
}
