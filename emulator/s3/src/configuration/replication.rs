//! `ReplicationConfiguration`: which objects would be copied where. Nobody copies them.

use super::Others;
use crate::bucket::{Bucket, Versioning};
use crate::error::{Error, Result};
use crate::xml::Element;

/// Looks over the document.
pub(super) fn check(root: &Element) -> Result<()> {
    root.value("Role").filter(|role| !role.is_empty()).ok_or(Error::XmlMalformed)?;
    root.child("Rule").ok_or(Error::XmlMalformed)?;
    root.all("Rule").try_for_each(check_rule)
}

fn check_rule(rule: &Element) -> Result<()> {
    let is_status = matches!(rule.value("Status"), Some("Enabled" | "Disabled"));
    let has_one_selection = rule.child("Filter").is_some() != rule.child("Prefix").is_some();
    if !is_status || !has_one_selection {
        return Err(Error::XmlMalformed);
    }
    destination(rule)?;
    if rule.child("Filter").is_none() {
        return Ok(());
    }
    // What goes with a filter, and did not exist before filters did.
    for name in ["Priority", "DeleteMarkerReplication"] {
        if rule.child(name).is_none() {
            return Err(Error::InvalidRequest(format!(
                "{name} must be specified for this version of Cross Region Replication configuration schema. Please refer to \
                 S3 Developer Guide for more information."
            )));
        }
    }
    Ok(())
}

/// Looks at the buckets that copies come from and go to: without versions nothing is copied.
pub(super) fn fits(bucket: &Bucket, others: Others<'_>, root: &Element) -> Result<()> {
    if bucket.versioning != Versioning::Enabled {
        let message = "Versioning must be 'Enabled' on the bucket to apply a replication configuration";
        return Err(Error::InvalidRequest(message.into()));
    }
    for rule in root.all("Rule") {
        let missing = || Error::InvalidRequest("Destination bucket must exist.".into());
        if others(destination(rule)?).ok_or_else(missing)?.versioning != Versioning::Enabled {
            return Err(Error::InvalidRequest("Destination bucket must have versioning enabled.".into()));
        }
    }
    Ok(())
}

/// The name of the bucket that a rule's copies go to.
fn destination(rule: &Element) -> Result<&str> {
    let destination = rule.child("Destination").ok_or(Error::XmlMalformed)?;
    let arn = destination.value("Bucket").ok_or(Error::XmlMalformed)?;
    let parts: Vec<_> = arn.split(':').collect();
    match parts[..] {
        ["arn", _, "s3", "", "", name] if !name.is_empty() => Ok(name),
        _ => Err(Error::argument("Bucket", arn, "Invalid bucket ARN.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::parse;

    #[test]
    fn rules_are_looked_over() {
        let rule = |content: &str| {
            format!(
                "<Rule><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::copies</Bucket></Destination>{content}</Rule>"
            )
        };
        let filtered = rule(
            "<Filter/><Priority>1</Priority><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>",
        );
        let role = "<Role>arn:aws:iam::000000000000:role/r</Role>";
        for (content, code) in [
            (format!("{role}{}", rule("<Prefix/>")), ""),
            (format!("{role}{filtered}"), ""),
            (role.to_owned(), "MalformedXML"),
            (rule("<Prefix/>"), "MalformedXML"),
            (format!("{role}{}", rule("")), "MalformedXML"),
            (format!("{role}{}", rule("<Filter/><Prefix/>")), "MalformedXML"),
            (format!("{role}{}", rule("<Prefix/>").replace("Enabled", "On")), "MalformedXML"),
            (format!("{role}{}", rule("<Prefix/>").replace("arn:aws:s3:::", "")), "InvalidArgument"),
            (format!("{role}{}", rule("<Filter/><Priority>1</Priority>")), "InvalidRequest"),
            (format!("{role}{}", filtered.replace("Priority", "Other")), "InvalidRequest"),
        ] {
            let document = format!("<ReplicationConfiguration>{content}</ReplicationConfiguration>");
            let checked = check(&parse(document.as_bytes(), "ReplicationConfiguration").unwrap());
            assert_eq!(checked.as_ref().err().map_or("", Error::code), code, "{content}");
        }
    }
}
