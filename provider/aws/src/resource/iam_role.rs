//! `aws_iam_role`: a role and, for those who manage them in this block, its policies.
//!
//! Policies inside the role live in `policies`. A policy keeps the user's spelling as long as it says the same.

mod policies;

use std::collections::BTreeSet;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Blocks, Change, Comparison, Context, Diagnostics, Failure, Identity, Plan, Resource,
};

use self::policies::{InlinePolicy, RolePolicies};
use super::iam::{NAME_PATTERN, decode_document, from_service, to_service};
use super::name::{name_or_unique, plan_name, prefix_of};
use crate::arn::must_be_arn_or_empty;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::identity;
use crate::policy::{self, SAME_POLICY};
use crate::rfc3339;
use crate::tags::{TagChange, Tags};
use crate::wait::{PERMISSION_WINDOW, retry_while};

/// An identity that services and users take on.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct IamRole {
    /// The role's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// Who may take on the role: a policy as JSON.
    #[schemars(extend("tf" = required().json().same_when(SAME_POLICY)))]
    assume_role_policy: Attr<String>,
    /// When the role was created, as an RFC 3339 timestamp.
    #[schemars(extend("tf" = computed()))]
    create_date: Attr<String>,
    /// What the role is for.
    #[schemars(extend("tf" = optional().length(..=1000).zero_is_unset()))]
    description: Attr<String>,
    /// Detach and delete all policies of the role before it is destroyed, also those that others attached.
    #[schemars(extend("tf" = optional().default(false)))]
    force_detach_policies: Attr<bool>,
    /// The role's name.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The managed policies attached to the role, all of them.
    #[schemars(extend("tf" = optional_computed().deprecated(
        "Use aws_iam_role_policy_attachment for each policy instead."
    )))]
    managed_policy_arns: Attr<BTreeSet<String>>,
    /// The longest session, in seconds.
    #[schemars(extend("tf" = optional().default(3600).range(3600..=43200)))]
    max_session_duration: Attr<i64>,
    /// The role's name; made up when not set.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["name_prefix"]).length(1..=64).pattern(NAME_PATTERN)
    ))]
    name: Attr<String>,
    /// What a made-up name begins with.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["name"]).length(1..=32).pattern(NAME_PATTERN)
    ))]
    name_prefix: Attr<String>,
    /// Where the role is filed.
    #[schemars(extend("tf" = optional().default("/").force_new()))]
    path: Attr<String>,
    /// The ARN of the policy that limits what the role may be allowed.
    #[schemars(extend("tf" = optional().length(..=2048).check(must_be_arn_or_empty()).zero_is_unset()))]
    permissions_boundary: Attr<String>,
    /// Tags of the role.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    tags: Attr<Tags>,
    /// Tags of the role, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    tags_all: Attr<Tags>,
    /// The role's unique id.
    #[schemars(extend("tf" = computed()))]
    unique_id: Attr<String>,
    /// The policies inside the role, all of them. One empty block means none.
    #[schemars(extend("tf" = computed_set_block().deprecated("Use aws_iam_role_policy for each policy instead.")))]
    inline_policy: Blocks<InlinePolicy>,
}

