//! DescribeStream: everything about a stream with its shards, page by page.
//!
//! Limit is 100 unless it is less. A stream that is CREATING shows no shards.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::output::ShardOutput;
use crate::service::Kinesis;
use crate::shape;
use crate::shard::ShardIndex;
use crate::stream::Status;

use super::description::Description;

pub(super) struct DescribeStream;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    limit: Option<usize>,
    exclusive_start_shard_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    stream_description: StreamDescription,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct StreamDescription {
    #[serde(flatten)]
    common: Description,
    shards: Vec<ShardOutput>,
    has_more_shards: bool,
}

const PAGE: usize = 100;

impl Action<Kinesis> for DescribeStream {
    const NAME: &'static str = "DescribeStream";
    const INPUT: Structure = Structure::new(
        "DescribeStreamInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            shape::LIMIT.member("Limit"),
            shape::SHARD_ID.member("ExclusiveStartShardId"),
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
        let start = match input.exclusive_start_shard_id {
            None => None,
            Some(shard) => {
                let unknown = || Error::ShardUnknown { shard: shard.clone(), stream: stream.label() };
                Some(ShardIndex::parse(&shard).ok_or_else(unknown)?)
            }
        };
        let horizon = state.settings.horizon(now);
        let visible = state.settings.status(now) != Status::Creating;
        let mut rest = state
            .shards
            .retained(horizon)
            .filter(|shard| visible && start.is_none_or(|start| shard.index > start))
            .peekable();
        let limit = input.limit.map_or(PAGE, |limit| limit.min(PAGE));
        let shards = rest.by_ref().take(limit).map(ShardOutput::from).collect();
        let has_more_shards = rest.peek().is_some();
        let common = Description::of(&stream, &state, now);
        Ok(Output { stream_description: StreamDescription { common, shards, has_more_shards } })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn tells_everything() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let described = fixture.ok("DescribeStream", json!({"StreamName": "s"})).await;
        assert_eq!(
            described,
            json!({"StreamDescription": {
                "StreamName": "s",
                "StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
                "StreamStatus": "ACTIVE",
                "StreamModeDetails": {"StreamMode": "PROVISIONED"},
                "RetentionPeriodHours": 24,
                "StreamCreationTimestamp": 1_700_000_000.0,
                "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
                "EncryptionType": "NONE",
                "HasMoreShards": false,
                "Shards": [{
                    "ShardId": "shardId-000000000000",
                    "HashKeyRange": {
                        "StartingHashKey": "0",
                        "EndingHashKey": "340282366920938463463374607431768211455",
                    },
                    "SequenceNumberRange": {
                        "StartingSequenceNumber": "49646437577108476416916876405825929425585429676275269634",
                    },
                }],
            }})
        );
    }

    #[tokio::test]
    async fn pages_through_the_shards() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 5).await;
        let page = async |input| {
            let described = fixture.ok("DescribeStream", input).await;
            let description = &described["StreamDescription"];
            let shards = description["Shards"].as_array().unwrap().iter();
            let ids: Vec<String> = shards.map(|shard| shard["ShardId"].as_str().unwrap()[18..].to_owned()).collect();
            (ids, description["HasMoreShards"].as_bool().unwrap())
        };
        let first = page(json!({"StreamName": "s", "Limit": 3})).await;
        assert_eq!(first, (vec!["00".into(), "01".into(), "02".into()], true));
        let start = "shardId-000000000002";
        let last = page(json!({"StreamName": "s", "Limit": 3, "ExclusiveStartShardId": start})).await;
        assert_eq!(last, (vec!["03".into(), "04".into()], false));
    }

    #[tokio::test]
    async fn refuses_what_is_not_there() {
        let fixture = Fixture::new().await;
        let unknown = "ResourceNotFoundException: Stream s under account 000000000000 not found.";
        fixture.refused("DescribeStream", json!({"StreamName": "s"}), unknown).await;
        fixture.stream("s", 1).await;
        fixture
            .refused(
                "DescribeStream",
                json!({"StreamName": "s", "ExclusiveStartShardId": "nonsense"}),
                "ResourceNotFoundException: Could not find shard nonsense in stream s under account 000000000000.",
            )
            .await;
        let unnamed = "InvalidArgumentException: Either StreamName or StreamARN should be provided.";
        fixture.refused("DescribeStream", json!({}), unnamed).await;
    }
}
