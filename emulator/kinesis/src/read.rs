//! The way of records out of shards: from a position to a page, with what the API tells about it.
//!
//! Invariant: nothing that arrived before the retention horizon is returned, whether or not the sweep has removed it; and
//! a shard is at its end only when it is closed and every record of it was returned.

use std::sync::Arc;

use env::Timestamp;
use shard_log::{Log, Offset, ReadLimit};

use crate::error::{Error, Result};
use crate::sequence::SequenceNumber;
use crate::shard::{Shard, ShardHandle};
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
    pub(crate) records: Vec<StoredRecord>,
    /// Where to read on.
    pub(crate) next: Offset,
    /// How far the last record returned is behind the newest moment; 0 at the tip.
    pub(crate) millis_behind: u64,
    /// Whether the shard is closed and this was the last of it.
    pub(crate) at_end: bool,
    /// Bytes of keys and data returned.
    pub(crate) bytes: u64,
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
            records: Vec::new(),
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
    let bytes = page.records.iter().map(|record| (record.key.len() + record.payload.len()) as u64).sum();
    let records = page.records.into_iter().map(|record| stored_record(shard, record)).collect::<Result<Vec<_>>>()?;
    let behind = |record: &StoredRecord| u64::try_from(now.since(record.arrival).as_millis()).unwrap_or(u64::MAX);
    Ok(ShardPage {
        millis_behind: if at_tip { 0 } else { records.last().map_or(0, behind) },
        next: page.next.max(from),
        at_end: at_tip && !shard.is_open(),
        records,
        bytes,
    })
}

fn stored_record(shard: &Shard, record: shard_log::Record) -> Result<StoredRecord> {
    let key = RecordKey::decode(&record.key).map_err(|error| {
        tracing::error!(shard = %shard.index, offset = record.offset.0, %error, "a stored record does not decode");
        Error::Internal
    })?;
    Ok(StoredRecord {
        number: SequenceNumber::of_record(shard.index, shard.created, record.offset, record.arrival),
        arrival: record.arrival,
        partition_key: PartitionKey::within(&record.key),
        data: record.payload,
        encrypted: key.encrypted,
    })
}
