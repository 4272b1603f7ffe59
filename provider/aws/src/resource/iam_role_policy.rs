//! `aws_iam_role_policy`: one policy inside a role.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Applied, Attr, Change, Comparison, Context, Diagnostics, Failure, Identity, Plan, Resource};

use super::iam::{NAME_PATTERN, decode_document};
use super::name::{name_or_unique, plan_name, prefix_of};
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::identity;
use crate::policy::{self, SAME_POLICY};

/// A policy inside a role.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct IamRolePolicy {
    /// Role and policy, as `role:policy`.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The policy's name; made up when not set.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["name_prefix"]).length(..=128).pattern(NAME_PATTERN)
    ))]
    name: Attr<String>,
    /// What a made-up name begins with.
    #[schemars(extend("tf" =
        optional_computed().force_new().conflicts_with(&["name"]).length(..=100).pattern(NAME_PATTERN)
    ))]
    name_prefix: Attr<String>,
    /// What the policy allows and denies, as JSON.
    #[schemars(extend("tf" = required().json().same_when(SAME_POLICY)))]
    policy: Attr<String>,
    /// The role's name.
    #[schemars(extend("tf" = required().force_new()))]
    role: Attr<String>,
}

impl Resource for IamRolePolicy {
    const TYPE: &'static str = "aws_iam_role_policy";
    const IDENTITY: Option<Identity> = Some(identity::global(&["name", "role"]));
    const IMPORT_ID: &'static str = "{role}:{name}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(_: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        plan_name(plan, |policy| (&mut policy.name, &mut policy.name_prefix));
        if plan.is_create() {
            let (role, name) = (plan.planned.role.as_str(), plan.planned.name.as_str());
            plan.planned.id = role.zip(name).map_or(Attr::Unknown, |(role, name)| format!("{role}:{name}").into());
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let name = name_or_unique(&planned.name, &planned.name_prefix);
        let role = planned.role.text();
        let policy = Self {
            id: format!("{role}:{name}").into(),
            name_prefix: prefix_of(&name).into(),
            name: name.into(),
            ..planned
        };
        policy.put(cx, "creating").await?;
        Ok(policy)
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let (role, name) = state.parts()?;
        let call = cx.client().iam()?.get_role_policy().role_name(role).policy_name(name);
        let found = match call.send().await.map_err(ApiError::from) {
            Err(error) if error.is("NoSuchEntity") => return Ok(None),
            answer => answer.while_doing(&format!("reading IAM Role Policy ({role}:{name})"))?,
        };
        Ok(Some(Self {
            id: state.id.clone(),
            name: name.into(),
            name_prefix: prefix_of(name).into(),
            policy: decode_document(&found.policy_document).into(),
            role: role.into(),
        }))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        change.planned.put(cx, "updating").await?;
        Ok(change.planned)
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let (role, name) = state.parts()?;
        let call = cx.client().iam()?.delete_role_policy().role_name(role).policy_name(name);
        match call.send().await.map_err(ApiError::from) {
            Err(error) if error.is("NoSuchEntity") => Ok(()),
            answer => Ok(answer.map(drop).while_doing(&format!("deleting IAM Role Policy ({role}:{name})"))?),
        }
    }

    async fn import(_: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let policy = Self { id: id.into(), ..Self::default() };
        policy.parts()?;
        Ok(policy)
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        policy::same(comparison)
    }
}

impl IamRolePolicy {
    /// The names of role and policy inside the id.
    fn parts(&self) -> Result<(&str, &str), Diagnostics> {
        let parts = self.id.text().split_once(':').filter(|(role, name)| !role.is_empty() && !name.is_empty());
        parts.ok_or_else(|| {
            Diagnostics::error(
                format!("unexpected format of ID ({})", self.id.text()),
                "Write the ID as ROLE_NAME:POLICY_NAME.",
            )
        })
    }

    async fn put(&self, cx: &Context<Aws>, doing: &str) -> Result<(), Diagnostics> {
        let (role, name) = self.parts()?;
        let call = cx.client().iam()?.put_role_policy().role_name(role).policy_name(name);
        let answer = call.policy_document(self.policy.text()).send().await.map_err(ApiError::from);
        answer.map(drop).map_err(|error| {
            let doing = format!("{doing} IAM Role Policy ({role}:{name})");
            let diagnostic = error.diagnostic_at(&doing, &[("roleName", "role"), ("policyName", "name")]);
            match error.code() {
                "NoSuchEntity" => diagnostic.at("role"),
                "MalformedPolicyDocument" => diagnostic.at("policy"),
                _ => diagnostic,
            }
            .into()
        })
    }
}
