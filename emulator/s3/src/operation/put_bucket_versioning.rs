//! PutBucketVersioning: has a bucket keep what is overwritten and deleted, or not any more.

use aws_wire::Reply;
use http::StatusCode;

use crate::answer;
use crate::bucket::Versioning;
use crate::error::{Error, Result};
use crate::request::Request;
use crate::service::S3;
use crate::xml::parse;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    s3.bucket(request)?;
    let root = parse(&request.body, "VersioningConfiguration")?;
    if root.value("MfaDelete") == Some("Enabled") {
        return Err(Error::NotImplemented("MFA delete".into()));
    }
    let versioning = match root.value("Status") {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        _ => return Err(Error::XmlMalformed),
    };
    s3.directory().write().change_bucket(request.bucket(), |bucket| bucket.versioning = versioning)?;
    Ok(answer::empty(StatusCode::OK))
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
        let mfa =
            "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>";
        fixture.refused("PUT", "/bucket?versioning", &[], mfa, (501, "NotImplemented"));
    }
}
