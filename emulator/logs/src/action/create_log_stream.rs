//! CreateLogStream: an empty stream in a group.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Logs;
use crate::shape;

pub(super) struct CreateLogStream;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: String,
    log_stream_name: String,
}

impl Action<Logs> for CreateLogStream {
    const NAME: &'static str = "CreateLogStream";
    const INPUT: Structure = Structure::new(
        "CreateLogStreamRequest",
        &[shape::GROUP_NAME.member("logGroupName").required(), shape::STREAM_NAME.member("logStreamName").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        let group = service.catalog().group(&call.world, &input.log_group_name)?;
        service.catalog().create_stream(&group, &input.log_stream_name).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn made_once_and_deleted() {
        let mut fixture = Fixture::with_stream().await;
        fixture.restart().await;
        let stream = json!({"logGroupName": "g", "logStreamName": "s"});
        let exists = "ResourceAlreadyExistsException: The specified log stream already exists";
        fixture.refused("CreateLogStream", stream.clone(), exists).await;
        let missing = "ResourceNotFoundException: The specified log group does not exist.";
        fixture.refused("CreateLogStream", json!({"logGroupName": "x", "logStreamName": "s"}), missing).await;
        fixture.put("s", "lost", 0).await;
        fixture.ok("DeleteLogStream", stream.clone()).await;
        fixture.restart().await;
        let missing = "ResourceNotFoundException: The specified log stream does not exist.";
        fixture.refused("DeleteLogStream", stream.clone(), missing).await;
        fixture.ok("CreateLogStream", stream).await;
        fixture.put("s", "kept", 0).await;
        let found = fixture.ok("FilterLogEvents", json!({"logGroupName": "g"})).await;
        assert_eq!((found["events"].as_array().unwrap().len(), &found["events"][0]["message"]), (1, &json!("kept")));
    }
}
