//! GetObject and HeadObject: an object, a stretch of it, or what is to be known about it.
//!
//! What is large is read piece by piece while it is sent. A file that cannot be read ends the answer early, and the client sees
//! that it is shorter than it was said to be.

use std::sync::Arc;

use aws_wire::{Body, Reply};
use bytes::Bytes;
use futures_util::stream;
use http::{Method, StatusCode};

use crate::answer::{empty, with, with_maybe};
use crate::blobs::Blobs;
use crate::bucket::Versioning;
use crate::condition::{self, Standing};
use crate::date;
use crate::encryption;
use crate::error::{Error, Result};
use crate::lock;
use crate::metadata;
use crate::object::{Content, Held};
use crate::range::{self, Range};
use crate::request::Request;
use crate::sealing::Secret;
use crate::service::{S3, blocking};

/// What is no longer than this is read at once.
const AT_ONCE: u64 = 512 * 1024;

/// Parameters that change a header of the answer.
const OVERRIDES: [(&str, &str); 6] = [
    ("response-cache-control", "cache-control"),
    ("response-content-disposition", "content-disposition"),
    ("response-content-encoding", "content-encoding"),
    ("response-content-language", "content-language"),
    ("response-content-type", "content-type"),
    ("response-expires", "expires"),
];

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let (held, content) = s3.object(request.bucket(), request.key(), request.version())?;
    let standing = Standing { etag: &content.etag, modified: held.version.modified };
    condition::check_read(&standing, |name| request.header(name), false)?;
    if request.method != Method::HEAD {
        metadata::check_readable(&content.headers)?;
    }
    let (size, part) = (content.size(), part(request, &content)?);
    let asked = request.header("range").filter(|_| part.is_none());
    let range = asked.map_or(Ok(None), |text| range::parse(text, size))?.or(part);
    let stretch = range.unwrap_or(Range { from: 0, length: size });
    let mut reply = empty(if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK });
    if range.is_some() {
        let last = (stretch.from + stretch.length).saturating_sub(1);
        reply = with(reply, "content-range", &format!("bytes {}-{last}/{size}", stretch.from));
    }
    reply = with(reply, "content-length", &stretch.length.to_string());
    if let Some(parts) = content.parts.as_ref().filter(|_| part.is_some()) {
        reply = with(reply, "x-amz-mp-parts-count", &parts.len().to_string());
    }
    let versioned = bucket.versioning != Versioning::Off;
    reply = with_maybe(reply, "x-amz-version-id", versioned.then_some(held.version.id.as_str()));
    if range.is_none() && request.header("x-amz-checksum-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("enabled"))
    {
        reply = with(reply, content.checksum.algorithm.header(), &content.checksum.value);
        reply = with(reply, "x-amz-checksum-type", content.checksum.kind.name());
    }
    reply = described(reply, request, &held, &content);
    if request.method != Method::HEAD {
        let secret = s3.secret(&bucket, content.seal.as_ref())?;
        *reply.body_mut() = body(&s3.directory().blobs, held, stretch, secret)?;
    }
    Ok(reply)
}

/// The part that is asked for by its number.
fn part(request: &Request, content: &Content) -> Result<Option<Range>> {
    let Some(text) = request.query("partNumber") else { return Ok(None) };
    let invalid =
        || Error::argument("partNumber", text, "Part number must be an integer between 1 and 10000, inclusive");
    let number: usize = text.parse().ok().filter(|number| (1..=10_000).contains(number)).ok_or_else(invalid)?;
    let whole = [content.size()];
    let parts = content.parts.as_deref().unwrap_or(&whole);
    let length = *parts
        .get(number - 1)
        .ok_or_else(|| Error::RangeNotSatisfiable { range: format!("part {number}"), size: content.size() })?;
    // Nothing of nothing is no range.
    Ok((length > 0).then(|| Range { from: parts[..number - 1].iter().sum(), length }))
}

fn described(mut reply: Reply, request: &Request, held: &Held, content: &Content) -> Reply {
    reply = with(reply, "accept-ranges", "bytes");
    reply = with(reply, "etag", &content.etag);
    reply = with(reply, "last-modified", &date::print(held.version.modified));
    reply = encryption::described(reply, content.seal.as_ref());
    reply = lock::described(reply, &content.lock);
    for (name, value) in &content.headers {
        reply = with(reply, name, value);
    }
    if !content.tags.is_empty() {
        reply = with(reply, "x-amz-tagging-count", &content.tags.len().to_string());
    }
    for (parameter, header) in OVERRIDES {
        reply = with_maybe(reply, header, request.query(parameter));
    }
    reply
}

/// Where an object that is being sent has come to.
struct Reading {
    blobs: Arc<Blobs>,
    /// Keeps its files.
    held: Arc<Held>,
    piece: usize,
    /// In the piece.
    from: u64,
    left: u64,
    secret: Option<Secret>,
}

fn body(blobs: &Arc<Blobs>, held: Arc<Held>, stretch: Range, secret: Option<Secret>) -> Result<Body> {
    let (from, left) = (stretch.from, stretch.length);
    let mut reading = Reading { blobs: Arc::clone(blobs), held, piece: 0, from, left, secret };
    if stretch.length <= AT_ONCE {
        let mut whole = Vec::new();
        while let Some(bytes) = reading.next()? {
            whole.extend_from_slice(&bytes);
        }
        return Ok(Bytes::from(whole).into());
    }
    let pieces = std::iter::from_fn(move || {
        blocking(|| reading.next()).unwrap_or_else(|error| {
            tracing::error!(key = reading.held.version.key, %error, "an object ends before its end");
            None
        })
    });
    Ok(Body::Stream(Box::pin(stream::iter(pieces))))
}

