//! A group: what is known about it, its streams, and the log with its events.
//!
//! Invariant: what is told about a stream (first and last event, sizes) follows from the events that are kept. It is counted
//! when the log is opened and kept up to date from then on, so a put costs one append and nothing else.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use env::Timestamp;
use serde::{Deserialize, Serialize};
use shard_log::{Batch, Entry, Log, Offset, ReadLimit, Trim};

use crate::error::Result;
use crate::event::{Stored, payload};
use crate::service::Event;

/// An event may be so much younger than its arrival.
pub(crate) const AHEAD: Duration = Duration::from_secs(2 * 3600);
/// How much is read of a log at a time.
const READ: ReadLimit = ReadLimit::new(2_000, 4 * 1024 * 1024);
/// Space of what retention gives up comes back so often, at most.
const BETWEEN_TRIMS: Duration = Duration::from_secs(60);

/// What is known about a group. Persisted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) name: String,
    /// The name of its log, which no other group ever has.
    pub(crate) log: String,
    pub(crate) created: Timestamp,
    pub(crate) class: String,
    #[serde(default)]
    pub(crate) retention_days: Option<u32>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) protected: bool,
    /// The ARN of the key that its events are said to be encrypted with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
}

/// The class whose events go on to somewhere else.
pub(crate) const DELIVERY: &str = "DELIVERY";
/// For how many days a group of that class keeps them. Nobody can set it.
pub(crate) const DELIVERY_DAYS: u32 = 2;

impl Record {
    /// What happened before this is not kept.
    pub(crate) fn horizon(&self, now: Timestamp) -> Timestamp {
        let days = |days: u32| now - Duration::from_secs(u64::from(days) * 86_400);
        self.retention_days.map_or(Timestamp::EPOCH, days)
    }
}

/// A stream. Persisted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stream {
    pub(crate) name: String,
    /// What its events say they are of; no other stream of the group ever has it.
    pub(crate) number: u64,
    pub(crate) created: Timestamp,
}

/// What is told about a stream's events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Extent {
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    pub(crate) ingested: Timestamp,
    pub(crate) bytes: u64,
}

/// A group in use.
#[derive(Debug)]
pub(crate) struct Group {
    state: Mutex<State>,
    counted: tokio::sync::OnceCell<()>,
}

/// What changes of a group.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) record: Arc<Record>,
    pub(crate) streams: BTreeMap<String, Stream>,
    extents: HashMap<u64, Extent>,
    trimmed: Timestamp,
}

impl Group {
    pub(crate) fn new(record: Record, streams: BTreeMap<String, Stream>) -> Arc<Self> {
        let (record, extents) = (Arc::new(record), HashMap::new());
        let state = State { record, streams, extents, trimmed: Timestamp::EPOCH };
        Arc::new(Self { state: Mutex::new(state), counted: tokio::sync::OnceCell::new() })
    }

    /// What is known. Never held across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known about the group itself.
    pub(crate) fn record(&self) -> Arc<Record> {
        Arc::clone(&self.state().record)
    }

    /// Counts the events that are there, the first time. Nothing is appended before.
    pub(crate) async fn count(&self, log: &dyn Log) -> Result<()> {
        let counted = self.counted.get_or_try_init(|| async {
            let mut extents = HashMap::new();
            let add = |event| {
                count(&mut extents, &event);
                true
            };
            scan(log, Offset::ZERO, add).await?;
            self.state().extents = extents;
            Ok::<_, crate::Error>(())
        });
        counted.await.copied()
    }

    /// What is told about the events of a stream; `None` if there are none.
    pub(crate) fn extent(&self, stream: u64) -> Option<Extent> {
        self.state().extents.get(&stream).copied()
    }

    /// The bytes of all events.
    pub(crate) fn bytes(&self) -> u64 {
        let state = self.state();
        state.streams.values().filter_map(|stream| state.extents.get(&stream.number)).map(|extent| extent.bytes).sum()
    }

    /// Adds events to a stream; they are durable when this returns.
    pub(crate) async fn append(&self, log: &dyn Log, stream: u64, events: &[Event], now: Timestamp) -> Result<()> {
        let (key, payloads) =
            (stream.to_be_bytes(), events.iter().map(|event| payload(event.timestamp, &event.message)));
        let payloads: Vec<_> = payloads.collect();
        let entries: Vec<_> = payloads.iter().map(|payload| Entry { key: &key, payload }).collect();
        if entries.is_empty() {
            return Ok(());
        }
        let appended = log.append(Batch { arrival: now, at_least: Offset::ZERO, entries: &entries }).await?;
        let mut offset = appended.first;
        let due = {
            let mut state = self.state();
            for event in events {
                let (at, message) = (event.timestamp, event.message.clone());
                count(&mut state.extents, &Stored { stream, at, message, ingested: appended.arrival, offset });
                offset = offset.next();
            }
            let due = state.record.retention_days.is_some() && now.since(state.trimmed) >= BETWEEN_TRIMS;
            if due {
                state.trimmed = now;
            }
            due.then(|| state.record.horizon(now))
        };
        if let Some(horizon) = due {
            log.trim(Trim::Older(horizon)).await?;
        }
        Ok(())
    }
}

fn count(extents: &mut HashMap<u64, Extent>, event: &Stored) {
    let (at, ingested) = (event.at, event.ingested);
    let fresh = Extent { first: at, last: at, ingested, bytes: 0 };
    let extent = extents.entry(event.stream).or_insert(fresh);
    extent.first = extent.first.min(at);
    extent.last = extent.last.max(at);
    extent.ingested = ingested;
    extent.bytes += event.size() as u64;
}

/// Shows the events from `from` on to `visit`, until it has seen enough or there are no more.
pub(crate) async fn scan(log: &dyn Log, mut from: Offset, mut visit: impl FnMut(Stored) -> bool) -> Result<()> {
    loop {
        let page = log.read(from, READ).await?;
        if page.batches.is_empty() {
            return Ok(());
        }
        if !page.records().filter_map(|record| Stored::of(&record)).all(&mut visit) {
            return Ok(());
        }
        from = page.next;
    }
}
