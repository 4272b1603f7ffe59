//! PutObject: makes an object of a body. It is on stable storage before it is answered.

use aws_wire::Reply;
use http::StatusCode;

use crate::acl::{self, Of};
use crate::answer::{empty, with, with_maybe};
use crate::bucket::Versioning;
use crate::condition;
use crate::encryption;
use crate::error::Result;
use crate::lock::{self, Lock};
use crate::metadata;
use crate::object::Held;
use crate::request::Request;
use crate::service::S3;
use crate::tags;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let acl = acl::of_new(request, Of::Object, &bucket)?;
    let headers = metadata::of(&request.headers)?;
    let checksum = request.checksum()?;
    let tags = request.header("x-amz-tagging").map_or(Ok(Vec::new()), tags::from_header)?;
    let lock = Lock::of_new(request, &bucket, s3.directory().now())?;
    lock::check_digest(request, &lock)?;
    let sealing = s3.sealing(&bucket, request.key(), encryption::wish(request, &bucket)?)?;
    let mut content = s3.content(&request.body, headers, sealing)?;
    content.tags = tags;
    content.checksum = checksum;
    content.acl = acl;
    content.lock = lock;
    let (name, key) = (request.bucket(), request.key());
    let held =
        s3.add(name, key, content, |standing| condition::check_write(key, standing, |header| request.header(header)))?;
    Ok(written(empty(StatusCode::OK), &held, bucket.versioning))
}

