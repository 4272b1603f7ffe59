//! UntagLogGroup: UntagResource as it was, by the name of the group.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Logs;
use crate::shape;

pub(super) struct UntagLogGroup;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: String,
    tags: Vec<String>,
}

impl Action<Logs> for UntagLogGroup {
    const NAME: &'static str = "UntagLogGroup";
    const INPUT: Structure = Structure::new(
        "UntagLogGroupRequest",
        &[
            shape::GROUP_NAME.member("logGroupName").required(),
            Shape::list(&shape::TAG_KEY).at_least(1).member("tags").required(),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        let remove = |record: &mut crate::group::Record| {
            record.tags.retain(|key, _| !input.tags.contains(key));
            Ok(())
        };
        service.catalog().change_group(&call.world, &input.log_group_name, remove).await
    }
}
