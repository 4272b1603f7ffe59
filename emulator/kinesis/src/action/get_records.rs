//! GetRecords: a page from where the iterator points, and the iterator of the next one.
//!
//! A page ends at Limit, at 10,000 records or at 10 MiB. Five calls and 2 MiB a second are what a shard gives to all its
//! readers together. At the end of a closed shard there is no next iterator but its children.
//!
//! A page is read in steps, and in JSON each step is written and sent before the next one is read: then every byte is still
//! in the processor's cache when it is looked at again, and a page of 10 MiB takes no more memory than its steps. What stops
//! the reading after the first records (a key that cannot be had, say) ends the page; the next call is told.

mod page;

use aws_wire::{Action, AwsError, Body, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use self::page::{Page, Written};
use crate::error::Result;
use crate::output::{ChildShard, RecordOutput};
use crate::service::Kinesis;
use crate::shape;

pub(super) struct GetRecords;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    shard_iterator: String,
    limit: Option<usize>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    dry_run: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    records: Vec<RecordOutput>,
    #[serde(flatten)]
    ending: Ending,
}

/// What an answer says after its records.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Ending {
    #[serde(skip_serializing_if = "Option::is_none")]
    next_shard_iterator: Option<String>,
    millis_behind_latest: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    child_shards: Vec<ChildShard>,
}

