//! GetObjectTagging: the tags of an object or of a version of it.

use aws_wire::Reply;

use super::put_object_tagging::with_version;
use crate::answer;
use crate::error::Result;
use crate::request::Request;
use crate::service::S3;
use crate::tags;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let (held, content) = s3.object(request.bucket(), request.key(), request.version())?;
    Ok(with_version(answer::xml(tags::document(&content.tags)), &bucket, &held))
}
