//! CompleteMultipartUpload: makes an object of the parts that are listed, in their order, without copying a byte.

use aws_wire::Reply;
use http::{StatusCode, header};
use md5::{Digest as _, Md5};

use super::put_object::written;
use super::upload_part::upload;
use crate::answer;
use crate::bucket::hex;
use crate::checksum::Algorithm;
use crate::condition;
use crate::error::{Error, Result};
use crate::object::Content;
use crate::request::Request;
use crate::service::S3;
use crate::upload::{Part, Parts, SMALLEST_PART};
use crate::xml::{Element, Xml, parse};

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let root = parse(&request.body, "CompleteMultipartUpload")?;
    let (name, key) = (request.bucket(), request.key());
    let mut writing = s3.directory().write();
    let upload = upload(s3, request)?;
    let listed = listed(&root, &upload)?;
    let mut content = content(&upload, &listed)?;
    content.lock = content.lock.or_of_bucket(&bucket, s3.directory().now());
    if let Some(said) = request.header(content.checksum.algorithm.header()) {
        // A client may leave out how many parts there are.
        if said.split('-').next() != content.checksum.value.split('-').next() {
            let what = content.checksum.algorithm.name();
            return Err(Error::DigestWrong { what, with: "the calculated checksum" });
        }
    }
    if let Some(size) = request.header("x-amz-mp-object-size").filter(|size| size.parse() != Ok(content.size())) {
        let message = format!(
            "The provided 'x-amz-mp-object-size' header value {size} does not match what was computed: {}",
            content.size()
        );
        return Err(Error::InvalidRequest(message));
    }
    let newest = s3.read(name, |shelf| shelf.newest(key).and_then(|held| held.version.content.clone()))?;
    let etag = newest.as_ref().map(|content| content.etag.as_str());
    condition::check_write(key, etag, |header| request.header(header))?;
    let held = writing.add(name, key, Some(content), Some(&upload))?;
    let left_over = upload.parts.values().filter(|part| listed.iter().all(|listed| listed.number != part.number));
    writing.remove_blobs(left_over);
    drop(writing);
    let host = request.header(header::HOST.as_str()).unwrap_or("localhost");
    let document = Xml::document("CompleteMultipartUploadResult", |xml| {
        xml.text("Location", format!("http://{host}/{name}/{key}"));
        xml.text("Bucket", name);
        xml.text("Key", key);
        if let Some(content) = &held.version.content {
            xml.text("ETag", &content.etag);
            content.checksum.write(xml);
            xml.text("ChecksumType", content.checksum.kind.name());
        }
    });
    let mut reply = written(answer::xml(document), &held, bucket.versioning);
    *reply.status_mut() = StatusCode::OK;
    Ok(reply)
}

/// The parts that the client lists, if they are as it says.
fn listed<'a>(root: &Element, upload: &'a Parts) -> Result<Vec<&'a Part>> {
    let mut listed: Vec<&Part> = Vec::new();
    for element in root.all("Part") {
        let number: u32 =
            element.value("PartNumber").and_then(|text| text.trim().parse().ok()).ok_or(Error::XmlMalformed)?;
        if listed.last().is_some_and(|last| last.number >= number) {
            return Err(Error::PartOrder);
        }
        let etag = element.value("ETag").ok_or(Error::XmlMalformed)?.trim().trim_matches('"');
        let part = upload.parts.get(&number).filter(|part| part.md5 == etag).ok_or(Error::PartInvalid { number })?;
        let mut checksums =
            Algorithm::ALL.into_iter().filter_map(|algorithm| Some((algorithm, element.value(algorithm.element())?)));
        if checksums.any(|(algorithm, value)| algorithm == part.checksum.algorithm && value != part.checksum.value) {
            return Err(Error::PartInvalid { number });
        }
        listed.push(part);
    }
    let Some((_, others)) = listed.split_last() else { return Err(Error::XmlMalformed) };
    match others.iter().find(|part| part.size() < SMALLEST_PART) {
        Some(small) => Err(Error::PartTooSmall { number: small.number, size: small.size() }),
        None => Ok(listed),
    }
}

