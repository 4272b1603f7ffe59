//! Another name for a key.

use aws_wire::{EpochSeconds, Invocation, World};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The aliases of the keys that AWS manages.
pub(crate) const AWS_MANAGED: [&str; 3] = ["alias/aws/kinesis", "alias/aws/lambda", "alias/aws/s3"];

/// An alias, as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub(crate) account: String,
    pub(crate) region: String,
    /// With its prefix.
    pub(crate) name: String,
    /// The id of the key.
    pub(crate) target: String,
    /// The call that created it, if it said which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<Invocation>,
    pub(crate) created: EpochSeconds,
    pub(crate) updated: EpochSeconds,
}

impl Alias {
    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        World::new(&self.account, &self.region).arn("kms", &self.name)
    }
}

/// Fails unless `name` is one that a user can give.
pub(crate) fn check_name(name: &str) -> Result<()> {
    match name.strip_prefix("alias/") {
        None | Some("") => Err(Error::AliasPrefix),
        Some(rest) if rest.starts_with("aws/") => Err(Error::AliasReserved),
        Some(_) => Ok(()),
    }
}
