//! GetObjectLegalHold and PutObjectLegalHold: whether somebody holds a version, which then stays however long it was to be kept.

use aws_wire::Reply;
use http::StatusCode;

use super::put_object_tagging::with_version;
use crate::answer;
use crate::error::{Error, Result};
use crate::lock;
use crate::request::Request;
use crate::service::S3;
use crate::xml::{Xml, parse};

pub(super) fn get(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let (held, content) = s3.object(request.bucket(), request.key(), request.version())?;
    lock::check_can_lock(&bucket)?;
    let is_held = content.lock.held.ok_or_else(|| Error::ObjectNotLocked { key: request.key().to_owned() })?;
    let document = Xml::document("LegalHold", |xml| xml.text("Status", if is_held { "ON" } else { "OFF" }));
    Ok(with_version(answer::xml(document), &bucket, &held))
}

pub(super) fn put(s3: &S3, request: &Request) -> Result<Reply> {
    request.checksum()?;
    let writing = s3.directory().write();
    let bucket = s3.bucket(request)?;
    let (held, _) = s3.object(request.bucket(), request.key(), request.version())?;
    lock::check_can_lock(&bucket)?;
    let is_held = match parse(&request.body, "LegalHold")?.value("Status") {
        Some("ON") => true,
        Some("OFF") => false,
        _ => return Err(Error::XmlMalformed),
    };
    writing.change_version(request.bucket(), &held, |content| content.lock.held = Some(is_held))?;
    Ok(with_version(answer::empty(StatusCode::OK), &bucket, &held))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn what_is_held_stays() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[("x-amz-bucket-object-lock-enabled", "true")], "");
        let put = fixture.ok("PUT", "/bucket/k", &[], "x");
        let version = format!("/bucket/k?versionId={}", put.header("x-amz-version-id").unwrap());
        fixture.refused("GET", "/bucket/k?legal-hold", &[], "", (404, "NoSuchObjectLockConfiguration"));
        fixture.ok("PUT", "/bucket/k?legal-hold", &[], "<LegalHold><Status>ON</Status></LegalHold>");
        fixture.restart();
        let status = |fixture: &Fixture| {
            let root = fixture.ok("GET", "/bucket/k?legal-hold", &[], "").xml("LegalHold");
            root.value("Status").unwrap().to_owned()
        };
        assert_eq!(status(&fixture), "ON");
        assert_eq!(fixture.ok("HEAD", "/bucket/k", &[], "").header("x-amz-object-lock-legal-hold"), Some("ON"));
        let bypass = [("x-amz-bypass-governance-retention", "true")];
        fixture.refused("DELETE", &version, &bypass, "", (403, "AccessDenied"));
        for body in ["<x/>", "<LegalHold/>", "<LegalHold><Status>MAYBE</Status></LegalHold>"] {
            fixture.refused("PUT", "/bucket/k?legal-hold", &[], body, (400, "MalformedXML"));
        }
        fixture.ok("PUT", "/bucket/k?legal-hold", &[], "<LegalHold><Status>OFF</Status></LegalHold>");
        assert_eq!(status(&fixture), "OFF");
        fixture.ok("DELETE", &version, &[], "");
        let digest = ("content-md5", "ndTkYSaMgDT1yFZOFVxnpg==");
        let held = fixture.ok("PUT", "/bucket/k", &[("x-amz-object-lock-legal-hold", "ON"), digest], "x");
        let version = format!("/bucket/k?versionId={}", held.header("x-amz-version-id").unwrap());
        fixture.refused("DELETE", &version, &[], "", (403, "AccessDenied"));
    }
}
