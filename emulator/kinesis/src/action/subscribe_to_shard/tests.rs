//! Subscriptions from the first frame to the last.

use std::collections::HashMap;
use std::time::Duration;

use aws_wire::{Body, Format};
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _};
use futures_util::{FutureExt as _, poll};
use serde_json::{Value, json};

use crate::test::{Fixture, cbor};

const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
const SHARD: &str = "shardId-000000000000";

struct Frames(BoxStream<'static, Bytes>);

/// A frame: its text headers and its payload.
type Frame = (HashMap<String, String>, Value);

impl Frames {
    async fn next(&mut self) -> Option<Frame> {
        // Nothing is slow in here: what does not come within many turns does not come.
        for _ in 0..64 {
            if let std::task::Poll::Ready(frame) = poll!(self.0.next()) {
                return frame.as_ref().map(decode);
            }
            tokio::task::yield_now().await;
        }
        panic!("no frame comes");
    }

    async fn event(&mut self) -> Value {
        let (headers, payload) = self.next().await.expect("an event");
        assert_eq!(headers[":event-type"], "SubscribeToShardEvent", "{payload}");
        payload
    }

    fn is_silent(&mut self) -> bool {
        self.0.next().now_or_never().is_none()
    }
}

fn decode(frame: &Bytes) -> Frame {
    let number = |from: usize| u32::from_be_bytes(frame[from..from + 4].try_into().unwrap()) as usize;
    assert_eq!(number(0), frame.len());
    let mut headers = HashMap::new();
    let mut rest = &frame[12..12 + number(4)];
    while let Some((length, after)) = rest.split_first() {
        let (name, after) = after.split_at(usize::from(*length));
        let (length, after) = after[1..].split_at(2);
        let (value, after) = after.split_at(usize::from(u16::from_be_bytes(length.try_into().unwrap())));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        headers.insert(text(name), text(value));
        rest = after;
    }
    (headers, serde_json::from_slice(&frame[12 + number(4)..frame.len() - 4]).unwrap())
}

async fn consumer(fixture: &Fixture, name: &str) -> String {
    let registered = fixture.ok("RegisterStreamConsumer", json!({"StreamARN": STREAM, "ConsumerName": name})).await;
    fixture.advance_secs(1).await;
    registered["Consumer"]["ConsumerARN"].as_str().unwrap().to_owned()
}

fn input(consumer: &str, position: &Value) -> Value {
    json!({"ConsumerARN": consumer, "ShardId": SHARD, "StartingPosition": position})
}

/// A payload is in the format of the request, and times in it are milliseconds.
#[tokio::test]
async fn events_come_in_cbor_to_those_who_ask_in_it() {
    let fixture = Fixture::new().await;
    fixture.stream("s", 1).await;
    fixture.put("s", "k", "hi").await;
    let consumer = consumer(&fixture, "c").await;
    let input = input(&consumer, &json!({"Type": "AT_TIMESTAMP", "Timestamp": 1_700_000_001.0}));
    let reply = fixture.reply_in(Format::Cbor, "SubscribeToShard", &input).await;
    let Body::Stream(mut frames) = reply.into_body() else { panic!("not a stream") };
    let mut payload = async || {
        let frame = frames.next().await.unwrap();
        let headers = u32::from_be_bytes(frame[4..8].try_into().unwrap()) as usize;
        assert!(String::from_utf8_lossy(&frame[12..12 + headers]).contains("application/x-amz-cbor-1.1"));
        frame.slice(12 + headers..frame.len() - 4)
    };
    assert_eq!(payload().await, b"\xa0"[..]);
    let event = cbor::to_json(&payload().await);
    assert_eq!(event["Records"][0]["Data"], "aGk=");
    assert_eq!(event["Records"][0]["ApproximateArrivalTimestamp"], 1_700_000_001.0);
}

/// The frames after the one that opens every subscription.
async fn subscribe(fixture: &Fixture, consumer: &str, position: &Value) -> Frames {
    let reply = fixture.reply("SubscribeToShard", &input(consumer, position)).await;
    assert_eq!(reply.headers()["content-type"], "application/vnd.amazon.eventstream");
    let Body::Stream(frames) = reply.into_body() else { panic!("not a stream") };
    let mut frames = Frames(frames);
    let (headers, payload) = frames.next().await.unwrap();
    assert_eq!((headers[":message-type"].as_str(), headers[":event-type"].as_str()), ("event", "initial-response"));
    assert_eq!(payload, json!({}));
    frames
}

fn keys(event: &Value) -> Vec<&str> {
    event["Records"].as_array().unwrap().iter().map(|record| record["PartitionKey"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn records_are_pushed_as_they_come() {
    let fixture = Fixture::new().await;
    fixture.stream("s", 1).await;
    let consumer = consumer(&fixture, "c").await;
    fixture.put("s", "a", "").await;
    let mut frames = subscribe(&fixture, &consumer, &json!({"Type": "TRIM_HORIZON"})).await;
    assert_eq!(keys(&frames.event().await), ["a"]);
    assert!(frames.is_silent());
    fixture.put("s", "b", "").await;
    let event = frames.event().await;
    assert_eq!(keys(&event), ["b"]);
    assert_eq!(event["MillisBehindLatest"], 0);
    assert!(event.get("ChildShards").is_none());
}

#[tokio::test]
async fn an_idle_shard_gives_signs_of_life_to_go_on_from() {
    let fixture = Fixture::new().await;
    fixture.stream("s", 1).await;
    let consumer = consumer(&fixture, "c").await;
    let mut frames = subscribe(&fixture, &consumer, &json!({"Type": "LATEST"})).await;
    let mut numbers = Vec::new();
    for _ in 0..3 {
        assert!(frames.is_silent());
        fixture.advance_secs(5).await;
        let event = frames.event().await;
        assert!(keys(&event).is_empty());
        numbers.push(event["ContinuationSequenceNumber"].as_str().unwrap().to_owned());
    }
    assert!(numbers.is_sorted_by(|earlier, later| earlier < later), "{numbers:?}");
    drop(frames);
    fixture.put("s", "a", "").await;
    let position = json!({"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": numbers[2]});
    let mut frames = subscribe(&fixture, &consumer, &position).await;
    let event = frames.event().await;
    assert_eq!(keys(&event), ["a"]);
    fixture.put("s", "b", "").await;
    fixture.advance_secs(5).await;
    let number = &event["ContinuationSequenceNumber"];
    let position = json!({"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": number});
    assert_eq!(keys(&subscribe(&fixture, &consumer, &position).await.event().await), ["b"]);
}

#[tokio::test]
async fn ends_after_five_minutes_without_a_word() {
    let fixture = Fixture::new().await;
    fixture.stream("s", 1).await;
    let consumer = consumer(&fixture, "c").await;
    let mut frames = subscribe(&fixture, &consumer, &json!({"Type": "LATEST"})).await;
    assert!(frames.is_silent());
    fixture.advance_secs(299).await;
    frames.event().await;
    assert!(frames.is_silent());
    fixture.advance_secs(1).await;
    assert!(frames.next().await.is_none());
}

#[tokio::test]
async fn the_end_of_a_shard_names_its_children() {
    let fixture = Fixture::new().await;
    fixture.stream("s", 1).await;
    let consumer = consumer(&fixture, "c").await;
    let mut frames = subscribe(&fixture, &consumer, &json!({"Type": "LATEST"})).await;
    assert!(frames.is_silent());
    let scale = json!({"StreamName": "s", "TargetShardCount": 2, "ScalingType": "UNIFORM_SCALING"});
    fixture.ok("UpdateShardCount", scale).await;
    fixture.put("s", "a", "").await;
    assert_eq!(keys(&frames.event().await), ["a"]);
    fixture.advance_secs(1).await;
    let last = frames.event().await;
    assert!(last.get("ContinuationSequenceNumber").is_none());
    assert_eq!(last["ChildShards"].as_array().unwrap().len(), 2);
    assert_eq!(last["ChildShards"][1]["ParentShards"], json!([SHARD]));
    assert!(frames.next().await.is_none());
}

#[tokio::test]
async fn a_new_subscription_takes_over_but_not_at_once() {
    let fixture = Fixture::new().await;
    fixture.stream("s", 1).await;
    let consumer = consumer(&fixture, "c").await;
    let latest = || json!({"Type": "LATEST"});
    let mut old = subscribe(&fixture, &consumer, &latest()).await;
    assert!(old.is_silent());
    let words = "ResourceInUseException: Another active subscription exists for this consumer: 000000000000:s:shardId-000000000000:c";
    fixture.refused("SubscribeToShard", input(&consumer, &latest()), words).await;
    fixture.advance(Duration::from_millis(4999)).await;
    fixture.refused("SubscribeToShard", input(&consumer, &latest()), words).await;
    fixture.advance(Duration::from_millis(1)).await;
    old.event().await;
    let mut new = subscribe(&fixture, &consumer, &latest()).await;
    assert!(old.next().await.is_none());
    fixture.put("s", "a", "").await;
    assert_eq!(keys(&new.event().await), ["a"]);
}

#[tokio::test]
async fn one_call_a_second_for_a_consumer_and_a_shard() {
    let fixture = Fixture::limited().await;
    fixture.stream("s", 2).await;
    let (first, second) = (consumer(&fixture, "c").await, consumer(&fixture, "d").await);
    let latest = json!({"Type": "LATEST"});
    drop(subscribe(&fixture, &first, &latest).await);
    let rate = "LimitExceededException: Rate exceeded for stream s under account 000000000000.";
    fixture.refused("SubscribeToShard", input(&first, &latest), rate).await;
    drop(subscribe(&fixture, &second, &latest).await);
    fixture.advance_secs(1).await;
    let active = "ResourceInUseException: Another active subscription exists for this consumer: \
                  000000000000:s:shardId-000000000000:c";
    fixture.refused("SubscribeToShard", input(&first, &latest), active).await;
    // A call that fails counts.
    fixture.refused("SubscribeToShard", input(&first, &latest), rate).await;
    let dry = "DryRunOperationException: Request would have succeeded, but DryRun flag is set.";
    let mut rehearsal = input(&first, &latest);
    rehearsal["ShardId"] = "1".into();
    rehearsal["DryRun"] = true.into();
    fixture.refused("SubscribeToShard", rehearsal, dry).await;
}

#[tokio::test]
async fn ends_with_its_consumer_or_its_stream() {
    for delete in [false, true] {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let consumer = consumer(&fixture, "c").await;
        let mut frames = subscribe(&fixture, &consumer, &json!({"Type": "LATEST"})).await;
        assert!(frames.is_silent());
        let words = if delete {
            fixture.ok("DeleteStream", json!({"StreamName": "s", "EnforceConsumerDeletion": true})).await;
            "Stream s under account 000000000000 not found."
        } else {
            fixture.ok("DeregisterStreamConsumer", json!({"ConsumerARN": consumer})).await;
            "Consumer c under stream s not found for account 000000000000."
        };
        let (headers, payload) = frames.next().await.unwrap();
        assert_eq!(headers[":message-type"], "exception");
        assert_eq!(headers[":exception-type"], "ResourceNotFoundException");
        assert_eq!(payload, json!({"message": words}));
        assert!(frames.next().await.is_none());
    }
}

#[tokio::test]
async fn a_consumer_gets_two_mebibytes_a_second() {
    let fixture = Fixture::limited().await;
    fixture.stream("s", 1).await;
    let consumer = consumer(&fixture, "c").await;
    let mebibyte = "x".repeat((1 << 20) - 1);
    for _ in 0..5 {
        fixture.put("s", "k", &mebibyte).await;
        fixture.advance_secs(1).await;
    }
    let mut frames = subscribe(&fixture, &consumer, &json!({"Type": "TRIM_HORIZON"})).await;
    for _ in 0..3 {
        assert_eq!(keys(&frames.event().await).len(), 1);
    }
    assert!(frames.is_silent());
    fixture.advance(Duration::from_millis(500)).await;
    assert_eq!(keys(&frames.event().await).len(), 1);
    assert!(frames.is_silent());
}

#[tokio::test]
async fn refuses_in_the_words_of_aws() {
    let fixture = Fixture::new().await;
    let latest = || json!({"Type": "LATEST"});
    let unknown = "ResourceNotFoundException: Consumer c under stream s not found for account 000000000000.";
    let arn = format!("{STREAM}/consumer/c:1700000001");
    fixture.refused("SubscribeToShard", input(&arn, &latest()), unknown).await;
    fixture.stream("s", 1).await;
    fixture.refused("SubscribeToShard", input(&arn, &latest()), unknown).await;
    fixture.ok("RegisterStreamConsumer", json!({"StreamARN": STREAM, "ConsumerName": "c"})).await;
    let creating = "ResourceInUseException: Consumer c with creation timestamp 1700000001 under stream: s , account \
                    000000000000 is not in ACTIVE status.";
    fixture.refused("SubscribeToShard", input(&arn, &latest()), creating).await;
    fixture.advance_secs(1).await;
    let mut elsewhere = input(&arn, &latest());
    elsewhere["ShardId"] = "shardId-000000000001".into();
    let no_shard = "ResourceNotFoundException: Shard shardId-000000000001 in stream s under account 000000000000 does \
                    not exist";
    fixture.refused("SubscribeToShard", elsewhere, no_shard).await;
    let words = "InvalidArgumentException: Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. \
                 Current request has no timestamp parameter.";
    fixture.refused("SubscribeToShard", input(&arn, &json!({"Type": "AT_TIMESTAMP"})), words).await;
    let words = "ValidationException: 1 validation error detected: Value null at 'startingPosition' failed to satisfy \
                 constraint: Member must not be null";
    fixture.refused("SubscribeToShard", json!({"ConsumerARN": arn, "ShardId": SHARD}), words).await;
}
