//! DescribeStreamSummary: everything about a stream but its shards, which it counts.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::service::Kinesis;
use crate::shape;
use crate::stream::{Mode, RecordDistribution, Status};

use super::description::{Description, WarmThroughput};

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
    channel_count: u32,
    queue_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_distribution_strategy: Option<RecordDistribution>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warm_throughput: Option<WarmThroughput>,
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
        let stream =
            service.stream(call, Self::NAME, input.stream_name.as_deref(), input.stream_arn.as_deref()).await?;
        let (state, now) = (stream.state(), service.now());
        let settings = &state.settings;
        let on_demand = settings.mode == Mode::OnDemand;
        let warm_throughput = || {
            let current_mi_bps = super::open_shards(&state);
            WarmThroughput { target_mi_bps: settings.warm_throughput.unwrap_or(current_mi_bps), current_mi_bps }
        };
        let committed = on_demand && service.accounts.is_committed(&call.world, now);
        let creating = settings.status(now) == Status::Creating;
        let summary = Summary {
            common: Description::of(&stream, &state, now),
            open_shard_count: if creating { 0 } else { state.shards.open_count() },
            consumer_count: state.consumers.len(),
            max_record_size_in_ki_b: settings.max_record_kib,
            channel_count: 0,
            queue_count: 0,
            record_distribution_strategy: on_demand.then_some(settings.distribution),
            warm_throughput: committed.then(warm_throughput),
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
                "ChannelCount": 0,
                "QueueCount": 0,
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
