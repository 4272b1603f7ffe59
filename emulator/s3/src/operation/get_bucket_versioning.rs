//! GetBucketVersioning: whether a bucket keeps versions. One that never did says nothing.

use aws_wire::Reply;

use crate::answer;
use crate::bucket::Versioning;
use crate::error::Result;
use crate::request::Request;
use crate::service::S3;
use crate::xml::Xml;

pub(super) fn run(s3: &S3, request: &Request) -> Result<Reply> {
    let bucket = s3.bucket(request)?;
    let status = match bucket.versioning {
        Versioning::Off => None,
        Versioning::Enabled => Some("Enabled"),
        Versioning::Suspended => Some("Suspended"),
    };
    let mfa_delete = bucket.mfa_delete.map(|on| if on { "Enabled" } else { "Disabled" });
    Ok(answer::xml(Xml::document("VersioningConfiguration", |xml| {
        xml.maybe("Status", status);
        xml.maybe("MfaDelete", mfa_delete);
    })))
}
