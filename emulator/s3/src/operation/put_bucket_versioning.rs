//! PutBucketVersioning: has a bucket keep what is overwritten and deleted, or not any more.
//!
//! MFA delete is on or off as it was put. Whoever has to show a second factor shows one; nobody looks at it.

use aws_wire::Reply;
use http::StatusCode;

use crate::answer;
use crate::bucket::{Bucket, Versioning};
use crate::error::{Error, Result};
use crate::request::Request;
use crate::service::S3;
use crate::xml::parse;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let writing = s3.directory().write();
    let bucket = s3.bucket(request)?;
    let root = parse(&request.body, "VersioningConfiguration")?;
    let mfa_delete = match root.value("MfaDelete") {
        None => bucket.mfa_delete,
        Some("Enabled") => Some(true),
        Some("Disabled") => Some(false),
        Some(_) => return Err(Error::XmlMalformed),
    };
    check_factor(request, &bucket, true)?;
    if mfa_delete == Some(true) {
        check_shown(request)?;
    }
    let versioning = match root.value("Status") {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        _ => return Err(Error::XmlMalformed),
    };
    if versioning == Versioning::Suspended {
        check_suspendable(&bucket)?;
    }
    writing.change_bucket(request.bucket(), |bucket| {
        bucket.versioning = versioning;
        bucket.mfa_delete = mfa_delete;
    })?;
    Ok(answer::empty(StatusCode::OK))
}

/// What locks versions, or copies them, cannot be without them.
fn check_suspendable(bucket: &Bucket) -> Result<()> {
    if bucket.has_lock() {
        let message =
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.";
        return Err(Error::BucketState(message));
    }
    if bucket.configurations.contains_key("replication") {
        let message = "A replication configuration is present on this bucket, so you cannot change the versioning state. To \
                       change the versioning state, first delete the replication configuration.";
        return Err(Error::BucketState(message));
    }
    Ok(())
}

/// Refuses what takes a second factor in some buckets, if this is one of them and none is shown.
pub(super) fn check_factor(request: &Request, bucket: &Bucket, is_for_good: bool) -> Result<()> {
    if bucket.mfa_delete == Some(true) && is_for_good { check_shown(request) } else { Ok(()) }
}

/// The serial number of a device and what it shows.
fn check_shown(request: &Request) -> Result<()> {
    let shown = request.header("x-amz-mfa").and_then(|text| text.trim().split_once(' '));
    let is_code = |code: &str| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    shown.filter(|(_, code)| is_code(code)).map(drop).ok_or(Error::FactorMissing)
}

#[cfg(test)]
mod tests {
    use crate::fixture::Fixture;

    #[test]
    fn on_and_off_again() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let status = |fixture: &Fixture| {
            let root = fixture.ok("GET", "/bucket?versioning", &[], "").xml("VersioningConfiguration");
            root.value("Status").map(str::to_owned)
        };
        assert_eq!(status(&fixture), None);
        for state in ["Enabled", "Suspended"] {
            fixture.versioning("bucket", state);
            fixture.restart();
            assert_eq!(status(&fixture).as_deref(), Some(state));
        }
        for body in
            ["", "<VersioningConfiguration/>", "<VersioningConfiguration><Status>On</Status></VersioningConfiguration>"]
        {
            fixture.refused("PUT", "/bucket?versioning", &[], body, (400, "MalformedXML"));
        }
    }

    #[test]
    fn with_a_second_factor() {
        let mut fixture = Fixture::new();
        fixture.ok("PUT", "/bucket", &[], "");
        let mfa = |on: &str| {
            format!(
                "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>{on}</MfaDelete></VersioningConfiguration>"
            )
        };
        fixture.ok("PUT", "/bucket?versioning", &[], &mfa("Disabled"));
        fixture.refused("PUT", "/bucket?versioning", &[], &mfa("Enabled"), (403, "AccessDenied"));
        fixture.refused("PUT", "/bucket?versioning", &[], &mfa("On"), (400, "MalformedXML"));
        let factor = [("x-amz-mfa", "arn:aws:iam::000000000000:mfa/root 123456")];
        fixture.ok("PUT", "/bucket?versioning", &factor, &mfa("Enabled"));
        fixture.restart();
        let found = fixture.ok("GET", "/bucket?versioning", &[], "").xml("VersioningConfiguration");
        assert_eq!(found.value("MfaDelete"), Some("Enabled"));
        let put = fixture.ok("PUT", "/bucket/k", &[], "x");
        let version = format!("/bucket/k?versionId={}", put.header("x-amz-version-id").unwrap());
        fixture.refused("DELETE", &version, &[], "", (403, "AccessDenied"));
        fixture.refused("PUT", "/bucket?versioning", &[], &mfa("Disabled"), (403, "AccessDenied"));
        fixture.ok("DELETE", "/bucket/k", &[], "");
        fixture.ok("DELETE", &version, &factor, "");
        fixture.ok("PUT", "/bucket?versioning", &factor, &mfa("Disabled"));
    }
}
