//! CopyObject: an object from another, with what is known about it or with something else. Bytes are shared, not copied.

use aws_wire::Reply;
use percent_encoding::percent_decode_str;
use std::sync::Arc;

use super::COPY_SOURCE;
use super::put_object::written;
use crate::acl::{self, Of};
use crate::answer::{self, with};
use crate::bucket::{Bucket, Versioning};
use crate::checksum::{Algorithm, Kind};
use crate::condition::{self, Standing};
use crate::encryption;
use crate::error::{Error, Result};
use crate::lock::Lock;
use crate::metadata;
use crate::object::{Content, Held};
use crate::request::Request;
use crate::service::S3;
use crate::tags;
use crate::xml::Xml;

/// What a request copies from.
pub(super) struct Source {
    pub(super) held: Arc<Held>,
    pub(super) content: Content,
    pub(super) versioned: bool,
    pub(super) bucket: Arc<Bucket>,
}

/// The object that a request copies from, if the conditions on it hold.
pub(super) fn source(s3: &S3, request: &Request) -> Result<Source> {
    let text = request.header(COPY_SOURCE).unwrap_or_default();
    let invalid = || {
        let message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";
        Error::argument(COPY_SOURCE, text, message)
    };
    let (path, version) = text.split_once("?versionId=").map_or((text, None), |(path, id)| (path, Some(id)));
    let path = percent_decode_str(path).decode_utf8().map_err(|_| invalid())?;
    let (bucket, key) = path.trim_start_matches('/').split_once('/').ok_or_else(invalid)?;
    if bucket.is_empty() || key.is_empty() {
        return Err(invalid());
    }
    let of = s3.bucket_of(&request.call.world.account, bucket)?;
    if request.header("x-amz-source-expected-bucket-owner").is_some_and(|owner| owner != of.account) {
        return Err(Error::AccessDenied);
    }
    let (held, content) = s3.object(bucket, key, version)?;
    metadata::check_readable(&content.headers)?;
    let standing = Standing { etag: &content.etag, modified: held.version.modified };
    condition::check_read(&standing, |name| request.header(&format!("{COPY_SOURCE}-{name}")), true)?;
    Ok(Source { held, content, versioned: of.versioning != Versioning::Off, bucket: of })
}

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let acl = acl::of_new(request, Of::Object, &bucket)?;
    let lock = Lock::of_new(request, &bucket, s3.directory().now())?;
    let source = source(s3, request)?;
    let directive = |name| match request.header(name) {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(other) => Err(Error::argument(name, other, "Unknown directive.")),
    };
    let said = metadata::of(&request.headers)?;
    let headers = match directive("x-amz-metadata-directive")? {
        true => said,
        false => {
            let mut headers = source.content.headers.clone();
            headers.retain(|name, _| !metadata::OF_A_COPY.contains(&name.as_str()));
            headers.extend(said.into_iter().filter(|(name, _)| metadata::OF_A_COPY.contains(&name.as_str())));
            headers
        }
    };
    let itself = source.bucket.name == request.bucket() && source.held.version.key == request.key();
    let latest = request.header(COPY_SOURCE).is_some_and(|text| !text.contains("?versionId="));
    let replaces = request.header("x-amz-metadata-directive") == Some("REPLACE");
    let changes = replaces || encryption::is_asked_for(request) || headers != source.content.headers;
    if itself && latest && !changes {
        return Err(Error::CopyOntoItself);
    }
    let tags = match directive("x-amz-tagging-directive")? {
        true => request.header("x-amz-tagging").map_or(Ok(Vec::new()), tags::from_header)?,
        false => source.content.tags.clone(),
    };
    let content = copied(s3, request, &source, &bucket)?;
    let content = Content { headers, tags, acl, lock, ..content };
    let (name, key) = (request.bucket(), request.key());
    let held =
        s3.add(name, key, content, |standing| condition::check_write(key, standing, |header| request.header(header)))?;
    let document = Xml::document("CopyObjectResult", |xml| {
        if let Some(content) = &held.version.content {
            xml.text("ETag", &content.etag);
            xml.text("LastModified", held.version.modified);
            content.checksum.write(xml);
            xml.text("ChecksumType", content.checksum.kind.name());
        }
    });
    let reply = written(answer::xml(document), &held, bucket.versioning);
    Ok(if source.versioned { with(reply, "x-amz-copy-source-version-id", &source.held.version.id) } else { reply })
}

