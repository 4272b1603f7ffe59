//! DescribeStreamSummary: everything about a stream but its shards, which it counts.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::service::Kinesis;
use crate::shape;
use crate::stream::Status;

use super::description::Description;

pub(super) struct DescribeStreamSummary;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    stream_description_summary: Summary,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    #[serde(flatten)]
    common: Description,
    open_shard_count: usize,
    consumer_count: usize,
    #[serde(rename = "MaxRecordSizeInKiB")]
    max_record_size_in_ki_b: u32,
}

impl Action<Kinesis> for DescribeStreamSummary {
    const NAME: &'static str = "DescribeStreamSummary";
    const INPUT: Structure = Structure::new(
        "DescribeStreamSummaryInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let stream = service.stream(call, input.stream_name.as_deref(), input.stream_arn.as_deref()).await?;
        let (state, now) = (stream.state(), service.now());
        let creating = state.settings.status(now) == Status::Creating;
        let summary = Summary {
            common: Description::of(&stream, &state, now),
            open_shard_count: if creating { 0 } else { state.shards.open_count() },
            consumer_count: state.consumers.len(),
            max_record_size_in_ki_b: state.settings.max_record_kib,
        };
        Ok(Output { stream_description_summary: summary })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn counts_instead_of_listing() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 2).await;
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
        fixture.ok("RegisterStreamConsumer", json!({"StreamARN": arn, "ConsumerName": "c"})).await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamARN": arn})).await;
        assert_eq!(
            summary,
            json!({"StreamDescriptionSummary": {
                "StreamName": "s",
                "StreamARN": arn,
                "StreamStatus": "ACTIVE",
                "StreamModeDetails": {"StreamMode": "PROVISIONED"},
                "RetentionPeriodHours": 24,
                "StreamCreationTimestamp": 1_700_000_000.0,
                "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
                "EncryptionType": "NONE",
                "OpenShardCount": 2,
                "ConsumerCount": 1,
                "MaxRecordSizeInKiB": 1024,
            }})
        );
    }

    #[tokio::test]
    async fn a_stream_that_is_creating_has_no_shards_yet() {
        let fixture = Fixture::new().await;
        fixture.ok("CreateStream", json!({"StreamName": "s", "ShardCount": 2})).await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        assert_eq!(summary["StreamDescriptionSummary"]["OpenShardCount"], 0);
        let unknown = "ResourceNotFoundException: Stream t under account 000000000000 not found.";
        fixture.refused("DescribeStreamSummary", json!({"StreamName": "t"}), unknown).await;
    }
}
