//! A role: the record that is kept, and how the API shows it.

use std::collections::{BTreeMap, BTreeSet};

use aws_wire::{Invocation, IsoSeconds};
use serde::{Deserialize, Serialize};

use crate::document::url_encoded;
use crate::tag::{Tag, Tags};

/// A session lasts at most this long when the role does not say.
pub(crate) const DEFAULT_SESSION_SECS: u32 = 3600;

/// A role with everything that hangs on it. Persisted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    /// The call that created it, if it said which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<Invocation>,
    pub(crate) created: IsoSeconds,
    /// Who may assume it: a policy document, as it was sent.
    pub(crate) trust: String,
    pub(crate) description: Option<String>,
    pub(crate) max_session_secs: u32,
    /// The ARN of the managed policy that bounds it.
    pub(crate) boundary: Option<String>,
    pub(crate) tags: Tags,
    /// Inline policies by name: documents, as they were sent.
    pub(crate) inline: BTreeMap<String, String>,
    /// The ARNs of the managed policies attached to it.
    pub(crate) attached: BTreeSet<String>,
}

/// A role in an answer.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleView {
    path: String,
    role_name: String,
    role_id: String,
    arn: String,
    create_date: IsoSeconds,
    assume_role_policy_document: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    max_session_duration: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<BoundaryView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_last_used: Option<LastUsed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BoundaryView {
    permissions_boundary_type: &'static str,
    permissions_boundary_arn: String,
}

/// When a role was used last. Nothing counts uses yet, so it says what AWS says of a role never used: nothing.
#[derive(Serialize)]
struct LastUsed {}

impl RoleView {
    /// All that is known of `role`.
    pub(crate) fn whole(role: &Role) -> Self {
        let boundary = role.boundary.clone();
        Self {
            path: role.path.clone(),
            role_name: role.name.clone(),
            role_id: role.id.clone(),
            arn: role.arn.clone(),
            create_date: role.created,
            assume_role_policy_document: url_encoded(&role.trust),
            description: role.description.clone(),
            max_session_duration: role.max_session_secs,
            permissions_boundary: boundary.map(|arn| BoundaryView {
                permissions_boundary_type: "PermissionsBoundaryPolicy",
                permissions_boundary_arn: arn,
            }),
            tags: role.tags.list(),
            role_last_used: Some(LastUsed {}),
        }
    }

    /// `role` as an entry of a list, which leaves out what takes AWS longer to find.
    pub(crate) fn listed(role: &Role) -> Self {
        Self { permissions_boundary: None, tags: Vec::new(), role_last_used: None, ..Self::whole(role) }
    }
}