impl Reading {
    fn next(&mut self) -> Result<Option<Bytes>> {
        let pieces = self.held.version.content.as_ref().map(|content| content.pieces.as_slice()).unwrap_or_default();
        while let Some(piece) = pieces.get(self.piece).filter(|_| self.left > 0) {
            if self.from >= piece.length {
                self.from -= piece.length;
                self.piece += 1;
                continue;
            }
            let bytes = self.blobs.read(piece, self.from, self.left.min(AT_ONCE), self.secret.as_ref())?;
            self.from += bytes.len() as u64;
            self.left -= bytes.len() as u64;
            return Ok(Some(bytes.into()));
        }
        Ok(None)
    }
}

/// The storage class that a list shows.
pub(super) fn storage_class(headers: &metadata::Headers) -> &str {
    headers.get(metadata::STORAGE_CLASS).map_or("STANDARD", String::as_str)
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    fn with_object() -> Fixture {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/bucket/k", &[], "0123456789");
        fixture
    }

    #[test]
    fn whole_and_in_stretches() {
        let fixture = with_object();
        let whole = fixture.ok("GET", "/bucket/k", &[], "");
        assert_eq!((whole.status, whole.text(), whole.header("content-length")), (200, "0123456789", Some("10")));
        assert_eq!(whole.header("last-modified"), Some("Tue, 14 Nov 2023 22:13:20 GMT"));
        assert_eq!(whole.header("accept-ranges"), Some("bytes"));
        assert_eq!(whole.header("x-amz-checksum-crc64nvme"), None);
        let head = fixture.ok("HEAD", "/bucket/k", &[("x-amz-checksum-mode", "ENABLED")], "");
        assert_eq!((head.text(), head.header("content-length")), ("", Some("10")));
        assert!(head.header("x-amz-checksum-crc64nvme").is_some());
        let range = fixture.ok("GET", "/bucket/k", &[("range", "bytes=2-4")], "");
        assert_eq!((range.status, range.text()), (206, "234"));
        assert_eq!(range.header("content-range"), Some("bytes 2-4/10"));
        fixture.refused("GET", "/bucket/k", &[("range", "bytes=10-")], "", (416, "InvalidRange"));
        assert_eq!(fixture.ok("GET", "/bucket/k", &[("range", "lines=1")], "").status, 200);
        let first = fixture.ok("GET", "/bucket/k?partNumber=1", &[], "");
        assert_eq!((first.status, first.text()), (206, "0123456789"));
        fixture.refused("GET", "/bucket/k?partNumber=2", &[], "", (416, "InvalidRange"));
        fixture.refused("GET", "/bucket/k?partNumber=x", &[], "", (400, "InvalidArgument"));
    }

    #[test]
    fn what_is_large_comes_in_pieces() {
        let fixture = with_object();
        let large = "0123456789abcdef".repeat(100_000);
        fixture.ok("PUT", "/bucket/large", &[], &large);
        let whole = fixture.ok("GET", "/bucket/large", &[], "");
        assert_eq!(whole.header("content-length"), Some("1600000"));
        assert!(whole.text() == large);
        let range = fixture.ok("GET", "/bucket/large", &[("range", "bytes=7-1500000")], "");
        assert!(range.text() == &large[7..=1_500_000]);
    }

    #[test]
    fn conditions_and_overrides() {
        let fixture = with_object();
        let etag = fixture.ok("HEAD", "/bucket/k", &[], "").header("etag").unwrap().to_owned();
        let unchanged = fixture.call("GET", "/bucket/k", &[("if-none-match", &etag)], "");
        assert_eq!((unchanged.status, unchanged.text(), unchanged.header("etag")), (304, "", Some(etag.as_str())));
        fixture.refused("GET", "/bucket/k", &[("if-match", "x")], "", (412, "PreconditionFailed"));
        let get = "/bucket/k?response-content-type=text%2Fcsv&response-cache-control=no-store";
        let got = fixture.ok("GET", get, &[], "");
        assert_eq!((got.header("content-type"), got.header("cache-control")), (Some("text/csv"), Some("no-store")));
    }

    #[test]
    fn what_is_not_there() {
        let fixture = with_object();
        fixture.refused("GET", "/bucket/none", &[], "", (404, "NoSuchKey"));
        let head = fixture.call("HEAD", "/bucket/none", &[], "");
        assert_eq!((head.status, head.text()), (404, ""));
        fixture.versioning("bucket", "Enabled");
        let deleted = fixture.ok("DELETE", "/bucket/k", &[], "");
        let marker = deleted.header("x-amz-version-id").unwrap().to_owned();
        let gone = fixture.refused("GET", "/bucket/k", &[], "", (404, "NoSuchKey"));
        assert_eq!(gone.header("x-amz-delete-marker"), Some("true"));
        fixture.refused("GET", &format!("/bucket/k?versionId={marker}"), &[], "", (405, "MethodNotAllowed"));
    }

    #[test]
    fn who_reads_what_is_overwritten_reads_to_the_end() {
        let fixture = with_object();
        let large = "x".repeat(2_000_000);
        fixture.ok("PUT", "/bucket/large", &[], &large);
        let reading = fixture.begin("GET", "/bucket/large");
        fixture.ok("PUT", "/bucket/large", &[], "new");
        assert_eq!(fixture.files(), 3);
        assert!(crate::fixture::Answer::of(reading).text() == large);
        assert_eq!(fixture.files(), 2);
    }
}
