//! ListTagsForResource lists the tags of a topic; tests are with TagResource.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use super::RESOURCE_ARN;
use super::tag_resource::resource;
use crate::error::Result;
use crate::service::Sns;
use crate::tag::{self, Tag};

pub(super) struct ListTagsForResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    resource_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    tags: Vec<Tag>,
}

impl Action<Sns> for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    const INPUT: Structure = Structure::new("ListTagsForResourceRequest", &[RESOURCE_ARN]);
    type Input = Input;
    type Output = Output;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<Output> {
        Ok(Output { tags: tag::list(&resource(sns, call, &input.resource_arn)?.tags) })
    }
}
