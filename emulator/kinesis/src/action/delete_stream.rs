//! DeleteStream: the stream is DELETING at once, then gone with its records, tags and consumers.
//!
//! A stream with consumers goes only if the caller says so.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::service::Kinesis;
use crate::shape;
use crate::stream::Phase;

pub(super) struct DeleteStream;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    enforce_consumer_deletion: Option<bool>,
}

impl Action<Kinesis> for DeleteStream {
    const NAME: &'static str = "DeleteStream";
    const INPUT: Structure = Structure::new(
        "DeleteStreamInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            Shape::boolean().member("EnforceConsumerDeletion"),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let stream =
            service.stream(call, Self::NAME, input.stream_name.as_deref(), input.stream_arn.as_deref()).await?;
        let until = service.now() + service.config().lifecycle_delay;
        service
            .catalog
            .change(&stream, |state, _| {
                if !state.consumers.is_empty() && input.enforce_consumer_deletion != Some(true) {
                    let (account, name) = (stream.world.account.clone(), stream.name.to_string());
                    return Err(Error::ConsumersPresent { account, name });
                }
                state.settings.phase = Phase::Deleted(until);
                Ok(())
            })
            .await?;
        tracing::info!(stream = %stream.name, "stream deleted");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    const NOT_FOUND: &str = "ResourceNotFoundException: Stream s under account 000000000000 not found.";

    #[tokio::test]
    async fn is_deleting_then_gone_with_its_logs() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 2).await;
        fixture.put("s", "k", "v").await;
        assert_eq!(fixture.logs.names().len(), 1);
        fixture.ok("DeleteStream", json!({"StreamName": "s"})).await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        assert_eq!(summary["StreamDescriptionSummary"]["StreamStatus"], "DELETING");
        let taken = "ResourceInUseException: Stream s under account 000000000000 already exists.";
        fixture.refused("CreateStream", json!({"StreamName": "s", "ShardCount": 1}), taken).await;
        let in_state =
            "ResourceInUseException: Stream s under account 000000000000 not ACTIVE, instead in state DELETING";
        fixture.refused("DeleteStream", json!({"StreamName": "s"}), in_state).await;
        let put = json!({"StreamName": "s", "PartitionKey": "k", "Data": ""});
        fixture.refused("PutRecord", put, NOT_FOUND).await;
        fixture.advance_secs(1).await;
        fixture.refused("DescribeStreamSummary", json!({"StreamName": "s"}), NOT_FOUND).await;
        fixture.refused("DeleteStream", json!({"StreamName": "s"}), NOT_FOUND).await;
        fixture.stream("s", 1).await;
        assert!(fixture.logs.names().is_empty());
        assert!(fixture.keys_in("s", "shardId-000000000000").await.is_empty());
    }

    #[tokio::test]
    async fn consumers_keep_a_stream_unless_the_caller_insists() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
        fixture.ok("RegisterStreamConsumer", json!({"StreamARN": arn, "ConsumerName": "c"})).await;
        let words = "ResourceInUseException: DeleteStream can’t delete 000000000000:s because there are consumers \
                     associated with this data stream. To delete s anyway, set the EnforceConsumerDeletion parameter to \
                     true to force the deletion of all the consumers that are associated with it.";
        fixture.refused("DeleteStream", json!({"StreamARN": arn}), words).await;
        fixture.refused("DeleteStream", json!({"StreamARN": arn, "EnforceConsumerDeletion": false}), words).await;
        fixture.ok("DeleteStream", json!({"StreamARN": arn, "EnforceConsumerDeletion": true})).await;
        fixture.advance_secs(1).await;
        fixture.refused("DescribeStream", json!({"StreamARN": arn}), NOT_FOUND).await;
    }

    #[tokio::test]
    async fn a_restart_finishes_the_deletion() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "k", "v").await;
        fixture.ok("DeleteStream", json!({"StreamName": "s"})).await;
        fixture.restart().await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        assert_eq!(summary["StreamDescriptionSummary"]["StreamStatus"], "DELETING");
        fixture.advance_secs(1).await;
        fixture.refused("DescribeStream", json!({"StreamName": "s"}), NOT_FOUND).await;
        fixture.stream("s", 1).await;
        assert!(fixture.logs.names().is_empty());
    }

    #[tokio::test]
    async fn logs_that_outlived_their_stream_are_removed_at_the_start() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "k", "v").await;
        let kept = fixture.logs.names();
        let orphan = shard_log::LogId::new("kinesis.000000000000.us-east-1.00000000deadbeef.0").unwrap();
        let of_others = shard_log::LogId::new("somebody.else").unwrap();
        for log in [&orphan, &of_others] {
            shard_log::LogStore::create(&*fixture.logs, log).await.unwrap();
        }
        fixture.restart().await;
        assert_eq!(fixture.logs.names(), [kept, vec!["somebody.else".to_owned()]].concat());
        assert_eq!(fixture.keys_in("s", "shardId-000000000000").await, ["k"]);
    }
}