/// What the answer to a write says about what was written.
pub(super) fn written(reply: Reply, held: &Held, versioning: Versioning) -> Reply {
    let versioned = versioning != Versioning::Off;
    let reply = with_maybe(reply, "x-amz-version-id", versioned.then_some(held.version.id.as_str()));
    let Some(content) = &held.version.content else { return reply };
    let reply = encryption::described(reply, content.seal.as_ref());
    let reply = with(reply, "etag", &content.etag);
    let reply = with(reply, content.checksum.algorithm.header(), &content.checksum.value);
    with(reply, "x-amz-checksum-type", content.checksum.kind.name())
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn an_object_survives_a_restart() {
        let mut fixture = Fixture::new();
        fixture.refused("PUT", "/bucket/k", &[], "", (404, "NoSuchBucket"));
        fixture.ok("PUT", "/bucket", &[], "");
        let headers = [("content-type", "text/plain"), ("x-amz-meta-colour", "grün"), ("x-amz-tagging", "a=1")];
        let put = fixture.ok("PUT", "/bucket/a/../b%00", &headers, "hello");
        assert_eq!(put.header("etag"), Some("\"5d41402abc4b2a76b9719d911017c592\""));
        assert_eq!(put.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
        assert!(put.header("x-amz-checksum-crc64nvme").is_some() && put.header("x-amz-version-id").is_none());
        assert_eq!(put.header("x-amz-request-id"), Some("id"));
        assert_eq!(put.header("x-amz-id-2"), Some("aWRpZA=="));
        fixture.restart();
        let got = fixture.ok("GET", "/bucket/a/../b%00", &[], "");
        assert_eq!((got.text(), got.header("content-type")), ("hello", Some("text/plain")));
        assert_eq!((got.header("x-amz-meta-colour"), got.header("x-amz-tagging-count")), (Some("grün"), Some("1")));
        fixture.ok("PUT", "/bucket/a/../b%00", &[], "");
        let empty = fixture.ok("GET", "/bucket/a/../b%00", &[], "");
        assert_eq!((empty.text(), empty.header("content-type")), ("", Some("binary/octet-stream")));
        assert_eq!(fixture.files(), 0, "what was overwritten is gone");
    }

    #[test]
    fn checksums_and_conditions() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let sha1 = [("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=")];
        assert_eq!(fixture.ok("PUT", "/bucket/k", &sha1, "hello").header(sha1[0].0), Some(sha1[0].1));
        fixture.refused("PUT", "/bucket/k", &sha1, "other", (400, "BadDigest"));
        fixture.refused("PUT", "/bucket/k", &[("if-none-match", "*")], "x", (412, "PreconditionFailed"));
        fixture.refused("PUT", "/bucket/k", &[("if-match", "\"x\"")], "x", (412, "PreconditionFailed"));
        fixture.refused("PUT", "/bucket/none", &[("if-match", "\"x\"")], "x", (404, "NoSuchKey"));
        fixture.ok("PUT", "/bucket/none", &[("if-none-match", "*")], "x");
        fixture.ok("PUT", "/bucket/k", &[("if-match", "5d41402abc4b2a76b9719d911017c592")], "x");
        assert_eq!(fixture.files(), 2, "what was refused left nothing");
    }

    #[test]
    fn what_is_refused() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        for (header, value, error) in [
            ("content-md5", "x", (400, "InvalidDigest")),
            ("content-md5", "XUFAKrxLKna5cZ2REBfFkg==", (400, "BadDigest")),
            ("x-amz-content-sha256", "x", (400, "InvalidArgument")),
            ("x-amz-storage-class", "x", (400, "InvalidStorageClass")),
            ("x-amz-storage-class", "OUTPOSTS", (400, "InvalidStorageClass")),
            ("x-amz-website-redirect-location", "x", (400, "InvalidRedirectLocation")),
            ("x-amz-server-side-encryption-customer-algorithm", "AES256", (501, "NotImplemented")),
            ("x-amz-tagging", "a=1&a=2", (400, "InvalidTag")),
            ("x-amz-acl", "public-read", (400, "AccessControlListNotSupported")),
            ("x-amz-object-lock-mode", "GOVERNANCE", (400, "InvalidArgument")),
            ("x-amz-object-lock-legal-hold", "ON", (400, "InvalidRequest")),
            ("x-amz-expected-bucket-owner", "1", (403, "AccessDenied")),
        ] {
            fixture.refused("PUT", "/bucket/k", &[(header, value)], "x", error);
        }
        let long = format!("/bucket/{}", "k".repeat(1025));
        fixture.refused("PUT", &long, &[], "x", (400, "KeyTooLongError"));
        fixture.refused("GET", "/bucket/k", &[], "", (404, "NoSuchKey"));
    }

    #[test]
    fn classes_that_are_archives() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/bucket/k", &[("x-amz-storage-class", "GLACIER")], "x");
        let head = fixture.ok("HEAD", "/bucket/k", &[], "");
        assert_eq!((head.header("x-amz-storage-class"), head.header("content-length")), (Some("GLACIER"), Some("1")));
        let listed = fixture.ok("GET", "/bucket?list-type=2", &[], "").xml("ListBucketResult");
        assert_eq!(listed.child("Contents").unwrap().value("StorageClass"), Some("GLACIER"));
        let refused = fixture.refused("GET", "/bucket/k", &[], "", (403, "InvalidObjectState"));
        assert!(refused.text().contains("<StorageClass>GLACIER</StorageClass>"));
        let copy = [("x-amz-copy-source", "bucket/k")];
        fixture.refused("PUT", "/bucket/c", &copy, "", (403, "InvalidObjectState"));
        assert!(fixture.s3.get(&fixture.world(), "bucket", "k", None).is_err());
        fixture.ok("DELETE", "/bucket/k", &[], "");
    }

    #[test]
    fn versions() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/bucket/k", &[], "null");
        fixture.versioning("bucket", "Enabled");
        let ids = ["one", "two"].map(|text| {
            let put = fixture.ok("PUT", "/bucket/k", &[], text);
            put.header("x-amz-version-id").unwrap().to_owned()
        });
        fixture.versioning("bucket", "Suspended");
        let put = fixture.ok("PUT", "/bucket/k", &[], "again");
        assert_eq!(put.header("x-amz-version-id"), Some("null"));
        fixture.restart();
        for (id, text) in [(ids[0].as_str(), "one"), (&ids[1], "two"), ("null", "again")] {
            let got = fixture.ok("GET", &format!("/bucket/k?versionId={id}"), &[], "");
            assert_eq!((got.text(), got.header("x-amz-version-id")), (text, Some(id)));
        }
        assert_eq!(fixture.ok("GET", "/bucket/k", &[], "").text(), "again");
        fixture.refused("GET", "/bucket/k?versionId=x", &[], "", (404, "NoSuchVersion"));
    }
}
