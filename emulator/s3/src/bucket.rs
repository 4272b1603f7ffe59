//! Buckets: their names, whose they are, and what was configured.

use std::collections::BTreeMap;

use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::acl::Acl;
use crate::error::{Error, Result};
use crate::xml::parse;

/// A bucket. Persisted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    /// Whose it is.
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) created: Timestamp,
    #[serde(default)]
    pub(crate) versioning: Versioning,
    /// The documents of its sub-resources, by their name in a query.
    #[serde(default)]
    pub(crate) configurations: BTreeMap<String, String>,
    /// None: its owner may do everything, and nobody else anything.
    #[serde(default)]
    pub(crate) acl: Option<Acl>,
    /// Whether deleting a version for good takes a second factor, if anybody ever said.
    #[serde(default)]
    pub(crate) mfa_delete: Option<bool>,
}

impl Bucket {
    /// Whether its versions can be kept from being deleted.
    pub(crate) fn has_lock(&self) -> bool {
        self.configurations.contains_key("object-lock")
    }

    /// Whether its owner owns whatever anybody puts into it, and access control lists are off.
    pub(crate) fn owns_all_objects(&self) -> bool {
        let document = self.configurations.get("ownershipControls");
        let root = document.and_then(|document| parse(document.as_bytes(), "OwnershipControls").ok());
        let rule = root.as_ref().and_then(|root| root.child("Rule"));
        rule.and_then(|rule| rule.value("ObjectOwnership")) == Some("BucketOwnerEnforced")
    }

    /// Whether nothing in it may be granted to everybody.
    pub(crate) fn blocks_public_acls(&self) -> bool {
        let document = self.configurations.get("publicAccessBlock");
        let root = document.and_then(|document| parse(document.as_bytes(), "PublicAccessBlockConfiguration").ok());
        root.as_ref().and_then(|root| root.value("BlockPublicAcls")).is_some_and(|on| on.eq_ignore_ascii_case("true"))
    }
}

/// Whether a bucket keeps what is overwritten and deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) enum Versioning {
    /// Never did.
    #[default]
    Off,
    Enabled,
    /// Not any more; what it kept is there.
    Suspended,
}

/// The name of a new bucket.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = name.as_bytes();
    let valid = (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| edge(Some(byte)) || matches!(byte, b'-' | b'.'))
        && edge(bytes.first())
        && edge(bytes.last())
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
        && !["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|prefix| name.starts_with(prefix))
        && !["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].iter().any(|suffix| name.ends_with(suffix));
    if valid { Ok(()) } else { Err(Error::BucketName { bucket: name.to_owned() }) }
}

/// The id that S3 has for an account: 64 digits that tell nothing.
pub(crate) fn canonical_user(account: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("account {account}").as_bytes());
    hex(digest.as_ref())
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
impl Bucket {
    /// A bucket of which nothing is configured.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            created: Timestamp::from_secs(0),
            versioning: Versioning::Off,
            configurations: BTreeMap::new(),
            acl: None,
            mfa_delete: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let long = "a".repeat(63);
        for name in ["abc", "a.b-c", "000", &long] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        let longer = "a".repeat(64);
        for name in
            ["ab", "Abc", "-ab", "ab-", "a..b", "a_b", "1.2.3.4", "xn--a", "a-s3alias", "a/b", "..", "äbc", &longer]
        {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
