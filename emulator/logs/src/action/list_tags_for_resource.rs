//! ListTagsForResource: the tags of a group.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use super::tag_resource::resource;
use crate::error::Result;
use crate::service::Logs;
use crate::shape;

pub(super) struct ListTagsForResource;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    resource_arn: String,
}

#[derive(Serialize)]
pub(super) struct Output {
    pub(super) tags: BTreeMap<String, String>,
}

impl Action<Logs> for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    const INPUT: Structure =
        Structure::new("ListTagsForResourceRequest", &[shape::RESOURCE_ARN.member("resourceArn").required()]);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<Output> {
        let group = resource(service, &call.world, &input.resource_arn)?;
        Ok(Output { tags: service.catalog().group(&call.world, &group)?.record().tags.clone() })
    }
}
