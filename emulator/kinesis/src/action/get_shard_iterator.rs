//! GetShardIterator: a token for a position in a shard, good for five minutes.
//!
//! Closed shards have iterators too, as long as something of them is kept.

use std::sync::PoisonError;

use aws_wire::{Action, Call, EpochSeconds, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::iterator::ShardIterator;
use crate::read;
use crate::service::Kinesis;
use crate::shape;

use super::starting_position::{self, Requested};

pub(super) struct GetShardIterator;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    shard_id: String,
    shard_iterator_type: String,
    starting_sequence_number: Option<String>,
    timestamp: Option<EpochSeconds>,
    dry_run: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    shard_iterator: String,
}

impl Action<Kinesis> for GetShardIterator {
    const NAME: &'static str = "GetShardIterator";
    const INPUT: Structure = Structure::new(
        "GetShardIteratorInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            shape::SHARD_ID.member("ShardId").required(),
            starting_position::TYPE.member("ShardIteratorType").required(),
            shape::SEQUENCE_NUMBER.member("StartingSequenceNumber"),
            Shape::timestamp().member("Timestamp"),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let (name, arn) = (input.stream_name.as_deref(), input.stream_arn.as_deref());
        let (stream, handle) = super::shard_to_read(service, call, name, arn, &input.shard_id)?;
        let requested = Requested {
            kind: &input.shard_iterator_type,
            sequence_number: input.starting_sequence_number.as_deref(),
            timestamp: input.timestamp.map(|timestamp| timestamp.0),
        };
        let now = service.now();
        let position = starting_position::check(&requested, &stream, &handle.shard, now)?;
        if input.dry_run == Some(true) {
            return Err(Error::DryRun);
        }
        // A panic while counting leaves a throttle as good as before.
        if !handle.throttle.lock().unwrap_or_else(PoisonError::into_inner).admit_iterator(now) {
            return Err(Error::Throughput { shard: handle.shard.index, stream: stream.label() });
        }
        let position = read::resolve(&handle, position).await?;
        let shard = handle.shard.index;
        let iterator = ShardIterator { stream: stream.name.clone(), uid: stream.uid, shard, position, issued: now };
        Ok(Output { shard_iterator: iterator.close(&service.secret) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::{Fixture, START};

    const SHARD: &str = "shardId-000000000000";

    async fn fixture() -> (Fixture, Vec<String>) {
        let fixture = Fixture::new().await;
        fixture.stream("s", 2).await;
        let mut numbers = Vec::new();
        for key in ["a", "aa", "f"] {
            fixture.advance_secs(1).await;
            let input = json!({"StreamName": "s", "PartitionKey": key, "Data": "", "ExplicitHashKey": "0"});
            numbers.push(fixture.ok("PutRecord", input).await["SequenceNumber"].as_str().unwrap().to_owned());
        }
        (fixture, numbers)
    }

    /// The keys from the iterator on.
    async fn keys(fixture: &Fixture, mut input: Value) -> Vec<String> {
        input["StreamName"] = "s".into();
        input["ShardId"] = SHARD.into();
        let iterator = fixture.ok("GetShardIterator", input).await["ShardIterator"].clone();
        let page = fixture.ok("GetRecords", json!({"ShardIterator": iterator})).await;
        let records = page["Records"].as_array().unwrap().iter();
        records.map(|record| record["PartitionKey"].as_str().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn a_shard_gives_five_a_second() {
        let fixture = Fixture::limited().await;
        fixture.stream("s", 2).await;
        let input = |shard: &str| json!({"StreamName": "s", "ShardId": shard, "ShardIteratorType": "LATEST"});
        for _ in 0..5 {
            fixture.ok("GetShardIterator", input(SHARD)).await;
        }
        let exceeded = "ProvisionedThroughputExceededException: Rate exceeded for shard shardId-000000000000 in stream s \
                        under account 000000000000.";
        fixture.refused("GetShardIterator", input(SHARD), exceeded).await;
        fixture.ok("GetShardIterator", input("shardId-000000000001")).await;
        fixture.advance_secs(1).await;
        fixture.ok("GetShardIterator", input(SHARD)).await;
    }

    #[tokio::test]
    async fn every_type_points_where_it_says() {
        let (fixture, numbers) = fixture().await;
        let all = ["a", "aa", "f"];
        assert_eq!(keys(&fixture, json!({"ShardIteratorType": "TRIM_HORIZON"})).await, all);
        assert!(keys(&fixture, json!({"ShardIteratorType": "LATEST"})).await.is_empty());
        let by_number = async |kind: &str, number: &str| {
            keys(&fixture, json!({"ShardIteratorType": kind, "StartingSequenceNumber": number})).await
        };
        assert_eq!(by_number("AT_SEQUENCE_NUMBER", &numbers[1]).await, all[1..]);
        assert_eq!(by_number("AFTER_SEQUENCE_NUMBER", &numbers[1]).await, all[2..]);
        let shards = fixture.ok("ListShards", json!({"StreamName": "s"})).await;
        let starting = &shards["Shards"][0]["SequenceNumberRange"]["StartingSequenceNumber"];
        assert_eq!(by_number("AFTER_SEQUENCE_NUMBER", starting.as_str().unwrap()).await, all);
        let at = |offset: u64| json!({"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": START.as_secs() + offset});
        assert_eq!(keys(&fixture, at(0)).await, all);
        assert_eq!(keys(&fixture, at(3)).await, all[1..]);
    }

    #[tokio::test]
    async fn latest_is_decided_when_it_is_asked_for() {
        let (fixture, _) = fixture().await;
        let iterator = fixture.iterator("s", SHARD, "LATEST").await;
        fixture.put("s", "a", "").await;
        let page = fixture.ok("GetRecords", json!({"ShardIterator": iterator})).await;
        assert_eq!(page["Records"].as_array().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_aws() {
        let (fixture, numbers) = fixture().await;
        let refused = async |input: Value, words: &str| {
            let mut whole = json!({"StreamName": "s", "ShardId": SHARD, "ShardIteratorType": "TRIM_HORIZON"});
            whole.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
            fixture.refused("GetShardIterator", whole, words).await;
        };
        let account = "under account 000000000000";
        refused(
            json!({"ShardId": "nonsense", "StreamName": "unknown"}),
            &format!("ResourceNotFoundException: Could not find shard nonsense in stream unknown {account}."),
        )
        .await;
        for (stream, shard) in [("unknown", "shardId-000000000000"), ("s", "shardId-000000000002")] {
            refused(
                json!({"ShardId": shard, "StreamName": stream}),
                &format!("ResourceNotFoundException: Shard {shard} in stream {stream} {account} does not exist"),
            )
            .await;
        }
        let rule = "InvalidArgumentException: Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and \
                    StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request \
                    specified";
        let also = format!("{rule} LATEST and also a StartingSequenceNumber.");
        refused(json!({"ShardIteratorType": "LATEST", "StartingSequenceNumber": "0"}), &also).await;
        let none = format!("{rule} AT_SEQUENCE_NUMBER and no StartingSequenceNumber.");
        refused(json!({"ShardIteratorType": "AT_SEQUENCE_NUMBER"}), &none).await;
        let at = |number: &str| json!({"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": number});
        let nines = "9".repeat(60);
        let used = |number: &str| format!("StartingSequenceNumber {number} used in GetShardIterator on shard {SHARD}");
        let unreadable = format!("InvalidArgumentException: {} in stream s {account} is invalid.", used(&nines));
        refused(at(&nines), &unreadable).await;
        let shards = fixture.ok("ListShards", json!({"StreamName": "s"})).await;
        let other = shards["Shards"][1]["SequenceNumberRange"]["StartingSequenceNumber"].as_str().unwrap().to_owned();
        refused(
            at(&other),
            "InvalidArgumentException: Invalid StartingSequenceNumber. It encodes shardId-000000000001, while it was \
             used in a call to a shard with shardId-000000000000",
        )
        .await;
        let foreign = "49590338271356452137366411745776237217540945668036624386";
        refused(
            at(foreign),
            &format!(
                "InvalidArgumentException: {} in stream s {account} is invalid because it did not come from this stream.",
                used(foreign)
            ),
        )
        .await;
        // Numbers of the oldest layout fail as they do on AWS.
        refused(at("0"), "InternalFailure: ").await;
        refused(
            json!({"ShardIteratorType": "AT_TIMESTAMP"}),
            "InvalidArgumentException: Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. \
             Current request has no timestamp parameter.",
        )
        .await;
        refused(
            json!({"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 1_700_001_000.5}),
            "InvalidArgumentException: The timestampInMillis parameter cannot be greater than the \
             currentTimestampInMillis. timestampInMillis: 1700001000500, currentTimestampInMillis: 1700000004000",
        )
        .await;
        refused(
            json!({"ShardIteratorType": "NEVER"}),
            "ValidationException: 1 validation error detected: Value 'NEVER' at 'shardIteratorType' failed to satisfy \
             constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, \
             AT_SEQUENCE_NUMBER, TRIM_HORIZON]",
        )
        .await;
        assert_eq!(numbers.len(), 3);
    }
}
