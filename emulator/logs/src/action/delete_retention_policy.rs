//! DeleteRetentionPolicy: from now on events are kept for ever.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::action::put_retention_policy::check_is_set;
use crate::error::Result;
use crate::service::Logs;
use crate::shape;

pub(super) struct DeleteRetentionPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: String,
}

impl Action<Logs> for DeleteRetentionPolicy {
    const NAME: &'static str = "DeleteRetentionPolicy";
    const INPUT: Structure =
        Structure::new("DeleteRetentionPolicyRequest", &[shape::GROUP_NAME.member("logGroupName").required()]);
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        let forget = |record: &mut crate::group::Record| {
            check_is_set(record)?;
            record.retention_days = None;
            Ok(())
        };
        service.catalog().change_group(&call.world, &input.log_group_name, forget).await
    }
}
