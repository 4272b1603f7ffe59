//! `aws_kinesis_resource_policy`: who else may use a stream or a consumer.
//!
//! A stream or consumer has one policy or none, so writing it the first time and changing it are the same call. Nothing is
//! read back after a write: the text stays as the user wrote it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Change, Comparison, Context, Diagnostic, Diagnostics, Failure, Identity, Plan, Resource,
};

use crate::arn::must_be_arn;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::policy::{self, SAME_POLICY};
use crate::{identity, region};

/// The policy of a stream or of an enhanced fan-out consumer.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KinesisResourcePolicy {
    /// The ARN of the stream or consumer.
    #[schemars(extend("tf" = computed()))]
    id: Attr<String>,
    /// What it allows and denies, as JSON.
    #[schemars(extend("tf" = required().json().same_when(SAME_POLICY)))]
    policy: Attr<String>,
    /// The region of the stream; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// The ARN of the stream or consumer.
    #[schemars(extend("tf" = required().force_new().check(must_be_arn())))]
    resource_arn: Attr<String>,
}

impl Resource for KinesisResourcePolicy {
    const TYPE: &'static str = "aws_kinesis_resource_policy";
    const IDENTITY: Option<Identity> = Some(identity::arn(&["resource_arn"]));
    const IMPORT_ID: &'static str = "{resource_arn}";
    type Client = Aws;

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |policy| &mut policy.region)?;
        if plan.is_create() {
            plan.planned.id = plan.planned.resource_arn.clone();
        }
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        planned.put(cx, "creating").await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let arn = state.id.text();
        let answer = cx.client().kinesis(&state.region)?.get_resource_policy().resource_arn(arn).send().await;
        let text = match answer.map_err(ApiError::from) {
            Err(error) if error.is("ResourceNotFoundException") => String::new(),
            answer => answer.while_doing(&format!("reading Kinesis Resource Policy ({arn})"))?.policy,
        };
        if text.is_empty() {
            cx.warn(
                Diagnostic::warning(
                    "AWS resource not found during refresh",
                    format!("{arn} has no policy any more, or is gone itself. The policy is dropped from the state."),
                )
                .at("resource_arn"),
            );
            return Ok(None);
        }
        let region = region::of_state(cx.client(), &state.region);
        Ok(Some(Self { resource_arn: arn.into(), policy: text.into(), region, ..state }))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        change.planned.put(cx, "updating").await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        let arn = state.id.text();
        let answer = cx.client().kinesis(&state.region)?.delete_resource_policy().resource_arn(arn).send().await;
        match answer.map_err(ApiError::from) {
            Err(error) if error.is("ResourceNotFoundException") => Ok(()),
            answer => Ok(answer.map(drop).while_doing(&format!("deleting Kinesis Resource Policy ({arn})"))?),
        }
    }

    async fn import(_: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let example = "Give the ARN of what has the policy, like arn:aws:kinesis:REGION:ACCOUNT:stream/STREAM.";
        let (arn, region) = region::of_import_arn(id, "a stream or consumer", example)?;
        Ok(Self { id: arn.into(), resource_arn: arn.into(), region: region.into(), policy: Attr::Null })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        policy::same(comparison)
    }
}

impl KinesisResourcePolicy {
    async fn put(self, cx: &Context<Aws>, doing: &str) -> Applied<Self> {
        let arn = self.resource_arn.text();
        let call = cx.client().kinesis(&self.region)?.put_resource_policy().resource_arn(arn);
        if let Err(error) = call.policy(self.policy.text()).send().await.map_err(ApiError::from) {
            let at = if error.is("ResourceNotFoundException") { "resource_arn" } else { "policy" };
            return Err(error.diagnostic(&format!("{doing} Kinesis Resource Policy ({arn})")).at(at).into());
        }
        let region = region::of_state(cx.client(), &self.region);
        Ok(Self { id: self.resource_arn.clone(), region, ..self })
    }
}
