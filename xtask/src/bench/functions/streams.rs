//! A stream in front of a function: from the put to the handler's first line, and as many records as go through.

use std::fmt::Write as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use acceptance::{Connection, Emulator, base64, request};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::beacon::{Beacon, now};
use super::{Subject, emulator};
use crate::bench::process;

/// Puts of one record each.
const PUTS: u64 = 400;
/// The machine is idle again by then.
const PAUSE: Duration = Duration::from_millis(10);
/// Records that wait in the stream when its mapping is made.
const RECORDS: u64 = 200_000;
const SHARDS: u64 = 4;
const PER_CALL: u64 = 500;
const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

/// One record at a time.
pub(super) fn latencies(programs: &Path, subjects: &[Subject]) -> Result<String> {
    let mut text = String::from(
        "| one record, put until its handler begins, warm and idle | p50 ms | p99 ms | most ms | promised |\n\
         | --- | --- | --- | --- | --- |\n",
    );
    for subject in subjects {
        let (emulator, _directory) = emulator(programs)?;
        let beacon = Beacon::new()?;
        let mut connection = stream(&emulator, 1)?;
        subject.create(emulator.address(), &beacon.address()?)?;
        map(&emulator, subject, "LATEST", 1)?;
        let mut micros = Vec::new();
        for number in 0..=PUTS {
            let data = base64(format!("{number} {}", "x".repeat(100)).as_bytes());
            let input = json!({"StreamName": "s", "PartitionKey": "k", "Data": data});
            let begun = now()?;
            connection.must("PutRecord", &input)?;
            let call = beacon.next()?;
            ensure!(call.first == Some(number), "the function was called with {call:?}");
            // The first call starts the process.
            if number > 0 {
                micros.push(call.at.saturating_sub(begun).as_micros());
            }
            thread::sleep(PAUSE);
        }
        micros.sort_unstable();
        let at = |part: f64| micros[((micros.len() - 1) as f64 * part) as usize] as f64 / 1000.0;
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {} | {:.2} | {:.2} | {:.2} | p99 under 10 ms |",
            subject.name,
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
    Ok(text)
}

/// Batches of 1,000.
pub(super) fn rates(programs: &Path, subjects: &[Subject]) -> Result<String> {
    let mut text = format!(
        "\n| {RECORDS} records of 100 B in {SHARDS} shards, batches of 1,000 | per second | per CPU second of the \
         emulator | resident MiB |\n| --- | --- | --- | --- |\n"
    );
    for subject in subjects {
        let (emulator, _directory) = emulator(programs)?;
        let beacon = Beacon::new()?;
        let mut connection = stream(&emulator, SHARDS)?;
        subject.create(emulator.address(), &beacon.address()?)?;
        for first in (0..RECORDS).step_by(PER_CALL as usize) {
            let record = |number| {
                let data = base64(format!("{number} {}", "x".repeat(92)).as_bytes());
                json!({"PartitionKey": format!("k{}", number % 1000), "Data": data})
            };
            let records: Vec<Value> = (first..first + PER_CALL).map(record).collect();
            connection.must("PutRecords", &json!({"StreamName": "s", "Records": records}))?;
        }
        let before = process::cpu_seconds(emulator.pid())?;
        map(&emulator, subject, "TRIM_HORIZON", 1000)?;
        let first = beacon.next()?;
        let (mut seen, mut last) = (first.records, first);
        while seen < RECORDS {
            last = beacon.next()?;
            seen += last.records;
        }
        let seconds = last.at.saturating_sub(first.at).as_secs_f64();
        let cpu = process::cpu_seconds(emulator.pid())? - before;
        let _ = writeln!(
            text,
            "| {} | {:.0}k | {:.0}k | {:.0} |",
            subject.name,
            RECORDS as f64 / seconds / 1000.0,
            RECORDS as f64 / cpu / 1000.0,
            process::resident_mib(emulator.pid())?
        );
    }
    Ok(text)
}

/// The stream `s`, and a connection for putting into it.
fn stream(emulator: &Emulator, shards: u64) -> Result<Connection> {
    let mut connection = Connection::open(emulator.address())?;
    connection.must("CreateStream", &json!({"StreamName": "s", "ShardCount": shards}))?;
    loop {
        let summary = connection.must("DescribeStreamSummary", &json!({"StreamName": "s"}))?;
        if summary["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE" {
            return Ok(connection);
        }
        thread::sleep(PAUSE);
    }
}

/// A mapping of `s` to the function; it is enabled when this returns.
fn map(emulator: &Emulator, subject: &Subject, start: &str, batch: u32) -> Result<()> {
    let input = json!({
        "EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "FunctionName": subject.function.name,
        "StartingPosition": start, "BatchSize": batch,
    });
    let made = request(emulator.address(), "POST", MAPPINGS, &[], &input.to_string())?;
    ensure!(made.status == 202, "CreateEventSourceMapping answered {}: {}", made.status, made.body);
    let made = made.json()?;
    let path = format!("{MAPPINGS}/{}", made["UUID"].as_str().context("a mapping has a UUID")?);
    while request(emulator.address(), "GET", &path, &[], "")?.json()?["State"] != "Enabled" {
        thread::sleep(PAUSE);
    }
    Ok(())
}
