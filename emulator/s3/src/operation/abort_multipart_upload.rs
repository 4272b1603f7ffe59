//! AbortMultipartUpload: gives an upload up, and the space of its parts back.

use aws_wire::Reply;
use http::StatusCode;

use super::upload_part::upload;
use crate::answer;
use crate::error::Result;
use crate::request::Request;
use crate::service::S3;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let upload = upload(s3, request)?;
    s3.directory().write().remove_upload(request.bucket(), &upload.upload.id)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn its_parts_are_gone() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let id = fixture.upload("/bucket/k", &[]);
        fixture.part("/bucket/k", &id, 1, "one");
        let path = format!("/bucket/k?uploadId={id}");
        assert_eq!(fixture.ok("DELETE", &path, &[], "").status, 204);
        assert_eq!(fixture.files(), 0);
        fixture.restart();
        fixture.refused("DELETE", &path, &[], "", (404, "NoSuchUpload"));
    }
}
