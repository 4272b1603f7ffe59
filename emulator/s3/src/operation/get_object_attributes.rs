//! GetObjectAttributes: what is known about an object, as a document, and only what is asked for.

use aws_wire::Reply;

use super::get_object::storage_class;
use crate::answer::{self, with, with_maybe};
use crate::bucket::Versioning;
use crate::date;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::service::S3;
use crate::xml::Xml;

const ASKED: &str = "x-amz-object-attributes";
const KNOWN: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let (held, content) = s3.object(request.bucket(), request.key(), request.version())?;
    let values = request.headers.get_all(ASKED).iter().filter_map(|value| value.to_str().ok());
    let asked: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    if asked.is_empty() || !asked.iter().all(|name| KNOWN.contains(name)) {
        return Err(Error::argument(ASKED, &asked.join(","), "Invalid attribute name specified."));
    }
    let has = |name: &str| asked.contains(&name);
    let document = Xml::document("GetObjectAttributesResponse", |xml| {
        // Here, and nowhere else, without its quotes.
        xml.maybe("ETag", has("ETag").then(|| content.etag.trim_matches('"')));
        if has("Checksum") {
            xml.element("Checksum", |xml| {
                content.checksum.write(xml);
                xml.text("ChecksumType", content.checksum.kind.name());
            });
        }
        if let Some(parts) = content.parts.as_ref().filter(|_| has("ObjectParts")) {
            xml.element("ObjectParts", |xml| xml.text("PartsCount", parts.len()));
        }
        xml.maybe("StorageClass", has("StorageClass").then(|| storage_class(&content.headers)));
        xml.maybe("ObjectSize", has("ObjectSize").then(|| content.size()));
    });
    let reply = with(answer::xml(document), "last-modified", &date::print(held.version.modified));
    let versioned = bucket.versioning != Versioning::Off;
    Ok(with_maybe(reply, "x-amz-version-id", versioned.then_some(held.version.id.as_str())))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    const ASKED: &str = super::ASKED;

    #[test]
    fn only_what_is_asked_for() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.ok("PUT", "/bucket/k", &[], "hello");
        let of =
            |path: &str, names: &str| fixture.ok("GET", path, &[(ASKED, names)], "").xml("GetObjectAttributesResponse");
        let some = of("/bucket/k?attributes", "ETag,ObjectSize, ObjectParts");
        assert_eq!(some.value("ETag"), Some("5d41402abc4b2a76b9719d911017c592"));
        assert_eq!((some.value("ObjectSize"), some.children.len()), (Some("5"), 2));
        let id = fixture.upload("/bucket/parts", &[]);
        let etag = fixture.part("/bucket/parts", &id, 1, "part");
        fixture.complete("/bucket/parts", &id, &[(1, &etag)]);
        let parts = of("/bucket/parts?attributes", "ObjectParts,Checksum,StorageClass");
        assert_eq!(parts.child("ObjectParts").unwrap().value("PartsCount"), Some("1"));
        assert_eq!(parts.child("Checksum").unwrap().value("ChecksumType"), Some("FULL_OBJECT"));
        assert_eq!(parts.value("StorageClass"), Some("STANDARD"));
    }

    #[test]
    fn what_is_refused() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.refused("GET", "/bucket/k?attributes", &[(ASKED, "ETag")], "", (404, "NoSuchKey"));
        fixture.ok("PUT", "/bucket/k", &[], "hello");
        fixture.refused("GET", "/bucket/k?attributes", &[(ASKED, "Colour")], "", (400, "InvalidArgument"));
        fixture.refused("GET", "/bucket/k?attributes", &[], "", (400, "InvalidArgument"));
    }
}