impl Action<Kinesis> for GetRecords {
    const NAME: &'static str = "GetRecords";
    const INPUT: Structure = Structure::new(
        "GetRecordsInput",
        &[
            Shape::string().length(1, 512).member("ShardIterator").required(),
            shape::LIMIT.member("Limit"),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let mut page = Page::begin(service, call, &input)?;
        let mut records = Vec::new();
        while let Some(step) = page.step().await? {
            records.extend(step.records().map(RecordOutput::from));
        }
        Ok(Output { records, ending: page.ending() })
    }

    async fn run_in_json(service: &Kinesis, call: &Call, input: Input) -> Result<Body, AwsError> {
        Ok(Written::of(Page::begin(service, call, &input)?).into_body().await?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    const SHARD: &str = "shardId-000000000000";

    async fn page(fixture: &Fixture, iterator: &str, limit: u32) -> (Vec<String>, String, u64) {
        let page = fixture.ok("GetRecords", json!({"ShardIterator": iterator, "Limit": limit})).await;
        let records = page["Records"].as_array().unwrap().iter();
        let keys = records.map(|record| record["PartitionKey"].as_str().unwrap().to_owned()).collect();
        let next = page["NextShardIterator"].as_str().unwrap().to_owned();
        (keys, next, page["MillisBehindLatest"].as_u64().unwrap())
    }

    #[tokio::test]
    async fn a_record_comes_back_as_it_was_put() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let number = fixture.put("s", "Schlüssel", "hello").await;
        let iterator = fixture.iterator("s", SHARD, "TRIM_HORIZON").await;
        let page = fixture.ok("GetRecords", json!({"ShardIterator": iterator})).await;
        assert_eq!(
            page["Records"],
            json!([{
                "SequenceNumber": number,
                "ApproximateArrivalTimestamp": 1_700_000_001.0,
                "Data": "aGVsbG8=",
                "PartitionKey": "Schlüssel",
            }])
        );
        assert!(page.get("ChildShards").is_none());
    }

    #[tokio::test]
    async fn pages_follow_each_other_and_tell_how_far_behind_they_are() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        for key in ["a", "b", "c"] {
            fixture.put("s", key, "").await;
            fixture.advance_secs(10).await;
        }
        let iterator = fixture.iterator("s", SHARD, "TRIM_HORIZON").await;
        let (keys, next, behind) = page(&fixture, &iterator, 2).await;
        assert_eq!((keys, behind), (vec!["a".to_owned(), "b".to_owned()], 20_000));
        let (keys, next, behind) = page(&fixture, &next, 2).await;
        assert_eq!((keys, behind), (vec!["c".to_owned()], 0));
        let (keys, next, _) = page(&fixture, &next, 2).await;
        assert!(keys.is_empty());
        fixture.put("s", "d", "").await;
        assert_eq!(page(&fixture, &next, 2).await.0, ["d"]);
        // An old iterator is as good as new until it expires.
        assert_eq!(page(&fixture, &iterator, 1).await.0, ["a"]);
    }

    #[tokio::test]
    async fn an_iterator_survives_a_restart_but_not_five_minutes() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "a", "").await;
        let iterator = fixture.iterator("s", SHARD, "TRIM_HORIZON").await;
        fixture.restart().await;
        assert_eq!(page(&fixture, &iterator, 1).await.0, ["a"]);
        fixture.advance_secs(301).await;
        fixture
            .refused(
                "GetRecords",
                json!({"ShardIterator": iterator}),
                "ExpiredIteratorException: Iterator expired. The iterator was created at time Tue Nov 14 22:13:21 UTC \
                 2023 while right now it is Tue Nov 14 22:18:22 UTC 2023 which is further in the future than the \
                 tolerated delay of 300000 milliseconds.",
            )
            .await;
    }

    #[tokio::test]
    async fn refuses_what_is_no_iterator_or_leads_nowhere() {
        let fixture = Fixture::new().await;
        let invalid = "InvalidArgumentException: Invalid ShardIterator.";
        for garbage in ["x", "AAAA", "AAAAAAAAAAE="] {
            fixture.refused("GetRecords", json!({"ShardIterator": garbage}), invalid).await;
        }
        fixture.stream("s", 1).await;
        fixture.stream("t", 1).await;
        let iterator = fixture.iterator("s", SHARD, "TRIM_HORIZON").await;
        let other = "arn:aws:kinesis:us-east-1:000000000000:stream/t";
        let mismatch =
            format!("InvalidArgumentException: StreamARN {other} does not match the stream of the ShardIterator.");
        fixture.refused("GetRecords", json!({"ShardIterator": iterator, "StreamARN": other}), &mismatch).await;
        fixture.ok("DeleteStream", json!({"StreamName": "s"})).await;
        fixture.advance_secs(1).await;
        fixture.stream("s", 1).await;
        // A new stream of the same name is not the one that the iterator is of.
        let gone = "ResourceNotFoundException: Shard shardId-000000000000 in stream s under account 000000000000 does \
                    not exist";
        fixture.refused("GetRecords", json!({"ShardIterator": iterator}), gone).await;
    }

    #[tokio::test]
    async fn reads_nothing_past_the_retention_period() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "old", "").await;
        fixture.advance_secs(12 * 3600).await;
        fixture.put("s", "new", "").await;
        fixture.advance_secs(12 * 3600).await;
        assert_eq!(fixture.keys_in("s", SHARD).await, ["old", "new"]);
        fixture.advance_secs(1).await;
        assert_eq!(fixture.keys_in("s", SHARD).await, ["new"]);
        let hours = |hours: u32| json!({"StreamName": "s", "RetentionPeriodHours": hours});
        fixture.ok("IncreaseStreamRetentionPeriod", hours(48)).await;
        assert_eq!(fixture.keys_in("s", SHARD).await, ["new"]);
        fixture.advance_secs(20 * 3600).await;
        assert_eq!(fixture.keys_in("s", SHARD).await, ["new"]);
        fixture.ok("DecreaseStreamRetentionPeriod", hours(24)).await;
        assert!(fixture.keys_in("s", SHARD).await.is_empty());
    }

    #[tokio::test]
    async fn a_page_ends_at_ten_mebibytes() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let mebibyte = "x".repeat((1 << 20) - 1);
        for _ in 0..12 {
            fixture.put("s", "k", &mebibyte).await;
        }
        let iterator = fixture.iterator("s", SHARD, "TRIM_HORIZON").await;
        let (first, next, _) = page(&fixture, &iterator, 10_000).await;
        let (second, ..) = page(&fixture, &next, 10_000).await;
        // Keys and data count, and nothing else.
        assert_eq!((first.len(), second.len()), (10, 2));
    }

    #[tokio::test]
    async fn a_shard_gives_five_calls_a_second() {
        let fixture = Fixture::limited().await;
        fixture.stream("s", 1).await;
        let input: Value = json!({"ShardIterator": fixture.iterator("s", SHARD, "LATEST").await});
        for _ in 0..5 {
            fixture.ok("GetRecords", input.clone()).await;
        }
        let exceeded = "ProvisionedThroughputExceededException: Rate exceeded for shard shardId-000000000000 in stream s \
                        under account 000000000000.";
        fixture.refused("GetRecords", input.clone(), exceeded).await;
        fixture.advance_secs(1).await;
        fixture.ok("GetRecords", input).await;
    }
}
