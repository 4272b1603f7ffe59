//! DeleteObjects: removes up to a thousand objects or versions at once.

use aws_wire::Reply;

use super::put_bucket_versioning::check_factor;
use crate::answer;
use crate::error::{Error, Result};
use crate::lock;
use crate::request::Request;
use crate::service::S3;
use crate::xml::{Xml, parse};

/// The most that one call takes.
const MOST: usize = 1000;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    if !request.has_checksum() && request.header("content-md5").is_none() {
        let message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        return Err(Error::InvalidRequest(message.into()));
    }
    request.checksum()?;
    let root = parse(&request.body, "Delete")?;
    let quiet = root.value("Quiet") == Some("true");
    let mut objects = Vec::new();
    for object in root.all("Object") {
        let key = object.value("Key").filter(|key| !key.is_empty()).ok_or(Error::XmlMalformed)?;
        if ["ETag", "LastModifiedTime", "Size"].iter().any(|name| object.child(name).is_some()) {
            return Err(Error::NotImplemented("conditions in DeleteObjects".into()));
        }
        objects.push((key, object.value("VersionId").filter(|version| !version.is_empty())));
    }
    if !(1..=MOST).contains(&objects.len()) {
        return Err(Error::XmlMalformed);
    }
    check_factor(request, &bucket, objects.iter().any(|(_, version)| version.is_some()))?;
    let deleted = s3.directory().write().delete(request.bucket(), &objects, lock::bypasses(request))?;
    Ok(answer::xml(Xml::document("DeleteResult", |xml| {
        for ((key, version), deleted) in objects.iter().zip(&deleted) {
            match deleted {
                Ok(_) if quiet => {}
                Ok(deleted) => xml.element("Deleted", |xml| {
                    xml.text("Key", key);
                    xml.maybe("VersionId", *version);
                    if deleted.marker {
                        xml.text("DeleteMarker", true);
                        xml.maybe("DeleteMarkerVersionId", deleted.version.as_ref());
                    }
                }),
                Err(error) => xml.element("Error", |xml| {
                    xml.text("Key", key);
                    xml.maybe("VersionId", *version);
                    xml.text("Code", error.code());
                    xml.text("Message", error);
                }),
            }
        }
    })))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    const DIGEST: [(&str, &str); 1] = [("x-amz-sdk-checksum-algorithm", "CRC32")];

    fn delete(keys: &[&str], more: &str) -> String {
        let objects: String = keys.iter().map(|key| format!("<Object><Key>{key}</Key></Object>")).collect();
        format!("<Delete>{objects}{more}</Delete>")
    }

    fn digest(body: &str) -> [(&'static str, String); 1] {
        [("x-amz-checksum-sha256", crate::checksum::Algorithm::Sha256.of(body.as_bytes()).value)]
    }

    fn call(fixture: &Fixture, body: &str) -> crate::fixture::Answer {
        let [(name, value)] = digest(body);
        fixture.call("POST", "/bucket?delete", &[(name, &value)], body)
    }

    #[test]
    fn many_at_once() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        for key in ["a", "b&", "c"] {
            fixture.ok("PUT", &format!("/bucket/{key}"), &[], "x");
        }
        let root = call(&fixture, &delete(&["a", "b&amp;", "none", "a"], "")).xml("DeleteResult");
        let keys: Vec<_> = root.all("Deleted").map(|deleted| deleted.value("Key").unwrap()).collect();
        assert_eq!(keys, ["a", "b&", "none", "a"]);
        let quiet = call(&fixture, &delete(&["none"], "<Quiet>true</Quiet>")).xml("DeleteResult");
        assert!(quiet.children.is_empty());
        fixture.restart();
        assert_eq!(fixture.ok("GET", "/bucket", &[], "").xml("ListBucketResult").all("Contents").count(), 1);
        fixture.versioning("bucket", "Enabled");
        let root = call(&fixture, &delete(&["c"], "")).xml("DeleteResult");
        assert_eq!(root.child("Deleted").unwrap().value("DeleteMarker"), Some("true"));
        let markers = |fixture: &Fixture| {
            fixture.ok("GET", "/bucket?versions", &[], "").xml("ListVersionsResult").all("DeleteMarker").count()
        };
        assert_eq!(markers(&fixture), 1);
        fixture.versioning("bucket", "Suspended");
        call(&fixture, &delete(&["c", "c"], "")).xml("DeleteResult");
        fixture.restart();
        assert_eq!(markers(&fixture), 2);
    }

    #[test]
    fn what_is_refused() {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        fixture.refused("POST", "/bucket?delete", &DIGEST, &delete(&["a"], ""), (400, "InvalidRequest"));
        let many = vec!["k"; 1001];
        for body in ["<Delete/>", "x", "<Delete><Object/></Delete>", &delete(&many, "")] {
            assert_eq!(call(&fixture, body).code(), "MalformedXML");
        }
        let condition = "<Delete><Object><Key>a</Key><ETag>x</ETag></Object></Delete>";
        assert_eq!(call(&fixture, condition).code(), "NotImplemented");
    }
}
