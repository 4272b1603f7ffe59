//! The way of records out of shards: from a position to a page, with what the API tells about it.
//!
//! Invariant: nothing that arrived before the retention horizon is returned, whether or not the sweep has removed it; and
//! a shard is at its end only when it is closed and every record of it was returned.

use std::sync::Arc;

use env::Timestamp;
use shard_log::{Log, Offset, ReadLimit, RecordRef, Records};

use crate::error::{Error, Result};
use crate::sequence::SequenceNumber;
use crate::shard::{Shard, ShardHandle, ShardIndex};
use crate::stored_record::{PartitionKey, RecordKey};
use crate::stream::StreamState;

/// The most that GetRecords returns at once, in bytes.
pub(crate) const PAGE_BYTES: usize = 10 << 20;
/// The most records that GetRecords returns at once.
pub(crate) const PAGE_RECORDS: usize = 10_000;

/// A record on its way out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRecord {
    /// Where it stands.
    pub number: SequenceNumber,
    /// When it arrived.
    pub arrival: Timestamp,
    /// The partition key.
    pub partition_key: PartitionKey,
    /// What the producer put.
    pub data: bytes::Bytes,
    /// Whether its stream was encrypted when it was put.
    pub encrypted: bool,
}

/// What a read found.
#[derive(Clone, Debug)]
pub(crate) struct ShardPage {
    /// The records, by batches. They decode.
    pub(crate) batches: Vec<Records>,
    /// What else their numbers are made of.
    pub(crate) origin: Origin,
    /// Where to read on.
    pub(crate) next: Offset,
    /// How far the last record returned is behind the newest moment; 0 at the tip.
    pub(crate) millis_behind: u64,
    /// Whether the shard is closed and this was the last of it.
    pub(crate) at_end: bool,
    /// Bytes of keys and data returned.
    pub(crate) bytes: u64,
}

/// The shard that records are of, as far as their numbers tell it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    shard: ShardIndex,
    created: u64,
}

impl Origin {
    pub(crate) const fn of(shard: &Shard) -> Self {
        Self { shard: shard.index, created: shard.created }
    }

    /// The number of a record.
    pub(crate) const fn number(&self, record: &RecordRef<'_>) -> SequenceNumber {
        SequenceNumber::of_record(self.shard, self.created, record.offset, record.arrival)
    }
}

impl ShardPage {
    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.batches.iter().map(Records::len).sum()
    }

    /// The records as values of their own.
    pub(crate) fn records(&self) -> impl Iterator<Item = StoredRecord> {
        self.batches.iter().flat_map(Records::to_values).map(|record| StoredRecord {
            number: SequenceNumber::of_record(self.origin.shard, self.origin.created, record.offset, record.arrival),
            arrival: record.arrival,
            encrypted: RecordKey::decode(&record.key).is_ok_and(|key| key.encrypted),
            partition_key: PartitionKey::within(&record.key),
            data: record.payload,
        })
    }
}

/// At most so many records, and so many bytes of their keys and data.
pub(crate) const fn limit(records: usize, bytes: usize) -> ReadLimit {
    ReadLimit { uncounted: RecordKey::OVERHEAD, ..ReadLimit::new(records, bytes) }
}

/// Where to begin reading a shard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StartingPosition {
    /// With the oldest record kept.
    TrimHorizon,
    /// After the newest record.
    Latest,
    /// With the first record that arrived then or later.
    AtTimestamp(Timestamp),
    /// With this number.
    AtSequenceNumber(SequenceNumber),
    /// After this number.
    AfterSequenceNumber(SequenceNumber),
}

/// The log to read of a shard; `None` if nothing was ever put into it and nothing will be.
pub(crate) async fn readable_log(handle: &ShardHandle) -> Result<Option<Arc<dyn Log>>> {
    if !handle.shard.is_open() {
        return Ok(handle.log.open_existing().await?);
    }
    match handle.log.open().await {
        // A reshard is about to close it.
        Err(shard_log::Error::Sealed(_)) => Ok(None),
        opened => Ok(Some(opened?)),
    }
}

/// The offset that a position stands for now.
pub(crate) async fn resolve(handle: &ShardHandle, position: StartingPosition) -> Result<Offset> {
    let log = match position {
        StartingPosition::TrimHorizon => return Ok(Offset::ZERO),
        StartingPosition::AtSequenceNumber(number) => return Ok(number.at()),
        StartingPosition::AfterSequenceNumber(number) => return Ok(number.after()),
        StartingPosition::Latest | StartingPosition::AtTimestamp(_) => readable_log(handle).await?,
    };
    match (log, position) {
        (Some(log), StartingPosition::AtTimestamp(arrival)) => Ok(log.seek(arrival).await?),
        (Some(log), _) => Ok(log.bounds().next),
        (None, _) => Ok(Offset::ZERO),
    }
}

/// Reads a page from `position` on.
pub(crate) async fn read(
    state: &StreamState,
    handle: &ShardHandle,
    position: Offset,
    limit: ReadLimit,
    now: Timestamp,
) -> Result<ShardPage> {
    let shard = &handle.shard;
    let Some(log) = readable_log(handle).await? else {
        return Ok(ShardPage {
            batches: Vec::new(),
            origin: Origin::of(shard),
            next: position,
            millis_behind: 0,
            at_end: !shard.is_open(),
            bytes: 0,
        });
    };
    let horizon = state.settings.horizon(now);
    let mut from = position;
    // Only a shard older than the horizon can have something before it.
    if shard.opened < horizon {
        from = from.max(log.seek(horizon).await?);
    }
    let page = log.read(from, limit).await?;
    let bounds = log.bounds();
    let at_tip = page.next >= bounds.next;
    let mut bytes = 0;
    for record in page.batches.iter().flat_map(Records::iter) {
        check(shard, &record)?;
        bytes += (record.key.len() - RecordKey::OVERHEAD + record.payload.len()) as u64;
    }
    let behind = |last: &Records| u64::try_from(now.since(last.arrival()).as_millis()).unwrap_or(u64::MAX);
    Ok(ShardPage {
        millis_behind: if at_tip { 0 } else { page.batches.last().map_or(0, behind) },
        next: page.next.max(from),
        at_end: at_tip && !shard.is_open(),
        batches: page.batches,
        origin: Origin::of(shard),
        bytes,
    })
}

/// Whether we understand a stored record.
fn check(shard: &Shard, record: &RecordRef<'_>) -> Result<()> {
    RecordKey::decode(record.key).map(drop).map_err(|error| {
        tracing::error!(shard = %shard.index, offset = record.offset.0, %error, "a stored record does not decode");
        Error::Internal
    })
}
