//! `aws_iam_policy`: a managed policy.
//!
//! A policy keeps at most five versions; an update makes room by deleting the oldest that is not in force.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{Policy, PolicyVersion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Applied, Attr, Change, Comparison, Context, Diagnostics, Failure, Identity, Plan, Resource};

use super::iam::{NAME_PATTERN, decode_document, from_service, to_service};
use super::name::{name_or_unique, plan_name, prefix_of};
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::identity;
use crate::policy::{self, SAME_POLICY};
use crate::tags::{TagChange, Tags};
use crate::wait::{PERMISSION_WINDOW, retry_while};

const MOST_VERSIONS: usize = 5;

/// A policy that can be attached to roles.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct IamPolicy {
    /// The policy's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// To how many it is attached.
    #[schemars(extend("tf" = computed()))]
    attachment_count: Attr<i64>,
    /// Accepted; a policy can be used as soon as it exists.
    #[schemars(extend("tf" = optional().range(1..)))]
    delay_after_policy_creation_in_ms: Attr<i64>,
    /// What the policy is for.
    #[schemars(extend("tf" = optional().force_new().zero_is_unset()))]
    description: Attr<String>,
    /// The policy's ARN.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The policy's name; made up when not set.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["name_prefix"]).length(1..=128).pattern(NAME_PATTERN)
    ))]
    name: Attr<String>,
    /// What a made-up name begins with.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["name"]).length(1..=96).pattern(NAME_PATTERN)
    ))]
    name_prefix: Attr<String>,
    /// Where the policy is filed.
    #[schemars(extend("tf" = optional().default("/").force_new()))]
    path: Attr<String>,
    /// What it allows and denies, as JSON.
    #[schemars(extend("tf" = required().json().same_when(SAME_POLICY)))]
    policy: Attr<String>,
    /// The policy's unique id.
    #[schemars(extend("tf" = computed()))]
    policy_id: Attr<String>,
    /// Tags of the policy.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    tags: Attr<Tags>,
    /// Tags of the policy, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    tags_all: Attr<Tags>,
}

impl Resource for IamPolicy {
    const TYPE: &'static str = "aws_iam_policy";
    const IDENTITY: Option<Identity> = Some(identity::arn(&["arn"]));
    const IMPORT_ID: &'static str = "{arn}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        plan_name(plan, |policy| (&mut policy.name, &mut policy.name_prefix));
        cx.client().tags().plan(plan, |policy| (&mut policy.tags, &mut policy.tags_all));
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let name = name_or_unique(&planned.name, &planned.name_prefix);
        let description = planned.description.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let call = cx.client().iam()?.create_policy().policy_name(&name).path(planned.path.text());
        let call = call.policy_document(planned.policy.text()).set_description(description);
        let created = call.set_tags(to_service(cx.client().tags().merged(&planned.tags))).send().await;
        let created = created.map_err(|error| refused(&error.into(), &format!("creating IAM Policy ({name})")))?;
        let arn = created.policy.and_then(|policy| policy.arn).unwrap_or_default();
        let known = Self { id: arn.as_str().into(), arn: arn.into(), name: name.into(), ..planned };
        cx.save(&known);
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let (iam, arn) = (cx.client().iam()?, state.id.text());
        let doing = format!("reading IAM Policy ({arn})");
        let found = async {
            let policy = iam.get_policy().policy_arn(arn).send().await?.policy;
            let version = policy.as_ref().and_then(|policy| policy.default_version_id.as_deref()).unwrap_or_default();
            let version = iam.get_policy_version().policy_arn(arn).version_id(version).send().await?.policy_version;
            Ok::<_, ApiError>(policy.zip(version))
        };
        let found = match found.await {
            Err(error) if error.is("NoSuchEntity") => return Ok(None),
            found => found.while_doing(&doing)?,
        };
        Ok(found.map(|(policy, version)| state.observed(cx, policy, version)))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let iam = cx.client().iam()?;
        let arn = change.prior.id.text();
        change.prior.change_tags(cx, &iam, &change.planned).await?;
        if change.changes(|policy| &policy.policy) {
            let doing = format!("updating IAM Policy ({arn})");
            make_room(&iam, arn).await.while_doing(&doing)?;
            let call = iam.create_policy_version().policy_arn(arn).set_as_default(true);
            let updated = call.policy_document(change.planned.policy.text()).send().await;
            updated.map_err(|error| refused(&error.into(), &doing))?;
        }
        change.planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let (iam, arn) = (cx.client().iam()?, state.id.text());
        let delete = || async {
            for version in versions(&iam, arn).await?.iter().filter(|version| !version.is_default_version) {
                delete_version(&iam, arn, version).await?;
            }
            iam.delete_policy().policy_arn(arn).send().await?;
            Ok(())
        };
        // Attachments that other resources hold are on their way out.
        let passes = |error: &ApiError| error.is("DeleteConflict");
        match retry_while(cx, PERMISSION_WINDOW, passes, delete).await {
            Err(error) if error.is("NoSuchEntity") => Ok(()),
            result => Ok(result.while_doing(&format!("deleting IAM Policy ({arn})"))?),
        }
    }

    async fn import(_: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        Ok(Self { id: id.into(), arn: id.into(), ..Self::default() })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        policy::same(comparison)
    }
}

