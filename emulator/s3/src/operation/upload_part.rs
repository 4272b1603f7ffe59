//! UploadPart: a part of an object, in any order; a number that is used again replaces what was there.

use std::sync::Arc;

use aws_wire::Reply;
use http::StatusCode;

use crate::answer::{empty, with};
use crate::bucket::hex;
use crate::encryption;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::service::S3;
use crate::upload::{MOST_PARTS, Part, Parts};

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let number = number(request)?;
    let upload = upload(s3, request)?;
    let said = request.checksum()?;
    let checksum = match said.algorithm == upload.upload.algorithm {
        true => said,
        false if upload.upload.chosen && request.has_checksum() => {
            let (said, wanted) = (said.algorithm.name().to_lowercase(), upload.upload.algorithm.name().to_lowercase());
            let message = format!(
                "Checksum Type mismatch occurred, expected checksum Type: {wanted}, actual checksum Type: {said}"
            );
            return Err(Error::InvalidRequest(message));
        }
        false => upload.upload.algorithm.of(&request.body),
    };
    let seal = upload.upload.seal.as_ref();
    let secret = s3.secret(&*s3.bucket(request)?, seal)?;
    let (piece, md5) = s3.directory().blobs.put(&request.body, secret.as_ref())?;
    let part = Part { number, piece, md5: hex(&md5), checksum, modified: s3.directory().now() };
    let part = put(s3, request, part)?;
    let mut reply = with(empty(StatusCode::OK), "etag", &format!("\"{}\"", part.md5));
    reply = encryption::described(reply, seal);
    Ok(with(reply, part.checksum.algorithm.header(), &part.checksum.value))
}

/// Adds a part whose bytes are on the disk.
pub(super) fn put(s3: &S3, request: &Request, part: Part) -> Result<Part> {
    let id = request.query("uploadId").unwrap_or_default();
    let stored = s3.directory().write().put_part(request.bucket(), id, part.clone());
    if let (Err(_), Some(piece)) = (&stored, &part.piece) {
        s3.directory().blobs.remove(&piece.blob);
    }
    stored.map(|()| part)
}

/// The upload that `request` is about.
pub(super) fn upload(s3: &S3, request: &Request) -> Result<Arc<Parts>> {
    s3.bucket(request)?;
    let id = request.query("uploadId").unwrap_or_default();
    let found = s3.read(request.bucket(), |shelf| shelf.uploads.get(id).cloned())?;
    let found = found.filter(|parts| parts.upload.key == request.key());
    found.ok_or_else(|| Error::UploadNotFound { upload: id.to_owned() })
}

/// The number of a part.
pub(super) fn number(request: &Request) -> Result<u32> {
    let text = request.query("partNumber").unwrap_or_default();
    text.parse().ok().filter(|number| (1..=MOST_PARTS).contains(number)).ok_or_else(|| {
        Error::argument("partNumber", text, "Part number must be an integer between 1 and 10000, inclusive")
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn parts_are_checked_and_replaced() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let id = fixture.upload("/bucket/k", &[("x-amz-checksum-algorithm", "CRC32")]);
        let part = format!("/bucket/k?partNumber=1&uploadId={id}");
        let put = fixture.ok("PUT", &part, &[], "hello");
        assert_eq!(put.header("etag"), Some("\"5d41402abc4b2a76b9719d911017c592\""));
        assert_eq!(put.header("x-amz-checksum-crc32"), Some("NhCmhg=="));
        fixture.ok("PUT", &part, &[], "other");
        assert_eq!(fixture.files(), 1);
        let sha1 = [("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=")];
        fixture.refused("PUT", &part, &sha1, "hello", (400, "InvalidRequest"));
        for number in ["0", "10001", "x", ""] {
            let part = format!("/bucket/k?partNumber={number}&uploadId={id}");
            fixture.refused("PUT", &part, &[], "", (400, "InvalidArgument"));
        }
        fixture.refused("PUT", "/bucket/k?partNumber=1&uploadId=x", &[], "", (404, "NoSuchUpload"));
        let other = format!("/bucket/other?partNumber=1&uploadId={id}");
        fixture.refused("PUT", &other, &[], "", (404, "NoSuchUpload"));
    }
}
