//! What a stream says to records before they are put: whether each needs a partition key, and, where it distributes them
//! itself, which shard each goes to.
//!
//! Left to others: throughput and appending ([`crate::write`]). Invariant: records that are distributed automatically go
//! to the open shards in turn, whatever their keys.

use crate::error::{Error, Result};
use crate::new_records::{NewRecords, PlacedRecords};
use crate::service::Kinesis;
use crate::stream::{RecordDistribution, Stream};
use crate::write::check_sizes;

/// Checks that the records have the keys that the stream wants, or gives each its shard.
pub(crate) fn place(stream: &Stream, records: NewRecords) -> Result<PlacedRecords> {
    let state = stream.state();
    match state.settings.distribution {
        RecordDistribution::UserPartitionKey if records.lack_keys() => {
            Err(Error::PartitionKeyMissing { stream: stream.label() })
        }
        RecordDistribution::UserPartitionKey => Ok(records.by_their_keys()),
        RecordDistribution::Auto => {
            // A reshard in between is no harm: every key has an open shard.
            let shards = state.shards.open_count().max(1);
            let turn = stream.take_turns(records.len());
            Ok(records.spread(|record| state.shards.open_at((turn + record) % shards).shard.range.start))
        }
    }
}

impl Kinesis {
    /// What a put of `records` would fail with, throughput aside; that it was not meant if it would succeed.
    pub(crate) fn rehearse(&self, stream: &Stream, records: &NewRecords) -> Error {
        let state = stream.state();
        let checked = check_sizes(stream, &state, records)
            .and_then(|()| self.data_key(stream, &state, self.now()).map(|_| Error::DryRun));
        checked.unwrap_or_else(|error| error)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use crate::test::Fixture;

    const ARN: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";

    async fn on_demand(strategy: &str) -> Fixture {
        let fixture = Fixture::new().await;
        let mode = json!({"StreamMode": "ON_DEMAND"});
        let input = json!({"StreamName": "s", "StreamModeDetails": mode, "RecordDistributionStrategy": strategy});
        fixture.ok("CreateStream", input).await;
        fixture.advance_secs(1).await;
        fixture
    }

    fn census(answer: &Value) -> BTreeMap<String, usize> {
        let mut by_shard = BTreeMap::new();
        for record in answer["Records"].as_array().unwrap() {
            *by_shard.entry(record["ShardId"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        by_shard
    }

    #[tokio::test]
    async fn auto_spreads_records_evenly_whatever_the_key() {
        let fixture = on_demand("AUTO").await;
        let entry = json!({"PartitionKey": "same", "ExplicitHashKey": "7", "Data": ""});
        let keyless = json!({"Data": ""});
        for (entry, count) in [(entry, 41), (keyless, 43)] {
            let records = vec![entry; count];
            let answer = fixture.ok("PutRecords", json!({"StreamName": "s", "Records": records})).await;
            let by_shard = census(&answer);
            assert_eq!(by_shard.len(), 4);
            assert!(by_shard.values().all(|records| (10..=11).contains(records)), "{by_shard:?}");
        }
        let mut shards = Vec::new();
        for _ in 0..4 {
            shards.push(fixture.ok("PutRecord", json!({"StreamName": "s", "Data": ""})).await["ShardId"].to_string());
        }
        shards.sort();
        shards.dedup();
        assert_eq!(shards.len(), 4);
    }

    #[tokio::test]
    async fn a_record_without_a_key_comes_back_without_one() {
        let fixture = on_demand("AUTO").await;
        let put = fixture.ok("PutRecord", json!({"StreamName": "s", "Data": "AA=="})).await;
        let iterator = fixture.iterator("s", put["ShardId"].as_str().unwrap(), "TRIM_HORIZON").await;
        let page = fixture.ok("GetRecords", json!({"ShardIterator": iterator})).await;
        assert_eq!(page["Records"][0]["Data"], "AA==");
        assert!(page["Records"][0].get("PartitionKey").is_none(), "{page}");
        // Keys that are given are kept, though they place nothing.
        let put = fixture.ok("PutRecord", json!({"StreamName": "s", "Data": "", "PartitionKey": "k"})).await;
        assert_eq!(fixture.keys_in("s", put["ShardId"].as_str().unwrap()).await, ["k"]);
    }

    #[tokio::test]
    async fn other_streams_want_a_key() {
        let fixture = on_demand("USER_PARTITION_KEY").await;
        fixture.stream("p", 1).await;
        for stream in ["s", "p"] {
            let words = format!(
                "InvalidArgumentException: PartitionKey must be provided for stream {stream} under account 000000000000, \
                 whose record distribution strategy is USER_PARTITION_KEY."
            );
            fixture.refused("PutRecord", json!({"StreamName": stream, "Data": ""}), &words).await;
            let records = json!([{"Data": "", "PartitionKey": "k"}, {"Data": ""}]);
            fixture.refused("PutRecords", json!({"StreamName": stream, "Records": records}), &words).await;
        }
        assert_eq!(fixture.logs.record_count(), 0);
        let change = json!({"StreamARN": ARN, "RecordDistributionStrategy": "AUTO"});
        fixture.ok("UpdateStreamRecordDistributionStrategy", change).await;
        fixture.ok("PutRecord", json!({"StreamName": "s", "Data": ""})).await;
    }

    #[tokio::test]
    async fn a_dry_run_says_what_would_be_and_puts_nothing() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let would = "DryRunOperationException: Request would have succeeded, but DryRun flag is set.";
        let record = json!({"StreamName": "s", "Data": "", "PartitionKey": "k", "DryRun": true});
        fixture.refused("PutRecord", record.clone(), would).await;
        let entry = json!({"Data": "", "PartitionKey": "k"});
        let records = json!({"StreamName": "s", "Records": [entry], "DryRun": true});
        fixture.refused("PutRecords", records, would).await;
        let iterator = fixture.iterator("s", "shardId-000000000000", "TRIM_HORIZON").await;
        fixture.refused("GetRecords", json!({"ShardIterator": iterator, "DryRun": true}), would).await;
        let shard = json!({"StreamName": "s", "ShardId": "0", "ShardIteratorType": "LATEST", "DryRun": true});
        fixture.refused("GetShardIterator", shard, would).await;
        assert_eq!(fixture.logs.record_count(), 0);

        let mut wrong = record.clone();
        wrong["ExplicitHashKey"] = "340282366920938463463374607431768211456".into();
        let answer = fixture.call("PutRecord", wrong).await.unwrap_err();
        assert!(answer.starts_with("InvalidArgumentException: Invalid ExplicitHashKey."), "{answer}");
        let input = json!({"StreamName": "s", "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"});
        fixture.ok("StartStreamEncryption", input).await;
        fixture.keys.disable(true);
        fixture.refused("PutRecord", record.clone(), "KMSDisabledException: disabled").await;
        fixture.keys.disable(false);
        fixture.refused("PutRecord", record, would).await;
    }
}