impl IamPolicy {
    /// The state after a write: as planned, and the rest as found.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let (tags, tags_all, arn) = (self.tags.clone(), self.tags_all.clone(), self.id.text().to_owned());
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading IAM Policy ({arn}): couldn't find resource"),
                "Something else removed the policy meanwhile. Apply again to create it anew.",
            )
            .into());
        };
        let tags_all = if tags_all.is_unknown() { found.tags_all } else { tags_all };
        Ok(Self { tags, tags_all, ..found })
    }

    fn observed(self, cx: &Context<Aws>, policy: Policy, version: PolicyVersion) -> Self {
        let tags = cx.client().tags().read(from_service(policy.tags), &self.tags, &self.tags_all);
        let name = policy.policy_name.unwrap_or_default();
        let encoded = version.document.unwrap_or_default();
        Self {
            attachment_count: i64::from(policy.attachment_count.unwrap_or(0)).into(),
            delay_after_policy_creation_in_ms: self.delay_after_policy_creation_in_ms,
            description: policy.description.into(),
            id: policy.arn.clone().into(),
            arn: policy.arn.into(),
            name_prefix: prefix_of(&name).into(),
            name: name.into(),
            path: policy.path.into(),
            policy: decode_document(&encoded).into(),
            policy_id: policy.policy_id.into(),
            tags: tags.tags,
            tags_all: tags.tags_all,
        }
    }

    async fn change_tags(&self, cx: &Context<Aws>, iam: &Client, planned: &Self) -> Result<(), Diagnostics> {
        let old = self.tags_all.clone().unwrap_or_default();
        let new = cx.client().tags().merged(&planned.tags);
        let Some(TagChange { removed, set }) = TagChange::between(&old, &new) else { return Ok(()) };
        let arn = self.id.text();
        if !removed.is_empty() {
            let call = iam.untag_policy().policy_arn(arn).set_tag_keys(Some(removed));
            call.send().await.while_doing(&format!("untagging IAM Policy ({arn})"))?;
        }
        if !set.is_empty() {
            let call = iam.tag_policy().policy_arn(arn).set_tags(to_service(set));
            call.send().await.while_doing(&format!("tagging IAM Policy ({arn})"))?;
        }
        Ok(())
    }
}

fn refused(error: &ApiError, doing: &str) -> Diagnostics {
    const MEMBERS: &[(&str, &str)] =
        &[("policyName", "name"), ("path", "path"), ("description", "description"), ("policyDocument", "policy")];
    let diagnostic = error.diagnostic_at(doing, MEMBERS);
    match error.code() {
        "MalformedPolicyDocument" => diagnostic.at("policy"),
        "EntityAlreadyExists" => diagnostic.at("name"),
        _ => diagnostic,
    }
    .into()
}

async fn versions(iam: &Client, arn: &str) -> Result<Vec<PolicyVersion>, ApiError> {
    let mut versions = Vec::new();
    let mut pages = iam.list_policy_versions().policy_arn(arn).into_paginator().items().send();
    while let Some(version) = pages.next().await {
        versions.push(version?);
    }
    Ok(versions)
}

async fn make_room(iam: &Client, arn: &str) -> Result<(), ApiError> {
    let versions = versions(iam, arn).await?;
    if versions.len() < MOST_VERSIONS {
        return Ok(());
    }
    let replaceable = versions.iter().filter(|version| !version.is_default_version);
    match replaceable.min_by_key(|version| version.create_date.map(|date| date.as_nanos())) {
        Some(oldest) => delete_version(iam, arn, oldest).await,
        None => Ok(()),
    }
}

async fn delete_version(iam: &Client, arn: &str, version: &PolicyVersion) -> Result<(), ApiError> {
    let id = version.version_id.as_deref().unwrap_or_default();
    iam.delete_policy_version().policy_arn(arn).version_id(id).send().await?;
    Ok(())
}
