//! SplitShard: one open shard becomes two, at a key of the caller's choice. Only for provisioned streams.
//!
//! The stream is UPDATING until the children are open; the parent takes records until then and stays readable.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::hash_key::HashKey;
use crate::reshard::Reshard;
use crate::service::Kinesis;
use crate::shape;

pub(super) struct SplitShard;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    shard_to_split: String,
    new_starting_hash_key: String,
}

impl Action<Kinesis> for SplitShard {
    const NAME: &'static str = "SplitShard";
    const INPUT: Structure = Structure::new(
        "SplitShardInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            shape::SHARD_ID.member("ShardToSplit").required(),
            shape::HASH_KEY.member("NewStartingHashKey").required(),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let (name, arn) = (input.stream_name.as_deref(), input.stream_arn.as_deref());
        let index = super::shard_index(call, name, arn, &input.shard_to_split)?;
        let stream = service.stream(call, Self::NAME, name, arn).await?;
        let delay = service.config().lifecycle_delay;
        let streams = service.catalog.in_world(&call.world);
        service
            .catalog
            .change(&stream, |state, now| {
                super::check_provisioned(&stream, state, "SplitShard")?;
                let shard = super::open_shard(&stream, state, index, now)?;
                super::check_shard_limit(service, &call.world, &streams, 1)?;
                let at = HashKey::parse(&input.new_starting_hash_key);
                let Some(at) = at.filter(|at| shard.range.split(*at).is_some()) else {
                    let (start, end) = (shard.range.start.0, shard.range.end.0);
                    let (key, stream) = (input.new_starting_hash_key.clone(), stream.label());
                    return Err(Error::SplitPoint { key, shard: index, stream, start, end });
                };
                super::begin_reshard(state, Reshard::Split { shard: index, at }, now + delay);
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    const MIDDLE: &str = "170141183460469231731687303715884105728";

    fn split(shard: &str, at: &str) -> Value {
        json!({"StreamName": "s", "ShardToSplit": shard, "NewStartingHashKey": at})
    }

    #[tokio::test]
    async fn parents_take_records_until_the_children_do() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let before = fixture.put("s", "a", "1").await;
        fixture.ok("SplitShard", split("shardId-0", MIDDLE)).await;
        let during = fixture.put("s", "a", "2").await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        assert_eq!(summary["StreamDescriptionSummary"]["StreamStatus"], "UPDATING");
        fixture.advance_secs(1).await;
        let after = fixture.put("s", "a", "3").await;
        assert!(before < during && during < after);
        assert_eq!(fixture.keys_in("s", "shardId-000000000000").await.len(), 2);
        assert_eq!(fixture.keys_in("s", "shardId-000000000001").await, ["a"]);
        fixture.restart().await;
        let shards = fixture.ok("ListShards", json!({"StreamName": "s"})).await["Shards"].clone();
        assert_eq!(shards.as_array().unwrap().len(), 3);
        assert!(shards[0]["SequenceNumberRange"]["EndingSequenceNumber"].is_string());
        assert_eq!(shards[1]["ParentShardId"], "shardId-000000000000");
        assert_eq!(shards[2]["HashKeyRange"]["StartingHashKey"], MIDDLE);
        assert_eq!(shards[2]["ParentShardId"], "shardId-000000000000");
        assert!(shards[2].get("AdjacentParentShardId").is_none());
    }

    #[tokio::test]
    async fn the_end_of_a_parent_names_its_children() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "a", "1").await;
        let iterator = fixture.iterator("s", "shardId-000000000000", "LATEST").await;
        fixture.ok("SplitShard", split("shardId-000000000000", MIDDLE)).await;
        fixture.advance_secs(1).await;
        let page = fixture.ok("GetRecords", json!({"ShardIterator": iterator})).await;
        assert!(page.get("NextShardIterator").is_none());
        assert_eq!(
            page["ChildShards"],
            json!([
                {
                    "ShardId": "shardId-000000000001",
                    "ParentShards": ["shardId-000000000000"],
                    "HashKeyRange": {
                        "StartingHashKey": "0",
                        "EndingHashKey": "170141183460469231731687303715884105727",
                    },
                },
                {
                    "ShardId": "shardId-000000000002",
                    "ParentShards": ["shardId-000000000000"],
                    "HashKeyRange": {
                        "StartingHashKey": MIDDLE,
                        "EndingHashKey": "340282366920938463463374607431768211455",
                    },
                },
            ])
        );
    }

