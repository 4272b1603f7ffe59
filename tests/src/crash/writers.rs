//! Clients that put records, one request after the other, until the emulator is gone.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::chance::Chance;
use super::known::{Fate, Place, Sequence, Stream, Streams};
use super::payload::{self, RecordId};
use crate::connection::{Connection, Outcome};

/// Most records of a request.
const BATCH: u32 = 60;

/// A client that puts records.
#[derive(Debug)]
pub(super) struct Writer {
    number: u32,
    chance: Chance,
    requests: u64,
}

impl Writer {
    pub(super) fn new(number: u32, chance: Chance) -> Self {
        Self { number, chance, requests: 0 }
    }

    /// Puts records until the connection breaks. Fails if an answer is one that must not be.
    pub(super) fn work(&mut self, streams: &Streams, address: &str) -> Result<()> {
        let Ok(mut connection) = Connection::open(address) else { return Ok(()) };
        loop {
            let streams = streams.all();
            let Some(stream) = self.chance.pick(&streams) else { continue };
            let ids = self.choose();
            {
                let mut records = stream.records();
                records.fates.extend(ids.iter().map(|id| (*id, Fate::Unanswered)));
            }
            let (action, body) = request(stream, &ids);
            // Nobody knows what became of the records: the next check finds out.
            let Ok(outcome) = connection.kinesis(action, &body) else { return Ok(()) };
            note(stream, &ids, outcome).with_context(|| format!("{action} to {}", stream.name))?;
        }
    }

    fn choose(&mut self) -> Vec<RecordId> {
        self.requests += 1;
        let count = if self.chance.one_in(2) { 1 } else { 1 + self.chance.below(BATCH) };
        (0..count)
            .map(|index| RecordId { writer: self.number, request: self.requests, index, length: self.length() })
            .collect()
    }

    /// Mostly short, now and then longer than a page or than what a reader reads at once.
    fn length(&mut self) -> u32 {
        match self.chance.below(100) {
            0 => self.chance.below(200_000),
            1..10 => self.chance.below(20_000),
            _ => self.chance.below(1000),
        }
    }
}

/// The request that puts these records.
fn request(stream: &Stream, ids: &[RecordId]) -> (&'static str, String) {
    let mut body = format!(r#"{{"StreamName":"{}","#, stream.name);
    if let [id] = ids {
        payload::put(&mut body, id);
        body.push('}');
        return ("PutRecord", body);
    }
    body.push_str(r#""Records":["#);
    for (at, id) in ids.iter().enumerate() {
        body.push_str(if at == 0 { "{" } else { ",{" });
        payload::put(&mut body, id);
        body.push('}');
    }
    body.push_str("]}");
    ("PutRecords", body)
}

/// Notes the answer for each record.
fn note(stream: &Stream, ids: &[RecordId], outcome: Outcome) -> Result<()> {
    let output = match outcome {
        Outcome::Done(output) => output,
        Outcome::Refused { status, body } => {
            // A stream that is being made or has been deleted.
            if !body.contains("ResourceNotFoundException") {
                bail!("answered {status}: {body}");
            }
            let mut records = stream.records();
            records.fates.extend(ids.iter().map(|id| (*id, Fate::Absent)));
            return Ok(());
        }
    };
    let results = match (&output["Records"], ids) {
        (Value::Array(results), _) => results.as_slice(),
        (_, _) => std::slice::from_ref(&output),
    };
    if results.len() != ids.len() {
        bail!("{} records got {} results", ids.len(), results.len());
    }
    let mut records = stream.records();
    for (id, result) in ids.iter().zip(results) {
        let fate = match (result["ShardId"].as_str(), result["SequenceNumber"].as_str(), result["ErrorCode"].as_str()) {
            (Some(shard), Some(sequence), None) => {
                Fate::Acknowledged(Place { shard: shard.to_owned(), sequence: Sequence::new(sequence) })
            }
            _ => bail!("a record got {result}"),
        };
        records.fates.insert(*id, fate);
    }
    Ok(())
}
