//! Watches a fan-out consumer: one subscription per shard, everything it sees counted.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::DateTime;
use aws_sdk_kinesis::types::{Record, ShardIteratorType, StartingPosition, SubscribeToShardEventStream};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// A record that came out.
struct Seen {
    shard: String,
    sequence_number: String,
    latency_ms: f64,
}

/// Subscriptions to all shards.
pub(crate) struct Watch(mpsc::UnboundedReceiver<Seen>);

/// Subscribes `consumer` to `shards`, to see what comes from now on.
pub(crate) async fn subscribe(client: &Client, consumer: &str, shards: &[String]) -> Result<Watch> {
    let (sender, receiver) = mpsc::unbounded_channel();
    for shard in shards {
        let position = StartingPosition::builder().r#type(ShardIteratorType::Latest).build()?;
        let answer = client
            .subscribe_to_shard()
            .consumer_arn(consumer)
            .shard_id(shard)
            .starting_position(position)
            .send()
            .await
            .with_context(|| format!("cannot subscribe to {shard}"))?;
        let (mut events, sender, shard) = (answer.event_stream, sender.clone(), shard.clone());
        tokio::spawn(async move {
            while let Ok(Some(event)) = events.recv().await {
                let SubscribeToShardEventStream::SubscribeToShardEvent(event) = event else { continue };
                for record in event.records() {
                    let seen = Seen {
                        shard: shard.clone(),
                        sequence_number: record.sequence_number().to_owned(),
                        latency_ms: latency_ms(record),
                    };
                    if sender.send(seen).is_err() {
                        return;
                    }
                }
            }
        });
    }
    Ok(Watch(receiver))
}

/// The time from a record's arrival in the stream to now.
fn latency_ms(record: &Record) -> f64 {
    let arrival = record.approximate_arrival_timestamp().map_or(0.0, DateTime::as_secs_f64);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    (now - arrival) * 1000.0
}

impl Watch {
    /// Waits until `count` records came, but not longer than `patience` for the next one, and says what it saw.
    pub(crate) async fn until(mut self, count: usize, patience: Duration) -> Value {
        let mut per_shard = BTreeMap::<String, u64>::new();
        let mut last = BTreeMap::<String, String>::new();
        let (mut latencies, mut in_order) = (Vec::new(), true);
        while latencies.len() < count {
            let Ok(Some(seen)) = tokio::time::timeout(patience, self.0.recv()).await else { break };
            // Sequence numbers of one shard have the same number of digits, so text order is their order.
            let previous = last.insert(seen.shard.clone(), seen.sequence_number.clone());
            in_order &= previous.is_none_or(|previous| previous < seen.sequence_number);
            *per_shard.entry(seen.shard).or_default() += 1;
            latencies.push(seen.latency_ms);
        }
        latencies.sort_by(f64::total_cmp);
        let at = |share: usize| latencies.get(latencies.len().saturating_sub(1) * share / 100);
        json!({
            "records": latencies.len(), "per_shard": per_shard, "in_order": in_order,
            "latency_ms": {"p50": at(50), "p99": at(99)},
        })
    }
}
