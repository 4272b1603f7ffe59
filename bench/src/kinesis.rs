//! The calls and bodies of the workloads.

use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::http::Connection;

/// Marsaglia's xorshift: keys and data only have to differ and not to compress.
#[derive(Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn base64(&mut self, bytes: usize) -> String {
        let mut data: Vec<u8> = (0..bytes.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect();
        data.truncate(bytes);
        STANDARD.encode(data)
    }

    /// The body of a PutRecord.
    pub(crate) fn record(&mut self, stream: &str, bytes: usize) -> Vec<u8> {
        let (key, data) = (self.next(), self.base64(bytes));
        format!(r#"{{"StreamName":"{stream}","PartitionKey":"{key:016x}","Data":"{data}"}}"#).into_bytes()
    }

    /// The body of a PutRecords.
    pub(crate) fn records(&mut self, stream: &str, count: usize, bytes: usize) -> Vec<u8> {
        let mut body = format!(r#"{{"StreamName":"{stream}","Records":["#);
        for index in 0..count {
            let comma = if index == 0 { "" } else { "," };
            let (key, data) = (self.next(), self.base64(bytes));
            // Writing to a String cannot fail.
            let _ = write!(body, r#"{comma}{{"PartitionKey":"{key:016x}","Data":"{data}"}}"#);
        }
        body.push_str("]}");
        body.into_bytes()
    }
}

/// Calls an action with a document.
pub(crate) fn call(connection: &mut Connection, action: &str, input: &Value) -> Result<Value> {
    let body = connection.call(action, input.to_string().as_bytes())?;
    Ok(if body.is_empty() { Value::Null } else { serde_json::from_slice(body)? })
}

/// Makes a stream, unless there is one of that name, and waits until it can be used; its ARN.
pub(crate) fn create_stream(connection: &mut Connection, stream: &str, shards: u32) -> Result<String> {
    if let Err(error) = call(connection, "CreateStream", &json!({"StreamName": stream, "ShardCount": shards})) {
        ensure!(format!("{error:#}").contains("ResourceInUseException"), error);
    }
    let started = Instant::now();
    loop {
        let answer = call(connection, "DescribeStreamSummary", &json!({"StreamName": stream}))?;
        let summary = &answer["StreamDescriptionSummary"];
        if summary["StreamStatus"] == "ACTIVE" {
            return Ok(summary["StreamARN"].as_str().context("no ARN")?.to_owned());
        }
        ensure!(started.elapsed() < Duration::from_secs(30), "the stream does not become ACTIVE: {answer}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// An iterator of the stream's first shard.
pub(crate) fn iterator(connection: &mut Connection, stream: &str, kind: &str) -> Result<String> {
    let shard = "shardId-000000000000";
    let input = json!({"StreamName": stream, "ShardId": shard, "ShardIteratorType": kind});
    let answer = call(connection, "GetShardIterator", &input)?;
    Ok(answer["ShardIterator"].as_str().context("no iterator")?.to_owned())
}