impl Resource for IamRole {
    const TYPE: &'static str = "aws_iam_role";
    const IDENTITY: Option<Identity> = Some(identity::global(&["name"]));
    const IMPORT_ID: &'static str = "{name}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        plan_name(plan, |role| (&mut role.name, &mut role.name_prefix));
        cx.client().tags().plan(plan, |role| (&mut role.tags, &mut role.tags_all));
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let iam = cx.client().iam()?;
        let name = name_or_unique(&planned.name, &planned.name_prefix);
        let call = iam
            .create_role()
            .role_name(&name)
            .assume_role_policy_document(planned.assume_role_policy.text())
            .path(planned.path.text())
            .max_session_duration(seconds(&planned.max_session_duration))
            .set_description(set(&planned.description))
            .set_permissions_boundary(set(&planned.permissions_boundary))
            .set_tags(to_service(cx.client().tags().merged(&planned.tags)));
        // A principal that was created a moment ago may not be known everywhere yet.
        let passes = |error: &ApiError| error.says("MalformedPolicyDocument", &["Invalid principal in policy"]);
        let created = retry_while(cx, PERMISSION_WINDOW, passes, || async { Ok(call.clone().send().await?) }).await;
        let created = created
            .map_err(|error| Diagnostics::from(error.diagnostic_at(&format!("creating IAM Role ({name})"), MEMBERS)))?;
        // A create that was sent again is answered with the name that it made up the first time.
        let name = created.role.as_ref().map_or(name, |role| role.role_name.clone());
        let mut known = Self { id: name.as_str().into(), name: name.as_str().into(), ..planned };
        if let Some(role) = created.role {
            known.arn = role.arn.into();
            known.unique_id = role.role_id.into();
        }
        cx.save(&known);
        RolePolicies::of(&known).reach(&iam, &name, &RolePolicies::default()).await?;
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let (iam, name) = (cx.client().iam()?, state.id.text());
        let doing = format!("reading IAM Role ({name})");
        let role = match iam.get_role().role_name(name).send().await.map_err(ApiError::from) {
            Err(error) if error.is("NoSuchEntity") => return Ok(None),
            answer => answer.while_doing(&doing)?.role,
        };
        let Some(role) = role else { return Ok(None) };
        let found = RolePolicies::read(&iam, name).await.while_doing(&doing)?;
        Ok(Some(state.observed(cx, role, found)))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let iam = cx.client().iam()?;
        let Change { prior, planned, .. } = &change;
        let name = prior.id.text();
        prior.change_tags(cx, &iam, planned).await?;
        if change.changes(|role| &role.assume_role_policy) {
            let call = iam.update_assume_role_policy().role_name(name);
            let call = call.policy_document(planned.assume_role_policy.text());
            let passes = |error: &ApiError| error.says("MalformedPolicyDocument", &["Invalid principal in policy"]);
            let updated = retry_while(cx, PERMISSION_WINDOW, passes, || async { Ok(call.clone().send().await?) }).await;
            updated.map_err(|error| {
                let doing = format!("updating IAM Role ({name}) assume role policy");
                Diagnostics::from(error.diagnostic_at(&doing, MEMBERS).at("assume_role_policy"))
            })?;
        }
        if change.changes(|role| &role.description) || change.changes(|role| &role.max_session_duration) {
            let call = iam.update_role().role_name(name).description(planned.description.text());
            let call = call.max_session_duration(seconds(&planned.max_session_duration));
            call.send().await.while_doing(&format!("updating IAM Role ({name})"))?;
        }
        if change.changes(|role| &role.permissions_boundary) {
            let doing = format!("updating IAM Role ({name}) permissions boundary");
            match set(&planned.permissions_boundary) {
                Some(arn) => {
                    let call = iam.put_role_permissions_boundary().role_name(name).permissions_boundary(arn);
                    call.send().await.while_doing(&doing)?;
                }
                None => {
                    iam.delete_role_permissions_boundary().role_name(name).send().await.while_doing(&doing)?;
                }
            }
        }
        RolePolicies::of(planned).reach(&iam, name, &RolePolicies::of(prior)).await?;
        change.planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let (iam, name) = (cx.client().iam()?, state.id.text());
        let doing = format!("deleting IAM Role ({name})");
        if let Err(error) = state.empty(&iam).await {
            return if error.is("NoSuchEntity") { Ok(()) } else { Err(error.diagnostic(&doing).into()) };
        }
        // Policies that other resources hold on the role are on their way out.
        let passes = |error: &ApiError| error.is("DeleteConflict");
        let call = iam.delete_role().role_name(name);
        match retry_while(cx, PERMISSION_WINDOW, passes, || async { Ok(call.clone().send().await?) }).await {
            Ok(_) => Ok(()),
            Err(error) if error.is("NoSuchEntity") => Ok(()),
            Err(error) => Err(error.diagnostic(&doing).into()),
        }
    }

    async fn import(_: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        Ok(Self { id: id.into(), force_detach_policies: false.into(), ..Self::default() })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        policy::same(comparison)
    }
}