fn content(upload: &Parts, listed: &[&Part]) -> Result<Content> {
    let Parts { upload, .. } = upload;
    let mut md5s = Md5::new();
    for part in listed {
        md5s.update(unhex(&part.md5));
    }
    let md5: [u8; 16] = md5s.finalize().into();
    let checksums: Vec<_> = listed.iter().map(|part| (&part.checksum, part.size())).collect();
    Ok(Content {
        pieces: listed.iter().filter_map(|part| part.piece.clone()).collect(),
        etag: format!("\"{}-{}\"", hex(&md5), listed.len()),
        headers: upload.headers.clone(),
        tags: upload.tags.clone(),
        checksum: upload.algorithm.of_parts(upload.kind, &checksums)?,
        parts: Some(listed.iter().map(|part| part.size()).collect()),
        seal: upload.seal.clone(),
        acl: upload.acl.clone(),
        lock: upload.lock.clone(),
    })
}

/// The bytes of our own hex.
fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn parts_become_an_object() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let id = fixture.upload("/bucket/k", &[("x-amz-meta-a", "1"), ("x-amz-tagging", "t=1")]);
        let large = "x".repeat(usize::try_from(SMALLEST_PART).unwrap());
        let etags = [(3, "never used"), (2, "end"), (1, &large)]
            .map(|(number, body)| fixture.part("/bucket/k", &id, number, body));
        fixture.restart();
        fixture.complete("/bucket/k", &id, &[(1, &etags[2]), (2, &etags[1])]);
        assert_eq!(fixture.files(), 2);
        fixture.restart();
        let got = fixture.ok("GET", "/bucket/k", &[("x-amz-checksum-mode", "ENABLED")], "");
        assert!(got.text().len() == large.len() + 3 && got.text().ends_with("xend"));
        assert_eq!((got.header("x-amz-meta-a"), got.header("x-amz-tagging-count")), (Some("1"), Some("1")));
        let whole = Algorithm::Crc64Nvme.of(got.text().as_bytes());
        assert_eq!(got.header("x-amz-checksum-crc64nvme"), Some(whole.value.as_str()));
        let md5s = [unhex(etags[2].trim_matches('"')), unhex(etags[1].trim_matches('"'))].concat();
        let md5: [u8; 16] = Md5::digest(md5s).into();
        assert_eq!(got.header("etag"), Some(format!("\"{}-2\"", hex(&md5)).as_str()));
        let second = fixture.ok("GET", "/bucket/k?partNumber=2", &[], "");
        assert_eq!((second.text(), second.header("x-amz-mp-parts-count")), ("end", Some("2")));
        let over = format!("bytes={}-", large.len() - 1);
        assert_eq!(fixture.ok("GET", "/bucket/k", &[("range", &over)], "").text(), "xend");
        let copied = fixture.ok("PUT", "/bucket/c", &[("x-amz-copy-source", "bucket/k")], "").xml("CopyObjectResult");
        assert!(!copied.value("ETag").unwrap().contains('-'));
        let gone = format!("/bucket/k?uploadId={id}");
        fixture.refused("POST", &gone, &[], "<CompleteMultipartUpload/>", (404, "NoSuchUpload"));
    }

    #[test]
    fn what_is_refused() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let id = fixture.upload("/bucket/k", &[]);
        let (one, two) = (fixture.part("/bucket/k", &id, 1, "one"), fixture.part("/bucket/k", &id, 2, "two"));
        let path = format!("/bucket/k?uploadId={id}");
        let refused = |parts: &[(u32, &str)], error| fixture.refused("POST", &path, &[], &Fixture::parts(parts), error);
        refused(&[], (400, "MalformedXML"));
        refused(&[(2, &two), (1, &one)], (400, "InvalidPartOrder"));
        refused(&[(1, &two)], (400, "InvalidPart"));
        refused(&[(3, &two)], (400, "InvalidPart"));
        refused(&[(1, &one), (2, &two)], (400, "EntityTooSmall"));
        let parts = Fixture::parts(&[(1, &one)]);
        let wrong = [("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")];
        fixture.refused("POST", &path, &wrong, &parts, (400, "BadDigest"));
        fixture.refused("POST", &path, &[("x-amz-mp-object-size", "4")], &parts, (400, "InvalidRequest"));
        fixture.ok("PUT", "/bucket/k", &[], "x");
        fixture.refused("POST", &path, &[("if-none-match", "*")], &parts, (412, "PreconditionFailed"));
        fixture.ok("POST", &path, &[], &parts);
    }
}
