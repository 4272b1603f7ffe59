//! The managed policies that AWS brings along, under the account `aws`.
//!
//! There are over a thousand; these few go with streams and functions, and their documents are short and stable. Their
//! ids are not published, so ours are made from the name and stay the same. Any other name is unknown here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aws_wire::IsoSeconds;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::policy::{Policy, Version};
use crate::tag::Tags;

/// The account in the ARNs of these policies.
pub(crate) const ACCOUNT: &str = "aws";

static POLICIES: LazyLock<BTreeMap<&'static str, Entry>> = LazyLock::new(|| {
    let entries: Vec<Entry> =
        serde_json::from_str(include_str!("aws_managed/policies.json")).expect("a test reads the same file");
    entries.into_iter().map(|entry| (entry.name, entry)).collect()
});

#[derive(Deserialize)]
struct Entry {
    name: &'static str,
    path: &'static str,
    version: u32,
    created: IsoSeconds,
    updated: IsoSeconds,
    #[serde(borrow)]
    document: &'static RawValue,
}

/// The policy called `name`, as it is in `partition`.
pub(crate) fn find(partition: &str, name: &str) -> Option<Policy> {
    POLICIES.get(name).map(|entry| entry.policy(partition))
}

/// All of them by name, as they are in `partition`.
pub(crate) fn all(partition: &str) -> impl Iterator<Item = Policy> {
    POLICIES.values().map(move |entry| entry.policy(partition))
}

impl Entry {
    fn policy(&self, partition: &str) -> Policy {
        let version = Version { document: self.document.get().to_owned(), created: self.updated };
        Policy {
            name: self.name.to_owned(),
            path: self.path.to_owned(),
            id: stable_id(self.name),
            arn: format!("arn:{partition}:iam::{ACCOUNT}:policy{}{}", self.path, self.name),
            maker: None,
            created: self.created,
            updated: self.updated,
            description: None,
            tags: Tags::default(),
            default_version: self.version,
            last_version: self.version,
            versions: BTreeMap::from([(self.version, version)]),
        }
    }
}

/// `ANPA` and seventeen characters that depend on nothing but the name: two rounds of 64-bit FNV-1a in base 32.
fn stable_id(name: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let hash =
        |seed: u64| name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let bits = u128::from(hash(0xcbf2_9ce4_8422_2325)) << 64 | u128::from(hash(0x9e37_79b9_7f4a_7c15));
    let letter = |index: u32| {
        let five = usize::try_from(bits >> (index * 5) & 31).expect("five bits fit in usize");
        char::from(ALPHABET[five])
    };
    let letters: String = (0..17).map(letter).collect();
    format!("ANPA{letters}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::document::check_permissions;

    #[test]
    fn every_entry_is_a_policy_with_an_id_of_its_own() {
        let ids: BTreeSet<String> = all("aws").map(|policy| policy.id).collect();
        assert_eq!(ids.len(), POLICIES.len());
        for policy in all("aws") {
            assert_eq!(policy.id.len(), 21);
            check_permissions("policyDocument", &policy.versions[&policy.default_version].document).unwrap();
            assert!(policy.created <= policy.updated, "{}", policy.name);
        }
    }

    #[test]
    fn the_policy_of_kinesis_functions() {
        let policy = find("aws", "AWSLambdaKinesisExecutionRole").unwrap();
        assert_eq!(policy.arn, "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole");
        assert!(policy.versions[&2].document.contains("\"kinesis:SubscribeToShard\""));
        assert!(find("aws", "NoSuchPolicy").is_none());
        let elsewhere = find("aws-cn", "AdministratorAccess").unwrap();
        assert_eq!(elsewhere.arn, "arn:aws-cn:iam::aws:policy/AdministratorAccess");
    }
}
