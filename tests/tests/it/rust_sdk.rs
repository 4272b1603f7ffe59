//! The official Rust SDK, through a session of create, put, get, page, subscribe, reshard and delete.

use std::collections::BTreeSet;

use aws_credential_types::Credentials;
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::config::retry::RetryConfig;
use aws_sdk_kinesis::config::{BehaviorVersion, Region};
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::{
    PutRecordsRequestEntry, ScalingType, ShardIteratorType, StartingPosition, StreamStatus, SubscribeToShardEventStream,
};
use aws_smithy_http_client::Builder;

use crate::stage::Stage;

fn client(endpoint: &str) -> Client {
    let config = aws_sdk_kinesis::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(Builder::new().build_http())
        .endpoint_url(endpoint)
        // It asks for a stream's state without a pause, which an account may do 20 times a second.
        .retry_config(RetryConfig::standard().with_max_attempts(10))
        .build();
    Client::from_conf(config)
}

async fn until_active(client: &Client, stream: &str) -> i32 {
    loop {
        let answer = client.describe_stream_summary().stream_name(stream).send().await.unwrap();
        let summary = answer.stream_description_summary().unwrap();
        if summary.stream_status() == &StreamStatus::Active {
            return summary.open_shard_count();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_session() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let client = client(emulator.endpoint());
    client.create_stream().stream_name("s").shard_count(1).send().await.unwrap();
    until_active(&client, "s").await;

    let entry = |i: u32| {
        PutRecordsRequestEntry::builder().partition_key(format!("k{i}")).data(Blob::new(i.to_be_bytes())).build()
    };
    let entries: Vec<_> = (0..25).map(|i| entry(i).unwrap()).collect();
    let put = client.put_records().stream_name("s").set_records(Some(entries)).send().await.unwrap();
    assert_eq!(put.failed_record_count(), Some(0));
    let put: Vec<_> = put.records().iter().map(|record| record.sequence_number().unwrap().to_owned()).collect();

    let shard = "shardId-000000000000";
    let iterator = client
        .get_shard_iterator()
        .stream_name("s")
        .shard_id(shard)
        .shard_iterator_type(ShardIteratorType::TrimHorizon);
    let mut iterator = iterator.send().await.unwrap().shard_iterator;
    let mut got = Vec::new();
    while got.len() < put.len() {
        let page = client.get_records().shard_iterator(iterator.unwrap()).limit(10).send().await.unwrap();
        assert!(!page.records().is_empty(), "an empty page before the end");
        got.extend(page.records().iter().map(|record| record.sequence_number().to_owned()));
        iterator = page.next_shard_iterator;
    }
    assert_eq!(got, put);

    let summary = client.describe_stream_summary().stream_name("s").send().await.unwrap();
    let arn = summary.stream_description_summary().unwrap().stream_arn().to_owned();
    let consumer = client.register_stream_consumer().stream_arn(&arn).consumer_name("c").send().await.unwrap();
    let consumer = consumer.consumer().unwrap().consumer_arn().to_owned();
    let position = StartingPosition::builder().r#type(ShardIteratorType::TrimHorizon).build().unwrap();
    let mut events = loop {
        let subscribe =
            client.subscribe_to_shard().consumer_arn(&consumer).shard_id(shard).starting_position(position.clone());
        match subscribe.send().await {
            Ok(answer) => break answer.event_stream,
            // The consumer is still CREATING.
            Err(error) => assert!(error.into_service_error().is_resource_in_use_exception()),
        }
    };
    let mut pushed = Vec::new();
    while pushed.len() < put.len() {
        if let Some(SubscribeToShardEventStream::SubscribeToShardEvent(event)) = events.recv().await.unwrap() {
            pushed.extend(event.records().iter().map(|record| record.sequence_number().to_owned()));
        }
    }
    assert_eq!(pushed, put);
    drop(events);

    client
        .update_shard_count()
        .stream_name("s")
        .target_shard_count(2)
        .scaling_type(ScalingType::UniformScaling)
        .send()
        .await
        .unwrap();
    assert_eq!(until_active(&client, "s").await, 2);
    let shards = client.list_shards().stream_name("s").send().await.unwrap();
    let parents: BTreeSet<_> = shards.shards().iter().filter_map(|shard| shard.parent_shard_id()).collect();
    assert_eq!((shards.shards().len(), parents), (3, BTreeSet::from([shard])));

    let error = client.describe_stream().stream_name("gone").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error}");
    client.delete_stream().stream_name("s").enforce_consumer_deletion(true).send().await.unwrap();
}
