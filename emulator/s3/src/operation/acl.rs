//! Get and Put of access control lists: GetBucketAcl, PutBucketAcl, GetObjectAcl, PutObjectAcl.

use aws_wire::Reply;
use http::StatusCode;

use super::put_object_tagging::with_version;
use crate::acl::{self, Of};
use crate::answer;
use crate::error::Result;
use crate::request::Request;
use crate::service::S3;

pub(super) fn get_of_bucket(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    Ok(answer::xml(acl::document(bucket.acl.as_ref(), &bucket)))
}

pub(super) fn get_of_object(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let (held, content) = s3.object(request.bucket(), request.key(), request.version())?;
    let document = acl::document(content.acl.as_ref(), &bucket);
    Ok(with_version(answer::xml(document), &bucket, &held))
}

pub(super) fn put_of_bucket(s3: &S3, request: &Request) -> Result<Reply> {
    let writing = s3.directory().write();
    let acl = acl::put(request, Of::Bucket, &*s3.bucket(request)?)?;
    writing.change_bucket(request.bucket(), |bucket| bucket.acl = acl)?;
    Ok(answer::empty(StatusCode::OK))
}

pub(super) fn put_of_object(s3: &S3, request: &Request) -> Result<Reply> {
    let writing = s3.directory().write();
    let bucket = s3.bucket(request)?;
    let (held, _) = s3.object(request.bucket(), request.key(), request.version())?;
    let acl = acl::put(request, Of::Object, &bucket)?;
    writing.change_version(request.bucket(), &held, |content| content.acl = acl)?;
    Ok(with_version(answer::empty(StatusCode::OK), &bucket, &held))
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Answer, Fixture};

    const PATHS: [&str; 2] = ["/bucket?acl", "/bucket/k?acl"];
    const OTHER: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";

    fn with_object() -> Fixture {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/bucket/k", &[], "x");
        fixture
    }

    /// Has the bucket keep lists, public ones too.
    fn open(fixture: &Fixture) {
        fixture.ok("DELETE", "/bucket?ownershipControls", &[], "");
        fixture.ok("DELETE", "/bucket?publicAccessBlock", &[], "");
    }

    /// Who is granted what, the owner aside.
    fn grants(acl: &Answer) -> Vec<String> {
        let root = acl.xml("AccessControlPolicy");
        let owner = root.child("Owner").unwrap().value("ID").unwrap();
        let grants = root.child("AccessControlList").unwrap().all("Grant").map(|grant| {
            let grantee = grant.child("Grantee").unwrap();
            let name = grantee.value("ID").or(grantee.value("URI")).unwrap();
            let name = if name == owner { "owner" } else { name.rsplit('/').next().unwrap() };
            format!("{name} {}", grant.value("Permission").unwrap())
        });
        grants.collect()
    }

    #[test]
    fn where_one_owns_everything_nothing_is_granted() {
        let fixture = with_object();
        for path in PATHS {
            let acl = fixture.ok("GET", path, &[], "");
            assert!(acl.text().contains("xsi:type=\"CanonicalUser\"><ID>"), "{}", acl.text());
            assert_eq!(grants(&acl), ["owner FULL_CONTROL"]);
            fixture.ok("PUT", path, &[("x-amz-acl", "private")], "");
            fixture.ok("PUT", path, &[], acl.text());
            let refused = (400, "AccessControlListNotSupported");
            fixture.refused("PUT", path, &[("x-amz-acl", "public-read")], "", refused);
            fixture.refused("PUT", path, &[("x-amz-grant-read", &format!("id={OTHER}"))], "", refused);
        }
        fixture.refused("GET", "/bucket/none?acl", &[], "", (404, "NoSuchKey"));
        fixture.refused("PUT", "/bucket/none?acl", &[("x-amz-acl", "private")], "", (404, "NoSuchKey"));
    }

    #[test]
    fn lists_are_kept() {
        let mut fixture = with_object();
        open(&fixture);
        for path in PATHS {
            for (canned, expected) in [
                ("public-read", vec!["AllUsers READ"]),
                ("public-read-write", vec!["AllUsers READ", "AllUsers WRITE"]),
                ("authenticated-read", vec!["AuthenticatedUsers READ"]),
                ("aws-exec-read", vec!["6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c READ"]),
                ("bucket-owner-read", vec![]),
                ("private", vec![]),
            ] {
                fixture.ok("PUT", path, &[("x-amz-acl", canned)], "");
                let found = grants(&fixture.ok("GET", path, &[], ""));
                assert_eq!(found, [vec!["owner FULL_CONTROL"], expected].concat(), "{canned}");
            }
            let group = "uri=\"http://acs.amazonaws.com/groups/s3/LogDelivery\"";
            let headers = [("x-amz-grant-read", &*format!("id={OTHER}, {group}")), ("x-amz-grant-write-acp", group)];
            fixture.ok("PUT", path, &headers, "");
            fixture.restart();
            let acl = fixture.ok("GET", path, &[], "");
            let expected = [&*format!("{OTHER} READ"), "LogDelivery READ", "LogDelivery WRITE_ACP"];
            assert_eq!(grants(&acl), expected);
            assert!(acl.text().contains("xsi:type=\"Group\"><URI>"), "{}", acl.text());
            fixture.ok("PUT", path, &[("x-amz-acl", "private")], "");
            fixture.ok("PUT", path, &[], acl.text());
            assert_eq!(fixture.ok("GET", path, &[], "").text(), acl.text());
        }
        assert_eq!(fixture.ok("GET", "/bucket/k", &[], "").text(), "x");
        fixture.ok("PUT", "/bucket?acl", &[("x-amz-acl", "log-delivery-write")], "");
        let expected = ["owner FULL_CONTROL", "LogDelivery WRITE", "LogDelivery READ_ACP"];
        assert_eq!(grants(&fixture.ok("GET", "/bucket?acl", &[], "")), expected);
        // Who owns everything has to be alone before.
        let enforced = "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>";
        let refused = (400, "InvalidBucketAclWithObjectOwnership");
        fixture.refused("PUT", "/bucket?ownershipControls", &[], enforced, refused);
        fixture.ok("PUT", "/bucket?acl", &[("x-amz-acl", "private")], "");
        fixture.ok("PUT", "/bucket?ownershipControls", &[], enforced);
        assert_eq!(grants(&fixture.ok("GET", "/bucket/k?acl", &[], "")), ["owner FULL_CONTROL"]);
    }

    #[test]
    fn what_objects_are_made_with() {
        let mut fixture = with_object();
        open(&fixture);
        let public = [("x-amz-acl", "public-read")];
        fixture.ok("PUT", "/bucket/put", &public, "x");
        fixture.ok("PUT", "/bucket/copied", &[("x-amz-copy-source", "bucket/put"), public[0]], "");
        fixture.ok("PUT", "/bucket/private", &[("x-amz-copy-source", "bucket/put")], "");
        let id = fixture.upload("/bucket/parts", &public);
        let etag = fixture.part("/bucket/parts", &id, 1, "part");
        fixture.restart();
        fixture.complete("/bucket/parts", &id, &[(1, &etag)]);
        for key in ["put", "copied", "parts"] {
            let acl = fixture.ok("GET", &format!("/bucket/{key}?acl"), &[], "");
            assert_eq!(grants(&acl), ["owner FULL_CONTROL", "AllUsers READ"], "{key}");
        }
        assert_eq!(grants(&fixture.ok("GET", "/bucket/private?acl", &[], "")), ["owner FULL_CONTROL"]);
        fixture.refused("PUT", "/bucket/k", &[("x-amz-acl", "log-delivery-write")], "", (400, "InvalidArgument"));
    }

    #[test]
    fn what_is_refused() {
        let fixture = with_object();
        fixture.ok("DELETE", "/bucket?ownershipControls", &[], "");
        let owner = crate::bucket::canonical_user("000000000000");
        let document = |grantee: &str| {
            format!(
                "<AccessControlPolicy><Owner><ID>{owner}</ID></Owner><AccessControlList><Grant><Grantee>{grantee}</Grantee>\
                 <Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
            )
        };
        for path in PATHS {
            fixture.refused("PUT", path, &[("x-amz-acl", "public-read")], "", (403, "AccessDenied"));
            fixture.refused("PUT", path, &[("x-amz-acl", "everybody")], "", (400, "InvalidArgument"));
            fixture.refused("PUT", path, &[], "", (400, "MissingSecurityHeader"));
            fixture.refused("PUT", path, &[("x-amz-acl", "private")], &document(""), (400, "UnexpectedContent"));
            let id = format!("id={OTHER}");
            let both = [("x-amz-acl", "private"), ("x-amz-grant-read", id.as_str())];
            fixture.refused("PUT", path, &both, "", (400, "InvalidRequest"));
            for (grant, code) in [
                ("id=1", "InvalidArgument"),
                ("uri=http://example.org", "InvalidArgument"),
                ("name=x", "InvalidArgument"),
                ("x", "InvalidArgument"),
                ("emailAddress=\"a@example.org\"", "UnresolvableGrantByEmailAddress"),
            ] {
                fixture.refused("PUT", path, &[("x-amz-grant-read", grant)], "", (400, code));
            }
            for (body, code) in [
                ("<x/>".to_owned(), "MalformedACLError"),
                ("<AccessControlPolicy/>".to_owned(), "MalformedACLError"),
                (document(""), "MalformedACLError"),
                (document("<ID>1</ID>"), "InvalidArgument"),
                (document("<EmailAddress>a@example.org</EmailAddress>"), "UnresolvableGrantByEmailAddress"),
                (document(&format!("<ID>{OTHER}</ID>")).replace("READ", "EAT"), "MalformedACLError"),
            ] {
                fixture.refused("PUT", path, &[], &body, (400, code));
            }
            let usurped = document(&format!("<ID>{OTHER}</ID>")).replace(&owner, OTHER);
            fixture.refused("PUT", path, &[], &usurped, (403, "AccessDenied"));
        }
    }
}
