//! MergeShards: two open shards whose ranges touch become one. Only for provisioned streams.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::reshard::Reshard;
use crate::service::Kinesis;
use crate::shape;

pub(super) struct MergeShards;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    shard_to_merge: String,
    adjacent_shard_to_merge: String,
}

impl Action<Kinesis> for MergeShards {
    const NAME: &'static str = "MergeShards";
    const INPUT: Structure = Structure::new(
        "MergeShardsInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            shape::SHARD_ID.member("ShardToMerge").required(),
            shape::SHARD_ID.member("AdjacentShardToMerge").required(),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let (name, arn) = (input.stream_name.as_deref(), input.stream_arn.as_deref());
        let shard = super::shard_index(call, name, arn, &input.shard_to_merge)?;
        let adjacent = super::shard_index(call, name, arn, &input.adjacent_shard_to_merge)?;
        let stream = service.stream(call, Self::NAME, name, arn).await?;
        let delay = service.config().lifecycle_delay;
        service
            .catalog
            .change(&stream, |state, now| {
                super::check_provisioned(&stream, state, "MergeShards")?;
                let left = super::open_shard(&stream, state, shard, now)?;
                let right = super::open_shard(&stream, state, adjacent, now)?;
                if left.range.join(&right.range).is_none() {
                    return Err(Error::NotAdjacent { shard, adjacent, stream: stream.label() });
                }
                super::begin_reshard(state, Reshard::Merge { shard, adjacent }, now + delay);
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    fn merge(shard: u32, adjacent: u32) -> Value {
        let id = |index| format!("shardId-{index:012}");
        json!({"StreamName": "s", "ShardToMerge": id(shard), "AdjacentShardToMerge": id(adjacent)})
    }

    #[tokio::test]
    async fn the_child_has_both_parents_and_their_records_stay() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 2).await;
        for key in ["a", "b"] {
            fixture.put("s", key, "").await;
        }
        fixture.ok("MergeShards", merge(0, 1)).await;
        fixture.advance_secs(1).await;
        for key in ["a", "b"] {
            fixture.put("s", key, "").await;
        }
        let shards = fixture.ok("ListShards", json!({"StreamName": "s"})).await["Shards"].clone();
        assert_eq!(shards[2]["ParentShardId"], "shardId-000000000000");
        assert_eq!(shards[2]["AdjacentParentShardId"], "shardId-000000000001");
        assert_eq!(fixture.keys_in("s", "shardId-000000000000").await, ["a"]);
        assert_eq!(fixture.keys_in("s", "shardId-000000000001").await, ["b"]);
        assert_eq!(fixture.keys_in("s", "shardId-000000000002").await, ["a", "b"]);
        let iterator = fixture.iterator("s", "shardId-000000000001", "TRIM_HORIZON").await;
        let page = fixture.ok("GetRecords", json!({"ShardIterator": iterator})).await;
        let parents = json!(["shardId-000000000000", "shardId-000000000001"]);
        assert_eq!(page["ChildShards"][0]["ParentShards"], parents);
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_aws() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 3).await;
        for (shard, adjacent) in [(1, 0), (0, 2), (1, 1)] {
            let words = format!(
                "InvalidArgumentException: Shards shardId-{shard:012} and shardId-{adjacent:012} in stream s under \
                 account 000000000000 are not an adjacent pair of shards eligible for merging"
            );
            fixture.refused("MergeShards", merge(shard, adjacent), &words).await;
        }
        let unknown = "ResourceNotFoundException: Could not find shard shardId-000000000003 in stream s under account \
                       000000000000.";
        fixture.refused("MergeShards", merge(2, 3), unknown).await;
        fixture.ok("MergeShards", merge(0, 1)).await;
        fixture.advance_secs(1).await;
        let closed = "InvalidArgumentException: Shard shardId-000000000001 in stream s under account 000000000000 has \
                      already been merged or split, and thus is not eligible for merging or splitting.";
        fixture.refused("MergeShards", merge(1, 2), closed).await;
    }
}