/// The same bytes as one object; what was uploaded in parts is put together, and its ETag is that of the whole.
fn copied(s3: &S3, request: &Request, source: &Source, to: &Bucket) -> Result<Content> {
    let (blobs, from) = (&s3.directory().blobs, &source.content);
    let sealing = s3.sealing(to, request.key(), encryption::wish(request, to)?)?;
    let asked = request.header("x-amz-checksum-algorithm").map(Algorithm::parse).transpose()?;
    let algorithm = asked.unwrap_or(from.checksum.algorithm);
    // What is sealed, or is to be, is written anew: every object has a secret of its own.
    let open = from.seal.is_none() && sealing.is_none();
    if open && from.parts.is_none() && algorithm == from.checksum.algorithm && from.checksum.kind == Kind::FullObject {
        let mut copy = from.clone();
        for piece in &mut copy.pieces {
            *piece = blobs.link(piece)?;
        }
        return Ok(copy);
    }
    let bytes = s3.bytes(&source.bucket, from)?;
    let mut copy = s3.content(&bytes, from.headers.clone(), sealing)?;
    copy.checksum = algorithm.of(&bytes);
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    fn with_object() -> Fixture {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/other", &[], "");
        let headers = [("content-type", "text/plain"), ("x-amz-meta-a", "1"), ("x-amz-tagging", "t=1")];
        fixture.ok("PUT", "/bucket/a%20b", &headers, "hello");
        fixture
    }

    #[test]
    fn with_all_that_is_known() {
        let mut fixture = with_object();
        let copied = fixture.ok("PUT", "/other/c", &[("x-amz-copy-source", "/bucket/a%20b")], "");
        let root = copied.xml("CopyObjectResult");
        assert_eq!(root.value("ETag"), Some("\"5d41402abc4b2a76b9719d911017c592\""));
        fixture.ok("DELETE", "/bucket/a%20b", &[], "");
        fixture.restart();
        let got = fixture.ok("GET", "/other/c", &[], "");
        assert_eq!((got.text(), got.header("content-type")), ("hello", Some("text/plain")));
        assert_eq!((got.header("x-amz-meta-a"), got.header("x-amz-tagging-count")), (Some("1"), Some("1")));
    }

    #[test]
    fn with_something_else() {
        let fixture = with_object();
        let headers = [
            ("x-amz-copy-source", "bucket/a%20b"),
            ("x-amz-metadata-directive", "REPLACE"),
            ("x-amz-tagging-directive", "REPLACE"),
            ("x-amz-checksum-algorithm", "SHA256"),
            ("x-amz-meta-b", "2"),
        ];
        fixture.ok("PUT", "/bucket/a%20b", &headers, "");
        let got = fixture.ok("GET", "/bucket/a%20b", &[("x-amz-checksum-mode", "ENABLED")], "");
        assert_eq!((got.header("x-amz-meta-a"), got.header("x-amz-meta-b")), (None, Some("2")));
        assert!(got.header("x-amz-checksum-sha256").is_some() && got.header("x-amz-tagging-count").is_none());
    }

    #[test]
    fn what_is_refused() {
        let fixture = with_object();
        let refused = |source: &str, more: (&str, &str), error: (u16, &str)| {
            fixture.refused("PUT", "/bucket/a%20b", &[("x-amz-copy-source", source), more], "", error);
        };
        let none = ("x-none", "");
        refused("bucket/a%20b", none, (400, "InvalidRequest"));
        refused("bucket", none, (400, "InvalidArgument"));
        refused("/", none, (400, "InvalidArgument"));
        refused("none/k", none, (404, "NoSuchBucket"));
        refused("bucket/none", none, (404, "NoSuchKey"));
        refused("bucket/a%20b?versionId=x", none, (404, "NoSuchVersion"));
        refused("bucket/a%20b", ("x-amz-copy-source-if-match", "x"), (412, "PreconditionFailed"));
        let unchanged = ("x-amz-copy-source-if-none-match", "5d41402abc4b2a76b9719d911017c592");
        refused("bucket/a%20b", unchanged, (412, "PreconditionFailed"));
        refused("bucket/a%20b", ("x-amz-metadata-directive", "MOVE"), (400, "InvalidArgument"));
        assert_eq!(fixture.files(), 1);
    }
}
