//! GetResourcePolicy: the policy of a stream or a consumer, as it was given.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::service::Kinesis;
use crate::shape;

use super::resource::Target;

pub(super) struct GetResourcePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    policy: String,
}

impl Action<Kinesis> for GetResourcePolicy {
    const NAME: &'static str = "GetResourcePolicy";
    const INPUT: Structure = Structure::new(
        "GetResourcePolicyInput",
        &[shape::RESOURCE_ARN.member("ResourceARN").required(), shape::STREAM_ID.member("StreamId")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let target = Target::find(service, call, &input.resource_arn).await?;
        let state = target.stream.state();
        let policy = target.policy(&state)?.cloned();
        Ok(Output { policy: policy.ok_or(Error::PolicyNotFound { arn: input.resource_arn })? })
    }
}
