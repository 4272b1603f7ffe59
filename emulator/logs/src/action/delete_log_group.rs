//! DeleteLogGroup: removes a group with all its streams and events.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Logs;
use crate::shape;

pub(super) struct DeleteLogGroup;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: String,
}

impl Action<Logs> for DeleteLogGroup {
    const NAME: &'static str = "DeleteLogGroup";
    const INPUT: Structure =
        Structure::new("DeleteLogGroupRequest", &[shape::GROUP_NAME.member("logGroupName").required()]);
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        service.catalog().delete_group(&call.world, &input.log_group_name).await?;
        tracing::info!(group = input.log_group_name, "log group deleted");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn with_all_that_is_in_it() {
        let mut fixture = Fixture::with_stream().await;
        fixture.put("s", "lost", 0).await;
        fixture.ok("DeleteLogGroup", json!({"logGroupName": "g"})).await;
        fixture.restart().await;
        let missing = "ResourceNotFoundException: The specified log group does not exist.";
        fixture.refused("DeleteLogGroup", json!({"logGroupName": "g"}), missing).await;
        fixture.ok("CreateLogGroup", json!({"logGroupName": "g"})).await;
        let found = fixture.ok("FilterLogEvents", json!({"logGroupName": "g"})).await;
        assert_eq!(found["events"], json!([]));
        let streams = fixture.ok("DescribeLogStreams", json!({"logGroupName": "g"})).await;
        assert_eq!(streams["logStreams"], json!([]));
    }
}
