//! UntagResource: removes tags of a stream or a consumer by key. Keys that are not there are ignored.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kinesis;
use crate::{shape, tags};

use super::resource::Target;

pub(super) struct UntagResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    tag_keys: Vec<String>,
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

impl Action<Kinesis> for UntagResource {
    const NAME: &'static str = "UntagResource";
    const INPUT: Structure = Structure::new(
        "UntagResourceInput",
        &[
            shape::TAG_KEYS.member("TagKeys").required(),
            shape::RESOURCE_ARN.member("ResourceARN").required(),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let target = Target::find(service, call, &input.resource_arn).await?;
        let label = target.stream.label();
        let remove = |tags: &mut _| tags::remove(tags, &input.tag_keys, &label);
        service.catalog.change(&target.stream, |state, _| remove(target.attributes(state)?.0)).await
    }
}
