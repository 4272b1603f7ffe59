//! HeadBucket: whether a bucket is there and where.

use aws_wire::Reply;
use http::StatusCode;

use crate::answer;
use crate::error::Result;
use crate::request::Request;
use crate::service::S3;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let reply = answer::with(answer::empty(StatusCode::OK), "x-amz-bucket-region", &bucket.region);
    Ok(answer::with(reply, "x-amz-access-point-alias", "false"))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn there_and_not_there() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        assert_eq!(fixture.ok("HEAD", "/bucket", &[], "").header("x-amz-bucket-region"), Some("us-east-1"));
        let missing = fixture.call("HEAD", "/none", &[], "");
        assert_eq!((missing.status, missing.text()), (404, ""));
        assert_eq!(fixture.call("HEAD", "/bucket", &[("x-amz-expected-bucket-owner", "1")], "").status, 403);
        fixture.account = "111111111111";
        assert_eq!(fixture.call("HEAD", "/bucket", &[], "").status, 403);
    }
}
