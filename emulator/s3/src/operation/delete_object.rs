//! DeleteObject: removes an object or a version of it, or adds a delete marker where versions are kept. What is not there is
//! deleted already.

use aws_wire::Reply;
use http::StatusCode;

use super::put_bucket_versioning::check_factor;
use crate::answer::{empty, with_maybe};
use crate::condition;
use crate::error::Result;
use crate::lock;
use crate::request::Request;
use crate::service::S3;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    check_factor(request, &*s3.bucket(request)?, request.version().is_some())?;
    let (bucket, key) = (request.bucket(), request.key());
    let mut writing = s3.directory().write();
    if request.header("if-match").is_some() {
        let newest = s3.read(bucket, |shelf| shelf.newest(key).and_then(|held| held.version.content.clone()))?;
        let etag = newest.as_ref().map(|content| content.etag.as_str());
        condition::check_write(key, etag, |name| request.header(name))?;
    }
    let deleted = writing.delete(bucket, &[(key, request.version())], lock::bypasses(request))?;
    let deleted = deleted.into_iter().next().transpose()?;
    let marker = deleted.as_ref().is_some_and(|deleted| deleted.marker);
    let reply = with_maybe(empty(StatusCode::NO_CONTENT), "x-amz-delete-marker", marker.then_some("true"));
    Ok(with_maybe(reply, "x-amz-version-id", deleted.as_ref().and_then(|deleted| deleted.version.as_deref())))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn an_object() {
        let mut fixture = Fixture::new();
        fixture.refused("DELETE", "/bucket/k", &[], "", (404, "NoSuchBucket"));
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/bucket/k", &[], "x");
        fixture.refused("DELETE", "/bucket/k", &[("if-match", "y")], "", (412, "PreconditionFailed"));
        let deleted = fixture.ok("DELETE", "/bucket/k", &[], "");
        assert_eq!((deleted.status, deleted.header("x-amz-delete-marker")), (204, None));
        assert_eq!((fixture.ok("DELETE", "/bucket/k", &[], "").status, fixture.files()), (204, 0));
        fixture.restart();
        fixture.refused("GET", "/bucket/k", &[], "", (404, "NoSuchKey"));
    }

    #[test]
    fn versions_and_markers() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.versioning("bucket", "Enabled");
        fixture.ok("PUT", "/bucket/k", &[], "x");
        let deleted = fixture.ok("DELETE", "/bucket/k", &[], "");
        assert_eq!(deleted.header("x-amz-delete-marker"), Some("true"));
        let marker = deleted.header("x-amz-version-id").unwrap().to_owned();
        fixture.restart();
        fixture.refused("GET", "/bucket/k", &[], "", (404, "NoSuchKey"));
        fixture.refused("DELETE", "/bucket", &[], "", (409, "BucketNotEmpty"));
        let undeleted = fixture.ok("DELETE", &format!("/bucket/k?versionId={marker}"), &[], "");
        assert_eq!(undeleted.header("x-amz-delete-marker"), Some("true"));
        assert_eq!(fixture.ok("GET", "/bucket/k", &[], "").text(), "x");
        fixture.versioning("bucket", "Suspended");
        let deleted = fixture.ok("DELETE", "/bucket/k", &[], "");
        assert_eq!(deleted.header("x-amz-version-id"), Some("null"));
        fixture.ok("DELETE", "/bucket/k", &[], "");
        let listed = fixture.ok("GET", "/bucket?versions", &[], "").xml("ListVersionsResult");
        assert_eq!((listed.all("DeleteMarker").count(), listed.all("Version").count()), (1, 1));
    }
}
