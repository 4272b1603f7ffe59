//! `BucketLoggingStatus`: where a bucket's accesses would be written down. Nobody writes them.

use super::Others;
use crate::bucket::Bucket;
use crate::error::{Error, Result};
use crate::xml::Element;

/// Looks over the document. An empty one turns logging off.
pub(super) fn check(root: &Element) -> Result<()> {
    let Some(logging) = root.child("LoggingEnabled") else { return Ok(()) };
    let target = logging.value("TargetBucket").filter(|target| !target.is_empty());
    target.and(logging.child("TargetPrefix")).map(drop).ok_or(Error::XmlMalformed)
}

/// Looks at the bucket that is to get the logs.
pub(super) fn fits(bucket: &Bucket, others: Others<'_>, root: &Element) -> Result<()> {
    let Some(name) = root.child("LoggingEnabled").and_then(|logging| logging.value("TargetBucket")) else {
        return Ok(());
    };
    let target = others(name).ok_or(Error::TargetBucket("The target bucket for logging does not exist"))?;
    if target.account != bucket.account {
        let message = "The owner for the bucket to be logged and the target bucket must be the same.";
        return Err(Error::TargetBucket(message));
    }
    if target.region == bucket.region { Ok(()) } else { Err(Error::TargetElsewhere) }
}
