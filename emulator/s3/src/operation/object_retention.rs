//! GetObjectRetention and PutObjectRetention: until when a version is kept. What is kept can be kept longer by anybody, and
//! shorter only under GOVERNANCE, by who says so.

use aws_wire::{Reply, parse_iso};
use http::StatusCode;

use super::put_object_tagging::with_version;
use crate::answer;
use crate::error::{Error, Result};
use crate::lock::{self, Mode, Retention};
use crate::request::Request;
use crate::service::S3;
use crate::xml::{Xml, parse};

pub(super) fn get(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let (held, content) = s3.object(request.bucket(), request.key(), request.version())?;
    lock::check_can_lock(&bucket)?;
    let missing = || Error::ObjectNotLocked { key: request.key().to_owned() };
    let retention = content.lock.retention.ok_or_else(missing)?;
    let document = Xml::document("Retention", |xml| {
        xml.text("Mode", retention.mode.name());
        xml.text("RetainUntilDate", retention.until);
    });
    Ok(with_version(answer::xml(document), &bucket, &held))
}

pub(super) fn put(s3: &S3, request: &Request) -> Result<Reply> {
    request.checksum()?;
    let writing = s3.directory().write();
    let bucket = s3.bucket(request)?;
    let (held, content) = s3.object(request.bucket(), request.key(), request.version())?;
    lock::check_can_lock(&bucket)?;
    let root = parse(&request.body, "Retention")?;
    let now = s3.directory().now();
    let retention = match (root.value("Mode"), root.value("RetainUntilDate")) {
        (None, None) => None,
        (Some(mode), Some(text)) => {
            let mode = Mode::of(mode).ok_or(Error::XmlMalformed)?;
            let until = parse_iso(text.trim()).ok_or(Error::XmlMalformed)?;
            Some(Retention::new(mode, until, text, now)?)
        }
        _ => return Err(Error::XmlMalformed),
    };
    if !content.lock.allows(retention.as_ref(), now, lock::bypasses(request)) {
        return Err(Error::ObjectLocked);
    }
    writing.change_version(request.bucket(), &held, |content| content.lock.retention = retention)?;
    Ok(with_version(answer::empty(StatusCode::OK), &bucket, &held))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    /// A bucket that can lock, with an object that is not locked.
    fn locking() -> Fixture {
        let fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[("x-amz-bucket-object-lock-enabled", "true")], "");
        fixture.ok("PUT", "/bucket/k", &[], "x");
        fixture
    }

    fn retention(mode: &str, until: &str) -> String {
        format!("<Retention><Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>")
    }

    const BYPASS: [(&str, &str); 1] = [("x-amz-bypass-governance-retention", "true")];
    const DIGEST: (&str, &str) = ("content-md5", "ndTkYSaMgDT1yFZOFVxnpg==");

    #[test]
    fn put_and_got() {
        let mut fixture = locking();
        let code = "NoSuchObjectLockConfiguration";
        fixture.refused("GET", "/bucket/k?retention", &[], "", (404, code));
        fixture.ok("PUT", "/bucket/k?retention", &[], &retention("GOVERNANCE", "2030-01-31T00:00:00Z"));
        fixture.restart();
        let found = fixture.ok("GET", "/bucket/k?retention", &[], "").xml("Retention");
        assert_eq!(found.value("Mode"), Some("GOVERNANCE"));
        assert_eq!(found.value("RetainUntilDate"), Some("2030-01-31T00:00:00.000Z"));
        let head = fixture.ok("HEAD", "/bucket/k", &[], "");
        assert_eq!(head.header("x-amz-object-lock-mode"), Some("GOVERNANCE"));
        assert_eq!(head.header("x-amz-object-lock-retain-until-date"), Some("2030-01-31T00:00:00.000Z"));
        let earlier = retention("GOVERNANCE", "2029-01-31T00:00:00Z");
        fixture.refused("PUT", "/bucket/k?retention", &[], &earlier, (403, "AccessDenied"));
        fixture.refused("PUT", "/bucket/k?retention", &[], "<Retention/>", (403, "AccessDenied"));
        fixture.ok("PUT", "/bucket/k?retention", &BYPASS, &earlier);
        fixture.ok("PUT", "/bucket/k?retention", &BYPASS, "<Retention/>");
        fixture.refused("GET", "/bucket/k?retention", &[], "", (404, code));
        fixture.ok("PUT", "/bucket/k?retention", &[], &retention("COMPLIANCE", "2030-01-31T00:00:00Z"));
        fixture.refused("PUT", "/bucket/k?retention", &BYPASS, &earlier, (403, "AccessDenied"));
        fixture.ok("PUT", "/bucket/k?retention", &[], &retention("COMPLIANCE", "2031-01-31T00:00:00Z"));
    }

    #[test]
    fn what_is_kept_is_not_deleted() {
        let mut fixture = locking();
        let put = |fixture: &Fixture, key: &str, mode: &str| {
            let until = ("x-amz-object-lock-retain-until-date", "2030-01-31T00:00:00Z");
            let path = format!("/bucket/{key}");
            let put = fixture.ok("PUT", &path, &[("x-amz-object-lock-mode", mode), until, DIGEST], "x");
            format!("{path}?versionId={}", put.header("x-amz-version-id").unwrap())
        };
        let (governed, complied) = (put(&fixture, "g", "GOVERNANCE"), put(&fixture, "c", "COMPLIANCE"));
        fixture.restart();
        for path in [&governed, &complied] {
            fixture.refused("DELETE", path, &[], "", (403, "AccessDenied"));
        }
        fixture.refused("DELETE", &complied, &BYPASS, "", (403, "AccessDenied"));
        // A marker takes nothing away.
        fixture.ok("DELETE", "/bucket/c", &[], "");
        fixture.ok("GET", &complied, &[], "");
        let versions = [&governed, &complied].map(|path| path.strip_prefix("/bucket/").unwrap());
        let object = |path: &str| {
            let (key, version) = path.split_once("?versionId=").unwrap();
            format!("<Object><Key>{key}</Key><VersionId>{version}</VersionId></Object>")
        };
        let body = format!("<Delete>{}{}</Delete>", object(versions[0]), object(versions[1]));
        let digest = crate::checksum::Algorithm::Sha256.of(body.as_bytes()).value;
        let headers = [("x-amz-checksum-sha256", digest.as_str()), BYPASS[0]];
        let answer = fixture.ok("POST", "/bucket?delete", &headers, &body).xml("DeleteResult");
        assert_eq!(answer.child("Deleted").unwrap().value("Key"), Some("g"));
        let error = answer.child("Error").unwrap();
        assert_eq!((error.value("Key"), error.value("Code")), (Some("c"), Some("AccessDenied")));
        assert_eq!(error.value("Message"), Some("Access Denied because object protected by object lock."));
        fixture.restart();
        fixture.refused("GET", &governed, &[], "", (404, "NoSuchVersion"));
        fixture.ok("GET", &complied, &[], "");
    }

    #[test]
    fn what_buckets_say_about_new_objects() {
        let mut fixture = locking();
        let document = |rule: &str| {
            format!(
                "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{rule}</ObjectLockConfiguration>"
            )
        };
        let rule = "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>2</Days></DefaultRetention></Rule>";
        fixture.ok("PUT", "/bucket?object-lock", &[], &document(rule));
        fixture.restart();
        assert!(fixture.ok("GET", "/bucket?object-lock", &[], "").text().contains("<Days>2</Days>"));
        fixture.refused("PUT", "/bucket/new", &[], "x", (400, "InvalidRequest"));
        fixture.ok("PUT", "/bucket/new", &[DIGEST], "x");
        fixture.ok("PUT", "/bucket/copied", &[("x-amz-copy-source", "bucket/k")], "");
        let id = fixture.upload("/bucket/parts", &[]);
        let etag = fixture.part("/bucket/parts", &id, 1, "part");
        fixture.complete("/bucket/parts", &id, &[(1, &etag)]);
        fixture.s3.put(&fixture.world(), "bucket", "put", b"x").unwrap();
        for key in ["new", "copied", "parts", "put"] {
            let head = fixture.ok("HEAD", &format!("/bucket/{key}"), &[], "");
            let until = head.header("x-amz-object-lock-retain-until-date");
            assert_eq!(until, Some("2023-11-16T22:13:20.000Z"), "{key}");
        }
        assert_eq!(fixture.ok("HEAD", "/bucket/k", &[], "").header("x-amz-object-lock-mode"), None);
        fixture.ok("PUT", "/bucket?object-lock", &[], &document(""));
        fixture.ok("PUT", "/bucket/free", &[], "x");
    }

    #[test]
    fn what_is_refused() {
        let fixture = locking();
        for (body, code) in [
            ("<x/>".to_owned(), "MalformedXML"),
            ("<Retention><Mode>GOVERNANCE</Mode></Retention>".to_owned(), "MalformedXML"),
            (retention("NONE", "2030-01-31T00:00:00Z"), "MalformedXML"),
            (retention("GOVERNANCE", "tomorrow"), "MalformedXML"),
            (retention("GOVERNANCE", "2020-01-31T00:00:00Z"), "InvalidArgument"),
        ] {
            fixture.refused("PUT", "/bucket/k?retention", &[], &body, (400, code));
        }
        for headers in [
            vec![("x-amz-object-lock-mode", "GOVERNANCE")],
            vec![("x-amz-object-lock-retain-until-date", "2030-01-31T00:00:00Z")],
            vec![("x-amz-object-lock-mode", "X"), ("x-amz-object-lock-retain-until-date", "2030-01-31T00:00:00Z")],
            vec![("x-amz-object-lock-mode", "GOVERNANCE"), ("x-amz-object-lock-retain-until-date", "soon")],
            vec![
                ("x-amz-object-lock-mode", "GOVERNANCE"),
                ("x-amz-object-lock-retain-until-date", "2020-01-31T00:00:00Z"),
            ],
            vec![("x-amz-object-lock-legal-hold", "MAYBE")],
        ] {
            fixture.refused("PUT", "/bucket/n", &headers, "x", (400, "InvalidArgument"));
        }
        fixture.refused("DELETE", "/bucket/k?retention", &[], "", (405, "MethodNotAllowed"));
        fixture.ok("PUT", "/plain", &[], "");
        fixture.ok("PUT", "/plain/k", &[], "x");
        for resource in ["retention", "legal-hold"] {
            fixture.refused("GET", &format!("/plain/k?{resource}"), &[], "", (400, "InvalidRequest"));
            fixture.refused("PUT", &format!("/plain/k?{resource}"), &[], "", (400, "InvalidRequest"));
            fixture.refused("GET", &format!("/bucket?{resource}"), &[], "", (405, "MethodNotAllowed"));
        }
        let enabled =
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
        fixture.refused("PUT", "/plain?object-lock", &[], enabled, (409, "InvalidBucketState"));
        fixture.versioning("plain", "Enabled");
        fixture.ok("PUT", "/plain?object-lock", &[], enabled);
        let suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
        fixture.refused("PUT", "/plain?versioning", &[], suspended, (409, "InvalidBucketState"));
    }
}
