//! PutObjectTagging: gives an object, or a version of it, these tags and no others.

use aws_wire::Reply;
use http::StatusCode;

use crate::answer;
use crate::bucket::{Bucket, Versioning};
use crate::error::Result;
use crate::object::Held;
use crate::request::Request;
use crate::service::S3;
use crate::tags;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    request.checksum()?;
    let tags = tags::from_document(&request.body)?;
    let writing = s3.directory().write();
    let (held, _) = s3.object(request.bucket(), request.key(), request.version())?;
    writing.change_version(request.bucket(), &held, |content| content.tags = tags)?;
    Ok(with_version(answer::empty(StatusCode::OK), &bucket, &held))
}

/// Adds which version an answer is about, where there are versions.
pub(super) fn with_version(reply: Reply, bucket: &Bucket, held: &Held) -> Reply {
    let versioned = bucket.versioning != Versioning::Off;
    answer::with_maybe(reply, "x-amz-version-id", versioned.then_some(held.version.id.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn put_got_and_deleted() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/bucket/k", &[("x-amz-tagging", "a=1")], "x");
        let of = |fixture: &Fixture| fixture.ok("GET", "/bucket/k?tagging", &[], "").xml("Tagging");
        assert_eq!(of(&fixture).child("TagSet").unwrap().all("Tag").count(), 1);
        let tags = "<Tagging><TagSet><Tag><Key>b</Key><Value>2</Value></Tag></TagSet></Tagging>";
        fixture.ok("PUT", "/bucket/k?tagging", &[], tags);
        fixture.restart();
        assert_eq!(of(&fixture).child("TagSet").unwrap().child("Tag").unwrap().value("Key"), Some("b"));
        assert_eq!(fixture.ok("DELETE", "/bucket/k?tagging", &[], "").status, 204);
        assert_eq!(of(&fixture).child("TagSet").unwrap().all("Tag").count(), 0);
        assert_eq!(fixture.ok("GET", "/bucket/k", &[], "").text(), "x");
        fixture.refused("PUT", "/bucket/k?tagging", &[], "<x/>", (400, "MalformedXML"));
        fixture.refused("PUT", "/bucket/none?tagging", &[], tags, (404, "NoSuchKey"));
        fixture.refused("GET", "/bucket/none?tagging", &[], "", (404, "NoSuchKey"));
        fixture.refused("DELETE", "/bucket/none?tagging", &[], "", (404, "NoSuchKey"));
    }
}
