//! DeleteLogStream: removes a stream with all its events.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Logs;
use crate::shape;

pub(super) struct DeleteLogStream;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: String,
    log_stream_name: String,
}

impl Action<Logs> for DeleteLogStream {
    const NAME: &'static str = "DeleteLogStream";
    const INPUT: Structure = Structure::new(
        "DeleteLogStreamRequest",
        &[shape::GROUP_NAME.member("logGroupName").required(), shape::STREAM_NAME.member("logStreamName").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        let group = service.catalog().group(&call.world, &input.log_group_name)?;
        service.catalog().delete_stream(&group, &input.log_stream_name).await
    }
}