    #[tokio::test]
    async fn a_restart_finishes_the_split() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "a", "1").await;
        fixture.ok("SplitShard", split("shardId-000000000000", MIDDLE)).await;
        fixture.restart().await;
        fixture.put("s", "a", "2").await;
        fixture.advance_secs(1).await;
        fixture.put("s", "a", "3").await;
        assert_eq!(fixture.keys_in("s", "shardId-000000000000").await.len(), 2);
        assert_eq!(fixture.keys_in("s", "shardId-000000000001").await.len(), 1);
    }

    #[tokio::test]
    async fn a_crash_between_seal_and_children_loses_nothing() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "a", "1").await;
        fixture.ok("SplitShard", split("shardId-000000000000", MIDDLE)).await;
        // What a crash leaves: the parent is sealed, the children are not stored.
        let id = shard_log::LogId::new(fixture.logs.names().remove(0)).unwrap();
        let log = shard_log::LogStore::open(&*fixture.logs, &id).await.unwrap();
        log.seal().await.unwrap();
        fixture.restart().await;
        let put = json!({"StreamName": "s", "PartitionKey": "a", "Data": ""});
        let (put, ()) = tokio::join!(fixture.ok("PutRecord", put), fixture.advance_secs(1));
        assert_eq!(put["ShardId"], "shardId-000000000001");
        assert_eq!(fixture.keys_in("s", "shardId-000000000000").await, ["a"]);
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_aws() {
        let fixture = Fixture::limited().await;
        fixture.stream("s", 500).await;
        let account = "under account 000000000000";
        let refused = async |input: Value, words: &str| fixture.refused("SplitShard", input, words).await;
        for (given, shown) in [("nonsense", "nonsense"), ("shardId-500", "shardId-000000000500")] {
            let words = format!("ResourceNotFoundException: Could not find shard {shown} in stream s {account}.");
            refused(split(given, MIDDLE), &words).await;
        }
        let mut of_unknown = split("shardId-0", MIDDLE);
        of_unknown["StreamName"] = "t".into();
        refused(of_unknown, &format!("ResourceNotFoundException: Stream t {account} not found.")).await;
        refused(
            split("shardId-0", "100"),
            "LimitExceededException: This request would exceed the shard limit for the account 000000000000 in \
             us-east-1. Current shard count for the account: 500. Limit: 500. Number of additional shards that would \
             have resulted from this request: 1. Refer to the AWS Service Limits page \
             (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to \
             request higher limits.",
        )
        .await;
        let unlimited = Fixture::new().await;
        unlimited.stream("s", 1).await;
        let words = format!(
            "InvalidArgumentException: NewStartingHashKey 1 used in SplitShard() on shard shardId-000000000000 in \
             stream s {account} is not both greater than one plus the shard's StartingHashKey 0 and less than the \
             shard's EndingHashKey 340282366920938463463374607431768211455."
        );
        unlimited.refused("SplitShard", split("shardId-000000000000", "1"), &words).await;
        unlimited.ok("SplitShard", split("shardId-000000000000", "2")).await;
        let words = format!("ResourceInUseException: Stream s {account} not ACTIVE, instead in state UPDATING");
        unlimited.refused("SplitShard", split("shardId-000000000000", "2"), &words).await;
        unlimited.advance_secs(1).await;
        let words = format!(
            "InvalidArgumentException: Shard shardId-000000000000 in stream s {account} has already been merged or \
             split, and thus is not eligible for merging or splitting."
        );
        unlimited.refused("SplitShard", split("shardId-000000000000", "2"), &words).await;
    }

    #[tokio::test]
    async fn on_demand_streams_split_by_themselves() {
        let fixture = Fixture::new().await;
        let mode = json!({"StreamMode": "ON_DEMAND"});
        fixture.ok("CreateStream", json!({"StreamName": "s", "StreamModeDetails": mode})).await;
        fixture.advance_secs(1).await;
        let words = "ValidationException: SplitShard is not supported for stream s under account 000000000000 because \
                     it is in ON_DEMAND mode.";
        fixture.refused("SplitShard", split("shardId-000000000000", MIDDLE), words).await;
    }
}
