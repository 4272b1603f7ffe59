//! DeleteObjectTagging: takes all tags from an object or from a version of it.

use aws_wire::Reply;
use http::StatusCode;

use super::put_object_tagging::with_version;
use crate::answer;
use crate::error::Result;
use crate::request::Request;
use crate::service::S3;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let writing = s3.directory().write();
    let (held, _) = s3.object(request.bucket(), request.key(), request.version())?;
    writing.change_version(request.bucket(), &held, |content| content.tags.clear())?;
    Ok(with_version(answer::empty(StatusCode::NO_CONTENT), &bucket, &held))
}
