//! Puts departures in batches, in order per partition key: what a shard had no room for goes first in the next batch.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use anyhow::Result;
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::departures::Departure;

/// The most that one request takes.
const BATCH: usize = 500;
/// A shard takes 1,000 records a second; a refused record finds room again after a fraction of that.
const PAUSE: Duration = Duration::from_millis(100);

/// Puts all of `departures` and says how many went to which shard, and how fast.
pub(crate) async fn all(client: &Client, stream: &str, departures: &[Departure]) -> Result<Value> {
    let bar = ProgressBar::new(departures.len() as u64)
        .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} records {per_sec} {elapsed}")?);
    let mut waiting: VecDeque<&Departure> = departures.iter().collect();
    let mut per_shard = BTreeMap::<String, u64>::new();
    let mut throttled = 0_u64;
    let started = Instant::now();
    while !waiting.is_empty() {
        let batch: Vec<&Departure> = waiting.drain(..waiting.len().min(BATCH)).collect();
        let entries = batch.iter().map(|departure| entry(departure)).collect::<Result<Vec<_>>>()?;
        let answer = client.put_records().stream_name(stream).set_records(Some(entries)).send().await?;
        let mut refused = Vec::new();
        for (departure, result) in batch.iter().zip(answer.records()) {
            match result.shard_id() {
                Some(shard) => *per_shard.entry(shard.to_owned()).or_default() += 1,
                None => refused.push(*departure),
            }
        }
        bar.inc((batch.len() - refused.len()) as u64);
        if !refused.is_empty() {
            throttled += refused.len() as u64;
            refused.into_iter().rev().for_each(|departure| waiting.push_front(departure));
            tokio::time::sleep(PAUSE).await;
        }
    }
    bar.finish();
    let seconds = started.elapsed().as_secs_f64();
    Ok(json!({"records": departures.len(), "seconds": seconds, "per_shard": per_shard, "throttled": throttled}))
}

fn entry(departure: &Departure) -> Result<PutRecordsRequestEntry> {
    let entry = PutRecordsRequestEntry::builder()
        .partition_key(&departure.partition_key)
        .data(Blob::new(departure.data.clone()))
        .build()?;
    Ok(entry)
}
