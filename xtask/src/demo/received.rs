//! What the function and the fan-out consumer received, from what they wrote, in a form for people.

use std::collections::BTreeMap;

use serde_json::Value;

/// What the function saw, put together from the line that it writes per batch.
#[derive(Clone, Debug, Default)]
pub(super) struct Received {
    pub(super) records: u64,
    batches: u64,
    per_shard: BTreeMap<String, u64>,
    latencies_ms: Vec<u64>,
    samples: Vec<Value>,
}

impl Received {
    /// Reads the function's log: its own lines are JSON, the platform's are not.
    pub(super) fn from_log(log: &str) -> Self {
        let mut received = Self::default();
        let batches = log.lines().filter_map(|line| serde_json::from_str::<Value>(line.trim()).ok());
        for batch in batches.filter(|batch| batch["shard"].is_string()) {
            let count = batch["records"].as_u64().unwrap_or_default();
            received.records += count;
            received.batches += 1;
            *received.per_shard.entry(batch["shard"].as_str().unwrap_or_default().to_owned()).or_default() += count;
            let latencies = batch["latency_ms"].as_array().into_iter().flatten();
            received.latencies_ms.extend(latencies.filter_map(Value::as_u64));
            if received.samples.len() < 3 {
                received.samples.push(batch["sample"].clone());
            }
        }
        received.latencies_ms.sort_unstable();
        received
    }

    pub(super) fn print(&self) {
        println!("function: {} records in {} batches{}", self.records, self.batches, shards(&self.per_shard));
        let at = |share: usize| {
            self.latencies_ms.get(self.latencies_ms.len().saturating_sub(1) * share / 100).copied().unwrap_or_default()
        };
        println!("  from the stream to the handler: p50 {} ms, p99 {} ms", at(50), at(99));
        for sample in &self.samples {
            println!("  {sample}");
        }
    }
}

/// The fan-out consumer's half of the producer's report.
pub(super) fn print_fan_out(report: &Value) {
    let counts = report["per_shard"].as_object().into_iter().flatten();
    let counts = counts.map(|(shard, count)| (shard.clone(), count.as_u64().unwrap_or_default())).collect();
    let order = if report["in_order"] == true { "in order" } else { "OUT OF ORDER" };
    println!("fan-out consumer: {} records, {order}{}", report["records"], shards(&counts));
    let ms = |name: &str| report["latency_ms"][name].as_f64().unwrap_or_default();
    println!("  from the stream to the consumer: p50 {:.1} ms, p99 {:.1} ms", ms("p50"), ms("p99"));
}

fn shards(counts: &BTreeMap<String, u64>) -> String {
    counts.iter().map(|(shard, count)| format!("\n  {shard}: {count}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_lines_are_not_the_functions() {
        let log = "START RequestId: 1 Version: $LATEST\n\
                   {\"shard\": \"s0\", \"records\": 2, \"latency_ms\": [3, 1], \"sample\": {\"a\": 1}}\n\
                   END RequestId: 1\n{\"other\": 1}\n\
                   {\"shard\": \"s1\", \"records\": 1, \"latency_ms\": [2], \"sample\": {}}\n";
        let received = Received::from_log(log);
        assert_eq!((received.records, received.batches), (3, 2));
        assert_eq!(received.per_shard, BTreeMap::from([("s0".to_owned(), 2), ("s1".to_owned(), 1)]));
        assert_eq!(received.latencies_ms, [1, 2, 3]);
    }
}
