//! `aws_iam_role_policy_attachment`: one managed policy, attached to one role.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Applied, Attr, Change, Context, Diagnostics, Failure, Identity, Plan, Resource};

use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::identity;

/// A managed policy on a role.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct IamRolePolicyAttachment {
    /// Role and policy, as `role/arn`.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The policy's ARN.
    #[schemars(extend("tf" = required().force_new()))]
    policy_arn: Attr<String>,
    /// The role's name.
    #[schemars(extend("tf" = required().force_new()))]
    role: Attr<String>,
}

impl Resource for IamRolePolicyAttachment {
    const TYPE: &'static str = "aws_iam_role_policy_attachment";
    const IDENTITY: Option<Identity> = Some(identity::global(&["policy_arn", "role"]));
    const IMPORT_ID: &'static str = "{role}/{policy_arn}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(_: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        if plan.is_create() {
            let (role, arn) = (plan.planned.role.as_str(), plan.planned.policy_arn.as_str());
            plan.planned.id = role.zip(arn).map_or(Attr::Unknown, |(role, arn)| format!("{role}/{arn}").into());
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let (role, arn) = (planned.role.text(), planned.policy_arn.text());
        let call = cx.client().iam()?.attach_role_policy().role_name(role).policy_arn(arn);
        if let Err(error) = call.send().await.map_err(ApiError::from) {
            let doing = format!("attaching IAM Policy ({arn}) to IAM Role ({role})");
            let diagnostic = error.diagnostic_at(&doing, &[("roleName", "role"), ("policyArn", "policy_arn")]);
            // The service has one code for either being missing, and names the one in its message.
            let missing = if error.message().contains(arn) { "policy_arn" } else { "role" };
            return Err(if error.is("NoSuchEntity") { diagnostic.at(missing) } else { diagnostic }.into());
        }
        Ok(Self { id: format!("{role}/{arn}").into(), ..planned })
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let (role, arn) = (state.role.text(), state.policy_arn.text());
        let doing = format!("reading IAM Role Policy Attachment ({role}/{arn})");
        let call = cx.client().iam()?.list_attached_role_policies().role_name(role);
        let mut attached = call.into_paginator().items().send();
        while let Some(policy) = attached.next().await {
            match policy.map_err(ApiError::from) {
                Ok(policy) if policy.policy_arn.as_deref() == Some(arn) => return Ok(Some(state)),
                Ok(_) => {}
                Err(error) if error.is("NoSuchEntity") => return Ok(None),
                Err(error) => return Err(error.diagnostic(&doing).into()),
            }
        }
        Ok(None)
    }

    async fn update(_: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        // Everything that can be set replaces.
        Ok(change.planned)
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let (role, arn) = (state.role.text(), state.policy_arn.text());
        let call = cx.client().iam()?.detach_role_policy().role_name(role).policy_arn(arn);
        match call.send().await.map_err(ApiError::from) {
            Err(error) if error.is("NoSuchEntity") => Ok(()),
            answer => {
                Ok(answer.map(drop).while_doing(&format!("detaching IAM Policy ({arn}) from IAM Role ({role})"))?)
            }
        }
    }

    async fn import(_: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let parts = id.split_once('/').filter(|(role, arn)| !role.is_empty() && arn.starts_with("arn:"));
        let Some((role, arn)) = parts else {
            let detail = "Write the ID as ROLE_NAME/POLICY_ARN.";
            return Err(Diagnostics::error(format!("unexpected format of ID ({id})"), detail));
        };
        Ok(Self { id: id.into(), policy_arn: arn.into(), role: role.into() })
    }
}
