//! ListTagsLogGroup: ListTagsForResource as it was, by the name of the group.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use super::list_tags_for_resource::Output;
use crate::error::Result;
use crate::service::Logs;
use crate::shape;

pub(super) struct ListTagsLogGroup;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: String,
}

impl Action<Logs> for ListTagsLogGroup {
    const NAME: &'static str = "ListTagsLogGroup";
    const INPUT: Structure =
        Structure::new("ListTagsLogGroupRequest", &[shape::GROUP_NAME.member("logGroupName").required()]);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<Output> {
        Ok(Output { tags: service.catalog().group(&call.world, &input.log_group_name)?.record().tags.clone() })
    }
}
