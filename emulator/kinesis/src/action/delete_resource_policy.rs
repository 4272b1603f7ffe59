//! DeleteResourcePolicy: removes the policy of a stream or a consumer.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::service::Kinesis;
use crate::shape;

use super::resource::Target;

pub(super) struct DeleteResourcePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

impl Action<Kinesis> for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    const INPUT: Structure = Structure::new(
        "DeleteResourcePolicyInput",
        &[shape::RESOURCE_ARN.member("ResourceARN").required(), shape::STREAM_ID.member("StreamId")],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let target = Target::find(service, call, &input.resource_arn).await?;
        let arn = input.resource_arn;
        service
            .catalog
            .change_in_any_state(&target.stream, |state, _| {
                target.attributes(state)?.1.take().map(|_| ()).ok_or(Error::PolicyNotFound { arn })
            })
            .await
    }
}