/// What CreateRole calls its members, and what we call them.
const MEMBERS: &[(&str, &str)] = &[
    ("roleName", "name"),
    ("path", "path"),
    ("description", "description"),
    ("maxSessionDuration", "max_session_duration"),
    ("permissionsBoundary", "permissions_boundary"),
    ("assumeRolePolicyDocument", "assume_role_policy"),
    ("tags", "tags"),
];

impl IamRole {
    /// The state after a write: as planned, and the rest as found.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let (tags, tags_all) = (self.tags.clone(), self.tags_all.clone());
        let name = self.id.text().to_owned();
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading IAM Role ({name}): couldn't find resource"),
                "Something else removed the role meanwhile. Apply again to create it anew.",
            )
            .into());
        };
        let tags_all = if tags_all.is_unknown() { found.tags_all } else { tags_all };
        Ok(Self { tags, tags_all, ..found })
    }

    fn observed(self, cx: &Context<Aws>, role: Role, found: RolePolicies) -> Self {
        let tags = cx.client().tags().read(from_service(role.tags), &self.tags, &self.tags_all);
        let boundary = role.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn);
        let encoded = role.assume_role_policy_document.unwrap_or_default();
        let (managed, inline) = found.into_state(&self.inline_policy);
        Self {
            arn: role.arn.into(),
            assume_role_policy: decode_document(&encoded).into(),
            create_date: rfc3339::of(&role.create_date).into(),
            description: role.description.into(),
            force_detach_policies: self.force_detach_policies,
            id: role.role_name.as_str().into(),
            managed_policy_arns: managed.into(),
            max_session_duration: i64::from(role.max_session_duration.unwrap_or(3600)).into(),
            name_prefix: prefix_of(&role.role_name).into(),
            name: role.role_name.into(),
            path: role.path.into(),
            permissions_boundary: boundary.into(),
            tags: tags.tags,
            tags_all: tags.tags_all,
            unique_id: role.role_id.into(),
            inline_policy: inline,
        }
    }

    async fn change_tags(&self, cx: &Context<Aws>, iam: &Client, planned: &Self) -> Result<(), Diagnostics> {
        let old = self.tags_all.clone().unwrap_or_default();
        let new = cx.client().tags().merged(&planned.tags);
        let Some(TagChange { removed, set }) = TagChange::between(&old, &new) else { return Ok(()) };
        let name = self.id.text();
        if !removed.is_empty() {
            let call = iam.untag_role().role_name(name).set_tag_keys(Some(removed));
            call.send().await.while_doing(&format!("untagging IAM Role ({name})"))?;
        }
        if !set.is_empty() {
            let call = iam.tag_role().role_name(name).set_tags(to_service(set));
            call.send().await.while_doing(&format!("tagging IAM Role ({name})"))?;
        }
        Ok(())
    }

    /// Takes away what keeps the role from being deleted, as far as it is this resource's to take.
    async fn empty(&self, iam: &Client) -> Result<(), ApiError> {
        let name = self.id.text();
        let mut profiles = iam.list_instance_profiles_for_role().role_name(name).into_paginator().items().send();
        while let Some(profile) = profiles.next().await {
            let call = iam.remove_role_from_instance_profile().role_name(name);
            call.instance_profile_name(profile?.instance_profile_name).send().await?;
        }
        let is_forced = self.force_detach_policies.unwrap_or(false);
        let found = RolePolicies::read(iam, name).await?;
        if is_forced || self.managed_policy_arns.known().is_some_and(|arns| !arns.is_empty()) {
            found.detach_managed(iam, name).await?;
        }
        if is_forced || !self.inline_policy.is_empty() {
            found.delete_inline(iam, name).await?;
        }
        Ok(())
    }
}

/// The schema keeps it within what fits.
fn seconds(duration: &Attr<i64>) -> i32 {
    duration.known().and_then(|&seconds| i32::try_from(seconds).ok()).unwrap_or(3600)
}

fn set(text: &Attr<String>) -> Option<String> {
    text.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
