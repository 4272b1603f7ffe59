//! DeleteBucket: removes a bucket with nothing in it, neither objects nor versions nor delete markers.

use aws_wire::Reply;
use http::StatusCode;

use crate::answer;
use crate::error::Result;
use crate::request::Request;
use crate::service::S3;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    s3.bucket(request)?;
    s3.directory().write().remove_bucket(request.bucket())?;
    tracing::info!(bucket = request.bucket(), "bucket deleted");
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn only_an_empty_one() {
        let mut fixture = Fixture::new();
        fixture.refused("DELETE", "/bucket", &[], "", (404, "NoSuchBucket"));
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/bucket/k", &[], "x");
        fixture.refused("DELETE", "/bucket", &[], "", (409, "BucketNotEmpty"));
        fixture.ok("DELETE", "/bucket/k", &[], "");
        fixture.ok("POST", "/bucket/k?uploads", &[], "");
        assert_eq!(fixture.ok("DELETE", "/bucket", &[], "").status, 204);
        fixture.refused("GET", "/bucket", &[], "", (404, "NoSuchBucket"));
        fixture.restart();
        fixture.refused("GET", "/bucket", &[], "", (404, "NoSuchBucket"));
        fixture.ok("PUT", "/bucket", &[], "");
        assert!(!fixture.ok("GET", "/bucket?uploads", &[], "").text().contains("<Upload>"));
    }
}
