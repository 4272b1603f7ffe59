//! Failure destinations from end to end: a batch goes wrong on one side, a letter comes out on the other.

use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::{Value, json};

use crate::destination::{DeliveryError, Target};
use crate::mapping::StartingPosition;
use crate::mapping::bench::{Bench, until};
use crate::mapping::definition::State;
use crate::mapping::settings::Settings;

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";

fn telling(destination: &str) -> Settings {
    Settings {
        batch_size: NonZeroU32::new(2).unwrap(),
        maximum_retry_attempts: Some(0),
        on_failure: Some(destination.to_owned()),
        ..Settings::default()
    }
}

/// A mapping whose first batch has failed for good; returns the request id of its only call.
async fn failed(bench: &mut Bench, destination: &str) -> String {
    bench.source.put("a", "1");
    bench.source.put("a", "2");
    bench.enabled(StartingPosition::TrimHorizon, telling(destination)).await;
    let call = bench.call().await;
    let request_id = call.request_id.clone();
    call.fail();
    request_id
}

#[tokio::test]
async fn a_queue_is_told_where_the_records_are() {
    let mut bench = Bench::new(&["a"]);
    let request_id = failed(&mut bench, QUEUE).await;
    let letter = bench.mailbox.next().await;
    assert_eq!(letter.target, Target::Queue(QUEUE.into()));
    let document: Value = serde_json::from_str(&letter.body).unwrap();
    assert_eq!(
        document,
        json!({
            "requestContext": {
                "requestId": request_id, "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:f",
                "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 1,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0", "timestamp": "1970-01-12T13:46:40.100Z",
            "KinesisBatchInfo": {
                "shardId": "a", "startSequenceNumber": "1", "endSequenceNumber": "2",
                "approximateArrivalOfFirstRecord": "1970-01-12T13:46:40.000Z",
                "approximateArrivalOfLastRecord": "1970-01-12T13:46:40.000Z", "batchSize": 2,
                "streamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
            },
        })
    );
    bench.source.put("a", "3");
    assert_eq!(bench.call().await.data, ["3"], "the shard moves on");
}

#[tokio::test]
async fn a_bucket_gets_the_event_too() {
    let mut bench = Bench::new(&["a"]);
    failed(&mut bench, "arn:aws:s3:::failures").await;
    let letter = bench.mailbox.next().await;
    let Target::Object { bucket, key } = &letter.target else { panic!("{letter:?}") };
    assert_eq!(bucket, "failures");
    assert!(key.starts_with("aws/lambda/u-1/a/1970/01/12/1970-01-12T13.46.40-"), "{key}");
    assert_eq!(key.rsplit_once("T13.46.40-").unwrap().1.len(), 36);
    let document: Value = serde_json::from_str(&letter.body).unwrap();
    let event: Value = serde_json::from_str(document["payload"].as_str().unwrap()).unwrap();
    assert_eq!(event["Records"].as_array().unwrap().len(), 2);
    assert_eq!(event["Records"][1]["eventID"], "a:2");
}

#[tokio::test]
async fn a_destination_that_refuses_is_told_again_and_the_shard_waits() {
    let mut bench = Bench::new(&["a"]);
    bench.mailbox.refuse(DeliveryError::NotThere("no such queue".into()));
    bench.mailbox.refuse(DeliveryError::TryAgain("busy".into()));
    failed(&mut bench, QUEUE).await;
    bench.source.put("a", "3");
    let mut mapping = bench.catalog.follow_all().remove(0);
    let problem = "PROBLEM: The failure destination did not take the records: no such queue";
    until(&mut mapping, |mapping| mapping.last_processing_result == problem).await;
    assert!(!bench.is_called());
    assert_eq!(bench.call_later().await.data, ["3"]);
    bench.mailbox.next().await;
    assert_eq!(bench.mailbox.refusals_left(), 0);
}

#[tokio::test]
async fn a_destination_that_refuses_for_good_is_not_told_again() {
    let mut bench = Bench::new(&["a"]);
    bench.mailbox.refuse(DeliveryError::Refused("too long".into()));
    failed(&mut bench, QUEUE).await;
    let mut mapping = bench.catalog.follow_all().remove(0);
    until(&mut mapping, |mapping| mapping.last_processing_result.ends_with("too long")).await;
    bench.source.put("a", "3");
    assert_eq!(bench.call().await.data, ["3"], "the shard moves on");
}

#[tokio::test]
async fn a_crash_before_the_destination_took_the_batch_repeats_it() {
    let mut bench = Bench::new(&["a"]);
    bench.mailbox.refuse(DeliveryError::TryAgain("busy".into()));
    failed(&mut bench, QUEUE).await;
    let mut mapping = bench.catalog.follow_all().remove(0);
    until(&mut mapping, |mapping| mapping.last_processing_result.contains("busy")).await;
    let mut bench = bench.crash();
    assert_eq!(bench.call().await.data, ["1", "2"]);
}

#[tokio::test]
async fn a_mapping_that_is_switched_off_does_not_wait_for_its_destination() {
    let mut bench = Bench::new(&["a"]);
    for _ in 0..3 {
        bench.mailbox.refuse(DeliveryError::TryAgain("busy".into()));
    }
    failed(&mut bench, QUEUE).await;
    let mut mapping = bench.catalog.follow_all().remove(0);
    until(&mut mapping, |mapping| mapping.last_processing_result.contains("busy")).await;
    bench.change(|mapping| mapping.state = State::Disabling);
    until(&mut mapping, |mapping| mapping.state == State::Disabled).await;
    bench.change(|mapping| mapping.state = State::Enabling);
    assert_eq!(bench.call_later().await.data, ["1", "2"], "what was not told is tried anew");
}

#[tokio::test]
async fn a_destination_that_is_taken_back_is_not_waited_for() {
    let mut bench = Bench::new(&["a"]);
    for _ in 0..3 {
        bench.mailbox.refuse(DeliveryError::NotThere("no such queue".into()));
    }
    failed(&mut bench, QUEUE).await;
    bench.source.put("a", "3");
    let mut mapping = bench.catalog.follow_all().remove(0);
    until(&mut mapping, |mapping| mapping.last_processing_result.contains("no such queue")).await;
    bench.change(|mapping| mapping.settings.on_failure = None);
    assert_eq!(bench.call().await.data, ["3"]);
}

#[tokio::test]
async fn records_that_were_never_sent_have_no_response() {
    let mut bench = Bench::new(&["a"]);
    bench.source.put("a", "1");
    bench.env.clock.advance(Duration::from_secs(61));
    let settings = Settings { maximum_record_age: Some(Duration::from_secs(60)), ..telling(QUEUE) };
    bench.enabled(StartingPosition::TrimHorizon, settings).await;
    let document: Value = serde_json::from_str(&bench.mailbox.next().await.body).unwrap();
    assert_eq!(document["requestContext"]["condition"], "RecordAgeExceeded");
    assert_eq!(
        (&document["requestContext"]["approximateInvokeCount"], document.get("responseContext")),
        (&json!(0), None)
    );
    assert!(!bench.is_called());
}
