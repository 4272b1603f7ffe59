//! UploadPartCopy: a part out of an object that is there, or out of a stretch of it.

use aws_wire::Reply;

use super::copy_object::source;
use super::upload_part::{number, put, upload};
use crate::answer::{self, with};
use crate::bucket::hex;
use crate::encryption;
use crate::error::{Error, Result};
use crate::range::{self, Range};
use crate::request::Request;
use crate::service::S3;
use crate::upload::Part;
use crate::xml::Xml;

const RANGE: &str = "x-amz-copy-source-range";

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let number = number(request)?;
    let upload = upload(s3, request)?;
    let source = source(s3, request)?;
    let size = source.content.size();
    let stretch = match request.header(RANGE) {
        None => Range { from: 0, length: size },
        Some(text) => {
            let message = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are \
                           the zero-based offsets of the first and last bytes to copy";
            range::parse(text, size)?.ok_or_else(|| Error::argument(RANGE, text, message))?
        }
    };
    let blobs = &s3.directory().blobs;
    let opening = s3.secret(&source.bucket, source.content.seal.as_ref())?;
    let (mut bytes, mut before) = (Vec::new(), 0);
    for piece in &source.content.pieces {
        let from = stretch.from.saturating_sub(before);
        let left = stretch.length - bytes.len() as u64;
        if from < piece.length && left > 0 {
            bytes.extend(blobs.read(piece, from, left, opening.as_ref())?);
        }
        before += piece.length;
    }
    let checksum = upload.upload.algorithm.of(&bytes);
    let seal = upload.upload.seal.as_ref();
    let secret = s3.secret(&*s3.bucket(request)?, seal)?;
    let (piece, md5) = blobs.put(&bytes, secret.as_ref())?;
    let part = Part { number, piece, md5: hex(&md5), checksum, modified: s3.directory().now() };
    let part = put(s3, request, part)?;
    let document = Xml::document("CopyPartResult", |xml| {
        xml.text("ETag", format!("\"{}\"", part.md5));
        xml.text("LastModified", part.modified);
        part.checksum.write(xml);
    });
    let reply = encryption::described(answer::xml(document), seal);
    Ok(if source.versioned { with(reply, "x-amz-copy-source-version-id", &source.held.version.id) } else { reply })
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn of_the_whole_and_of_a_stretch() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/bucket/a", &[], "0123456789");
        let id = fixture.upload("/bucket/k", &[]);
        let part = format!("/bucket/k?partNumber=1&uploadId={id}");
        let source = ("x-amz-copy-source", "bucket/a");
        let copied = fixture.ok("PUT", &part, &[source, ("x-amz-copy-source-range", "bytes=2-4")], "");
        let etag = copied.xml("CopyPartResult").value("ETag").unwrap().to_owned();
        fixture.complete("/bucket/k", &id, &[(1, &etag)]);
        assert_eq!(fixture.ok("GET", "/bucket/k", &[], "").text(), "234");
        let id = fixture.upload("/bucket/k", &[]);
        let part = format!("/bucket/k?partNumber=1&uploadId={id}");
        fixture.ok("PUT", &part, &[source], "");
        fixture.refused("PUT", &part, &[source, ("x-amz-copy-source-range", "bytes=10-")], "", (416, "InvalidRange"));
        fixture.refused("PUT", &part, &[source, ("x-amz-copy-source-range", "2-4")], "", (400, "InvalidArgument"));
        fixture.refused("PUT", &part, &[("x-amz-copy-source", "bucket/none")], "", (404, "NoSuchKey"));
    }
}
