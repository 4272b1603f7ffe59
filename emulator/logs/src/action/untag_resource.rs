//! UntagResource: takes tags from a group.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use super::tag_resource::resource;
use crate::error::Result;
use crate::service::Logs;
use crate::shape;

pub(super) struct UntagResource;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Action<Logs> for UntagResource {
    const NAME: &'static str = "UntagResource";
    const INPUT: Structure = Structure::new(
        "UntagResourceRequest",
        &[
            shape::RESOURCE_ARN.member("resourceArn").required(),
            Shape::list(&shape::TAG_KEY).length(0, 50).member("tagKeys").required(),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        let group = resource(service, &call.world, &input.resource_arn)?;
        let remove = |record: &mut crate::group::Record| {
            record.tags.retain(|key, _| !input.tag_keys.contains(key));
            Ok(())
        };
        service.catalog().change_group(&call.world, &group, remove).await
    }
}
