//! ListTagsForResource: the tags of a stream or a consumer by key.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::output::Tag;
use crate::service::Kinesis;
use crate::shape;

use super::resource::Target;

pub(super) struct ListTagsForResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    tags: Vec<Tag>,
}

impl Action<Kinesis> for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    const INPUT: Structure = Structure::new(
        "ListTagsForResourceInput",
        &[shape::RESOURCE_ARN.member("ResourceARN").required(), shape::STREAM_ID.member("StreamId")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let target = Target::find(service, call, &input.resource_arn).await?;
        let state = target.stream.state();
        let tags = target.tags(&state)?.iter();
        Ok(Output { tags: tags.map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect() })
    }
}
