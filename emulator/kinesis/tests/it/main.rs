//! Kinesis on the embedded log engine and a state file, stopped without notice and started again.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what should not be")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_wire::{Body, Call, Endpoint as _, World};
use bytes::Bytes;
use env::{Env, Timestamp};
use kinesis::{Config, GeneratedKey, KeyError, Keys, Kinesis};
use serde_json::{Value, json};

#[derive(Debug)]
struct AnyKey;

impl Keys for AnyKey {
    fn resolve(&self, _: &World, key_id: &str) -> Result<String, KeyError> {
        Ok(key_id.to_owned())
    }

    fn generate(&self, _: &World, key_id: &str, _: &str) -> Result<GeneratedKey, KeyError> {
        Ok(GeneratedKey { key_arn: key_id.to_owned(), secret: [7; 32], encrypted: vec![7; 32] })
    }

    fn decrypt(&self, _: &World, encrypted: &[u8], _: &str) -> Result<[u8; 32], KeyError> {
        Ok(encrypted.try_into().unwrap())
    }
}

/// Runs `scene` against a service in `directory`, and drops everything at its end without telling anybody.
fn run<T>(directory: &Path, clock_secs: u64, scene: impl AsyncFnOnce(&Kinesis) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let env = Env::manual(Timestamp::from_secs(clock_secs), clock_secs);
        let store = state_store::Store::open(&directory.join("state")).unwrap();
        let logs = shard_log::Store::open(shard_log::Config::new(directory.join("logs")), &env).unwrap();
        let config = Config { lifecycle_delay: Duration::ZERO, limits: false, ..Config::default() };
        let kinesis = Kinesis::open(env, &store, Arc::new(logs), Arc::new(AnyKey), config).await.unwrap();
        scene(&kinesis).await
    })
}

async fn call(kinesis: &Kinesis, action: &str, input: Value) -> Value {
    let call = Call {
        world: World::new("000000000000", "us-east-1"),
        access_key: None,
        invocation: None,
        request_id: "id".into(),
    };
    let request = http::Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("Kinesis_20131202.{action}"))
        .body(Bytes::from(input.to_string()))
        .unwrap();
    let reply = kinesis.serve(call, request).await;
    let status = reply.status();
    let Body::Full(body) = reply.into_body() else { panic!("{action} answered with a stream") };
    assert!(status.is_success(), "{action}: {}", String::from_utf8_lossy(&body));
    if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() }
}

async fn put(kinesis: &Kinesis, keys: impl Iterator<Item = String>) -> Vec<(String, String)> {
    let entries: Vec<Value> = keys.map(|key| json!({"PartitionKey": key, "Data": "aGVsbG8="})).collect();
    let answer = call(kinesis, "PutRecords", json!({"StreamName": "s", "Records": entries})).await;
    assert_eq!(answer["FailedRecordCount"], 0);
    let records = answer["Records"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    records.zip(&entries).map(|(put, entry)| (text(&entry["PartitionKey"]), text(&put["SequenceNumber"]))).collect()
}

/// Every record of the stream, shard by shard.
async fn everything(kinesis: &Kinesis) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let shards = call(kinesis, "ListShards", json!({"StreamName": "s"})).await;
    for shard in shards["Shards"].as_array().unwrap() {
        let input = json!({"StreamName": "s", "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"});
        let mut iterator = call(kinesis, "GetShardIterator", input).await["ShardIterator"].clone();
        loop {
            let page = call(kinesis, "GetRecords", json!({"ShardIterator": iterator, "Limit": 7})).await;
            let records = page["Records"].as_array().unwrap();
            let text = |record: &Value, member: &str| record[member].as_str().unwrap().to_owned();
            all.extend(records.iter().map(|record| (text(record, "PartitionKey"), text(record, "SequenceNumber"))));
            if records.is_empty() || page["NextShardIterator"].is_null() {
                break;
            }
            iterator = page["NextShardIterator"].clone();
        }
    }
    all.sort_by(|left, right| left.1.cmp(&right.1));
    all
}

#[test]
fn records_shards_and_settings_survive_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let start = 1_700_000_000;
    let keys = |from: usize| (from..from + 50).map(|number| format!("key {}", number % 11));
    let mut acknowledged = run(directory.path(), start, async |kinesis| {
        call(kinesis, "CreateStream", json!({"StreamName": "s", "ShardCount": 2})).await;
        put(kinesis, keys(0)).await
    });
    acknowledged.extend(run(directory.path(), start + 10, async |kinesis| {
        let scale = json!({"StreamName": "s", "TargetShardCount": 3, "ScalingType": "UNIFORM_SCALING"});
        call(kinesis, "UpdateShardCount", scale).await;
        put(kinesis, keys(50)).await
    }));
    acknowledged.sort_by(|left, right| left.1.cmp(&right.1));
    run(directory.path(), start + 20, async |kinesis| {
        assert_eq!(everything(kinesis).await, acknowledged);
        let summary = call(kinesis, "DescribeStreamSummary", json!({"StreamName": "s"})).await;
        assert_eq!(summary["StreamDescriptionSummary"]["OpenShardCount"], 3);
        call(kinesis, "DeleteStream", json!({"StreamName": "s"})).await;
    });
    run(directory.path(), start + 30, async |kinesis| {
        call(kinesis, "CreateStream", json!({"StreamName": "s", "ShardCount": 1})).await;
        assert!(everything(kinesis).await.is_empty());
    });
}

/// Records are the logs' business: a put that wrote the state too would cost a sync of it.
#[test]
fn a_put_leaves_the_state_alone() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    run(directory.path(), 1_700_000_000, async |kinesis| {
        call(kinesis, "CreateStream", json!({"StreamName": "s", "ShardCount": 2})).await;
        let before = std::fs::read(&state).unwrap();
        put(kinesis, (0..100).map(|number| number.to_string())).await;
        everything(kinesis).await;
        assert!(std::fs::read(&state).unwrap() == before, "a put changed the state");
        call(kinesis, "AddTagsToStream", json!({"StreamName": "s", "Tags": {"a": "b"}})).await;
        assert!(std::fs::read(&state).unwrap() != before, "a change of settings did not");
    });
}
