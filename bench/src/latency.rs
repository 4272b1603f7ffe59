//! One record at a time on an idle server: how long until a reader has it.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::http::Connection;
use crate::kinesis::{Dice, call, create_stream, iterator};
use crate::load::{Figures, Options};

/// From the beginning of a PutRecord until GetRecords returns the record, asked again and again.
pub(crate) fn visibility(connection: &mut Connection, options: &Options) -> Result<Figures> {
    create_stream(connection, &options.stream, 1)?;
    let mut next = iterator(connection, &options.stream, "LATEST")?;
    let mut dice = Dice(7);
    let (mut micros, begun) = (Vec::new(), Instant::now());
    while begun.elapsed().as_secs_f64() < options.seconds {
        let body = dice.record(&options.stream, 1024);
        let started = Instant::now();
        connection.call("PutRecord", &body)?;
        loop {
            let page = call(connection, "GetRecords", &json!({"ShardIterator": next}))?;
            page["NextShardIterator"].as_str().context("no next iterator")?.clone_into(&mut next);
            if page["Records"].as_array().is_some_and(|records| !records.is_empty()) {
                break;
            }
        }
        micros.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX));
        thread::sleep(Duration::from_millis(2));
    }
    Ok(Figures::of(micros))
}

/// From the beginning of a PutRecord until the event with the record is there.
pub(crate) fn push(connection: &mut Connection, options: &Options) -> Result<Figures> {
    let stream = create_stream(connection, &options.stream, 1)?;
    let consumer = json!({"StreamARN": stream, "ConsumerName": "bench"});
    let consumer = call(connection, "RegisterStreamConsumer", &consumer)?;
    let consumer = consumer["Consumer"]["ConsumerARN"].as_str().context("no consumer")?.to_owned();
    let status = |connection: &mut Connection| {
        let answer = call(connection, "DescribeStreamConsumer", &json!({"ConsumerARN": consumer}))?;
        anyhow::Ok(answer["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE")
    };
    while !status(connection)? {
        thread::sleep(Duration::from_millis(10));
    }
    let shard = "shardId-000000000000";
    let subscribe = json!({"ConsumerARN": consumer, "ShardId": shard, "StartingPosition": {"Type": "LATEST"}});
    let mut subscription = Connection::open(&options.address)?;
    subscription.subscribe("SubscribeToShard", subscribe.to_string().as_bytes())?;
    let (arrivals, arrived) = mpsc::channel();
    // The thread ends when nobody listens to it any more, or with the process.
    thread::spawn(move || {
        while let Ok(event) = subscription.pushed() {
            let with_record = event.windows(PARTITION_KEY.len()).any(|part| part == PARTITION_KEY);
            if with_record && arrivals.send(Instant::now()).is_err() {
                break;
            }
        }
    });
    thread::sleep(Duration::from_millis(500));
    let mut dice = Dice(7);
    let (mut micros, begun) = (Vec::new(), Instant::now());
    while begun.elapsed().as_secs_f64() < options.seconds {
        let body = dice.record(&options.stream, 1024);
        let started = Instant::now();
        connection.call("PutRecord", &body)?;
        let arrival = arrived.recv_timeout(Duration::from_secs(10)).context("no event with the record in 10 s")?;
        micros.push(u32::try_from(arrival.duration_since(started).as_micros()).unwrap_or(u32::MAX));
        thread::sleep(Duration::from_millis(5));
    }
    Ok(Figures::of(micros))
}

/// What only an event with a record holds.
const PARTITION_KEY: &[u8] = b"PartitionKey";
