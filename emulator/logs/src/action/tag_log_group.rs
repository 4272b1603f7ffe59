//! TagLogGroup: TagResource as it was, by the name of the group.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use super::tag_resource::add;
use crate::error::Result;
use crate::service::Logs;
use crate::shape;

pub(super) struct TagLogGroup;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: String,
    tags: BTreeMap<String, String>,
}

impl Action<Logs> for TagLogGroup {
    const NAME: &'static str = "TagLogGroup";
    const INPUT: Structure = Structure::new(
        "TagLogGroupRequest",
        &[shape::GROUP_NAME.member("logGroupName").required(), shape::TAGS.member("tags").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        service.catalog().change_group(&call.world, &input.log_group_name, |record| add(record, input.tags)).await
    }
}
