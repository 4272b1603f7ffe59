//! A managed policy: the record that is kept, its versions, and how the API shows them.

use std::collections::BTreeMap;

use aws_wire::{Invocation, IsoSeconds};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::document::url_encoded;
use crate::tag::{Tag, Tags};

/// The most versions that are kept at once.
const MOST_VERSIONS: usize = 5;

/// A managed policy with its versions. Persisted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    /// The call that created it, if it said which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<Invocation>,
    pub(crate) created: IsoSeconds,
    pub(crate) updated: IsoSeconds,
    pub(crate) description: Option<String>,
    pub(crate) tags: Tags,
    /// The version in force. It is always one of `versions`.
    pub(crate) default_version: u32,
    /// The number given last; numbers are never used again.
    pub(crate) last_version: u32,
    pub(crate) versions: BTreeMap<u32, Version>,
}

/// One wording of a policy. Persisted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    /// The document, as it was sent.
    pub(crate) document: String,
    pub(crate) created: IsoSeconds,
}

impl Policy {
    /// Adds a version and tells its number.
    pub(crate) fn add_version(&mut self, document: String, now: IsoSeconds) -> Result<u32, Error> {
        if self.versions.len() >= MOST_VERSIONS {
            return Err(Error::TooManyVersions);
        }
        self.last_version += 1;
        self.updated = now;
        self.versions.insert(self.last_version, Version { document, created: now });
        Ok(self.last_version)
    }

    /// The version called `id`, with its number.
    pub(crate) fn version(&self, id: &str) -> Result<(u32, &Version), Error> {
        let number: Option<u32> = id.strip_prefix('v').and_then(|number| number.parse().ok());
        number
            .and_then(|number| Some((number, self.versions.get(&number)?)))
            .ok_or_else(|| Error::PolicyVersionNotFound { arn: self.arn.clone(), version: id.to_owned() })
    }
}

/// How many entities use a policy, and how.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Usage {
    pub(crate) attachments: usize,
    pub(crate) boundaries: usize,
}

/// A policy in an answer.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyView {
    policy_name: String,
    policy_id: String,
    arn: String,
    path: String,
    default_version_id: String,
    attachment_count: usize,
    permissions_boundary_usage_count: usize,
    is_attachable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    create_date: IsoSeconds,
    update_date: IsoSeconds,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

impl PolicyView {
    /// All that is known of `policy`.
    pub(crate) fn whole(policy: &Policy, usage: Usage) -> Self {
        Self {
            policy_name: policy.name.clone(),
            policy_id: policy.id.clone(),
            arn: policy.arn.clone(),
            path: policy.path.clone(),
            default_version_id: version_id(policy.default_version),
            attachment_count: usage.attachments,
            permissions_boundary_usage_count: usage.boundaries,
            is_attachable: true,
            description: policy.description.clone(),
            create_date: policy.created,
            update_date: policy.updated,
            tags: policy.tags.list(),
        }
    }

    /// `policy` as an entry of a list, which leaves out description and tags.
    pub(crate) fn listed(policy: &Policy, usage: Usage) -> Self {
        Self { description: None, tags: Vec::new(), ..Self::whole(policy, usage) }
    }
}

/// A version in an answer.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VersionView {
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    pub(crate) version_id: String,
    is_default_version: bool,
    create_date: IsoSeconds,
}

impl VersionView {
    /// A version with its document.
    pub(crate) fn whole(policy: &Policy, number: u32, version: &Version) -> Self {
        Self { document: Some(url_encoded(&version.document)), ..Self::listed(policy, number, version) }
    }

    /// A version without its document.
    pub(crate) fn listed(policy: &Policy, number: u32, version: &Version) -> Self {
        Self {
            document: None,
            version_id: version_id(number),
            is_default_version: number == policy.default_version,
            create_date: version.created,
        }
    }
}

fn version_id(number: u32) -> String {
    format!("v{number}")
}
