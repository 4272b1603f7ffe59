//! The policies of a role: managed ones attached to it, and inline ones inside it.
//!
//! A role block that says nothing about them leaves them alone; one that does owns all of them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::Client;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Blocks, Diagnostics};

use super::super::iam::{NAME_PATTERN, decode_document};
use super::IamRole;
use crate::error::{ApiError, WhileDoing};
use crate::policy::are_equivalent;

/// A policy inside the role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct InlinePolicy {
    /// The policy's name.
    #[schemars(extend("tf" = optional().length(..=128).pattern(NAME_PATTERN)))]
    name: Attr<String>,
    /// What it allows and denies, as JSON.
    #[schemars(extend("tf" = optional().json()))]
    policy: Attr<String>,
}

/// What is attached to a role and inside it; `None` where the role block leaves that to others.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RolePolicies {
    managed: Option<BTreeSet<String>>,
    inline: Option<BTreeMap<String, String>>,
}

impl RolePolicies {
    /// As the block has it.
    pub(super) fn of(role: &IamRole) -> Self {
        let inline = role.inline_policy.iter().filter_map(|block| {
            let name = block.name.as_str().filter(|name| !name.is_empty())?;
            Some((name.to_owned(), block.policy.text().to_owned()))
        });
        Self {
            managed: role.managed_policy_arns.known().cloned(),
            inline: (!role.inline_policy.is_unknown()).then(|| inline.collect()),
        }
    }

    /// As it is.
    pub(super) async fn read(iam: &Client, role: &str) -> Result<Self, ApiError> {
        let mut managed = BTreeSet::new();
        let mut attached = iam.list_attached_role_policies().role_name(role).into_paginator().items().send();
        while let Some(policy) = attached.next().await {
            managed.extend(policy?.policy_arn);
        }
        let mut inline = BTreeMap::new();
        let mut names = iam.list_role_policies().role_name(role).into_paginator().items().send();
        while let Some(name) = names.next().await {
            let name = name?;
            match iam.get_role_policy().role_name(role).policy_name(&name).send().await.map_err(ApiError::from) {
                Ok(found) => drop(inline.insert(name, decode_document(&found.policy_document))),
                // Removed since it was listed.
                Err(error) if error.is("NoSuchEntity") => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { managed: Some(managed), inline: Some(inline) })
    }

    /// In the form of state. A stored policy that says the same keeps its spelling, and so does the empty block that
    /// stands for none.
    pub(super) fn into_state(self, stored: &Blocks<InlinePolicy>) -> (BTreeSet<String>, Blocks<InlinePolicy>) {
        let inline = self.inline.unwrap_or_default();
        let stands_for_none = |block: &InlinePolicy| block.name.text().is_empty();
        if inline.is_empty() && !stored.is_empty() && stored.iter().all(stands_for_none) {
            return (self.managed.unwrap_or_default(), stored.clone());
        }
        let block = |(name, found): (String, String)| {
            let twin =
                stored.iter().find(|block| block.name.text() == name && are_equivalent(block.policy.text(), &found));
            twin.cloned().unwrap_or_else(|| InlinePolicy { name: name.into(), policy: found.into() })
        };
        (self.managed.unwrap_or_default(), inline.into_iter().map(block).collect())
    }

    /// Brings a role from `before` to this.
    pub(super) async fn reach(&self, iam: &Client, role: &str, before: &Self) -> Result<(), Diagnostics> {
        if let Some(wanted) = &self.managed {
            let had = before.managed.clone().unwrap_or_default();
            for arn in had.difference(wanted) {
                let call = iam.detach_role_policy().role_name(role).policy_arn(arn);
                call.send().await.while_doing(&format!("detaching policy ({arn}) from IAM Role ({role})"))?;
            }
            for arn in wanted.difference(&had) {
                let call = iam.attach_role_policy().role_name(role).policy_arn(arn);
                call.send().await.while_doing(&format!("attaching policy ({arn}) to IAM Role ({role})"))?;
            }
        }
        if let Some(wanted) = &self.inline {
            let had = before.inline.clone().unwrap_or_default();
            for name in had.keys().filter(|&name| !wanted.contains_key(name)) {
                let call = iam.delete_role_policy().role_name(role).policy_name(name);
                call.send().await.while_doing(&format!("deleting policy ({name}) of IAM Role ({role})"))?;
            }
            for (name, policy) in wanted.iter().filter(|&(name, policy)| had.get(name) != Some(policy)) {
                let call = iam.put_role_policy().role_name(role).policy_name(name).policy_document(policy);
                call.send().await.while_doing(&format!("putting policy ({name}) into IAM Role ({role})"))?;
            }
        }
        Ok(())
    }

    /// Detaches all managed policies.
    pub(super) async fn detach_managed(&self, iam: &Client, role: &str) -> Result<(), ApiError> {
        for arn in self.managed.iter().flatten() {
            iam.detach_role_policy().role_name(role).policy_arn(arn).send().await?;
        }
        Ok(())
    }

    /// Deletes all inline policies.
    pub(super) async fn delete_inline(&self, iam: &Client, role: &str) -> Result<(), ApiError> {
        for name in self.inline.iter().flat_map(BTreeMap::keys) {
            iam.delete_role_policy().role_name(role).policy_name(name).send().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"Statement":[{"Effect":"Allow","Action":["a:b"],"Resource":"*"}]}"#;

    fn block(name: &str, policy: &str) -> InlinePolicy {
        InlinePolicy { name: name.into(), policy: policy.into() }
    }

    fn found(policies: &[(&str, &str)]) -> RolePolicies {
        let inline = policies.iter().map(|&(name, policy)| (name.to_owned(), policy.to_owned())).collect();
        RolePolicies { managed: None, inline: Some(inline) }
    }

    #[test]
    fn the_users_spelling_stays() {
        let stored = Blocks::one(block("p", POLICY));
        let spaced = POLICY.replace(r#"["a:b"]"#, r#" "a:b" "#);
        assert_eq!(found(&[("p", &spaced)]).into_state(&stored).1, stored);
        let other = POLICY.replace("a:b", "a:c");
        assert_eq!(found(&[("p", &other)]).into_state(&stored).1, Blocks::one(block("p", &other)));
    }

    #[test]
    fn an_empty_block_stands_for_none() {
        let stored = Blocks::one(InlinePolicy::default());
        assert_eq!(found(&[]).into_state(&stored).1, stored);
        assert_eq!(found(&[("p", POLICY)]).into_state(&stored).1, Blocks::one(block("p", POLICY)));
        let role = IamRole { inline_policy: stored, ..IamRole::default() };
        assert_eq!(RolePolicies::of(&role), found(&[]));
    }

    #[test]
    fn what_is_not_known_is_left_alone() {
        let role = IamRole { inline_policy: Blocks::unknown(), ..IamRole::default() };
        assert_eq!(RolePolicies::of(&role), RolePolicies::default());
    }
}
