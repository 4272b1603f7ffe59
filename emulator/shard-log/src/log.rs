//! The seam: what the layers above may ask of any log engine.
//!
//! The contract, in short (the contract suite says it in full):
//! - Offsets rise strictly in the order of acknowledgement, across restarts. They may have gaps: a caller can ask for an
//!   offset *at least* so high.
//! - Arrival times never fall within a log: an arrival earlier than the last one is raised to it, so a log can be
//!   searched by time.
//! - `append` is done when the batch is durable under the engine's policy; a batch is readable in whole or not at all,
//!   and never before it is acknowledged or about to be.
//! - Records before the trim point are never returned.
//! - A batch can be sealed. Its records are read like any other, by whoever the keyring has the key for; nobody else finds
//!   them in what the engine stores.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use env::Timestamp;
use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::records::Records;
use crate::sealing::{DataKey, Locked};

/// The result of a log operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where a record stands in its log. The first record of a log has offset 0 unless the caller asked for more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Offset(pub u64);

impl Offset {
    /// The position before every record.
    pub const ZERO: Self = Self(0);

    /// The offset after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// The name of a log, chosen by the layer above: 1 to 200 of `A-Z a-z 0-9 . _ -`, not beginning with a dot.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LogId(String);

impl LogId {
    /// Takes `name` if it can name a log.
    pub fn new(name: impl Into<String>) -> Option<Self> {
        let name = name.into();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let valid = (1..=200).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(allowed);
        valid.then_some(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One record to append. Key and payload are opaque.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// What the layer above wants back beside the payload.
    pub key: &'a [u8],
    /// The bytes of the record.
    pub payload: &'a [u8],
}

/// Records that are appended together: all of them or none.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// When they arrived.
    pub arrival: Timestamp,
    /// The first of them gets this offset or a higher one.
    pub at_least: Offset,
    /// The records in order; not empty.
    pub entries: &'a [Entry<'a>],
}

/// An acknowledged batch: its records have the offsets `first`, `first + 1`, and so on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Appended {
    /// The offset of the first record.
    pub first: Offset,
    /// The arrival that was stored, which may be later than the one asked for.
    pub arrival: Timestamp,
}

/// How much a read may return. A page holds at least one record if there is one, however large it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadLimit {
    /// At most so many records.
    pub records: usize,
    /// At most so many bytes of keys and payloads.
    pub bytes: usize,
    /// With so many bytes the page may end early, where it costs least to read on.
    pub enough: usize,
    /// So many bytes of each record's key are the caller's own and do not count.
    pub uncounted: usize,
}

impl ReadLimit {
    /// A page that ends where it must.
    pub const fn new(records: usize, bytes: usize) -> Self {
        Self { records, bytes, enough: usize::MAX, uncounted: 0 }
    }
}

/// A stored record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Where it stands.
    pub offset: Offset,
    /// When it arrived.
    pub arrival: Timestamp,
    /// The key given at append.
    pub key: Bytes,
    /// The payload given at append.
    pub payload: Bytes,
}

/// What a read found, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// The records, by batches; nothing at the tail, and no batch without records.
    pub batches: Vec<Records>,
    /// Where to read on: after the last record returned, or further on if no record lies between (offsets may have gaps,
    /// and damage is skipped). The tail or later if the page is empty.
    pub next: Offset,
}

impl Page {
    /// Its records as values of their own.
    pub fn records(&self) -> impl Iterator<Item = Record> {
        self.batches.iter().flat_map(Records::to_values)
    }
}

/// Where a log begins and ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// The trim point: no record before it is returned.
    pub first: Offset,
    /// The tail: every record is before it, the next append is at it or after.
    pub next: Offset,
    /// Arrival of the newest record ever appended.
    pub last_arrival: Option<Timestamp>,
    /// Whether the log takes no more appends.
    pub sealed: bool,
}

/// What to give up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trim {
    /// Every record before this offset.
    Before(Offset),
    /// Every record that arrived before this time.
    Older(Timestamp),
}

/// An ordered, durable sequence of records.
pub trait Log: Send + Sync + fmt::Debug {
    /// Appends a batch. Batches of concurrent callers are ordered by the time their futures are first polled.
    fn append<'a>(&'a self, batch: Batch<'a>) -> BoxFuture<'a, Result<Appended>>;

    /// Appends a batch sealed with `key`, whose wrapped form is as durable as the batch is.
    fn append_sealed<'a>(&'a self, batch: Batch<'a>, key: &'a DataKey) -> BoxFuture<'a, Result<Appended>>;

    /// Reads from the first record at or after `from`, which may lie before the trim point or after the tail.
    fn read(&self, from: Offset, limit: ReadLimit) -> BoxFuture<'_, Result<Page>>;

    /// The offset of the first record that arrived at `arrival` or later; the tail if there is none. It needs no keys, so
    /// it may be that of a sealed record whose key was lost: a read from there goes on to the first that can be opened.
    fn seek(&self, arrival: Timestamp) -> BoxFuture<'_, Result<Offset>>;

    /// Where the log begins and ends now.
    fn bounds(&self) -> Bounds;

    /// The tail, for waiting: an append that became readable changes it.
    fn tail(&self) -> watch::Receiver<Offset>;

    /// Moves the trim point, never backwards, and gives back the space of what lies wholly before it.
    fn trim(&self, trim: Trim) -> BoxFuture<'_, Result<()>>;

    /// Takes no more appends from now on, across restarts. Sealing twice is no error.
    fn seal(&self) -> BoxFuture<'_, Result<Bounds>>;
}

/// Many logs under one durability policy.
pub trait LogStore: Send + Sync + fmt::Debug {
    /// Makes a log, empty. Fails if there is one of that name.
    fn create(&self, id: &LogId) -> BoxFuture<'_, Result<Arc<dyn Log>>>;

    /// The log of that name. Every caller gets the same one.
    fn open(&self, id: &LogId) -> BoxFuture<'_, Result<Arc<dyn Log>>>;

    /// Deletes a log and gives its space back. No error if there is none; handles still open fail from now on.
    fn remove(&self, id: &LogId) -> BoxFuture<'_, Result<()>>;

    /// The names of all logs, in order.
    fn list(&self) -> BoxFuture<'_, Result<Vec<LogId>>>;

    /// Returns when everything appended so far is on stable storage.
    fn sync(&self) -> BoxFuture<'_, Result<()>>;
}

/// What can go wrong, sorted by what the caller must do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Give up: no log of that name.
    #[error("log {0} does not exist")]
    NotFound(LogId),
    /// Give up: the name is taken.
    #[error("log {0} already exists")]
    AlreadyExists(LogId),
    /// Give up: the log takes no more appends.
    #[error("log {0} is sealed")]
    Sealed(LogId),
    /// Try again later: the batch was not appended, nothing acknowledged is touched (a full disk, say).
    #[error("log {log} could not take the batch: {reason}")]
    Refused {
        /// The log.
        log: LogId,
        /// What the system said.
        reason: Arc<std::io::Error>,
    },
    /// Reopen: a sync failed, so nobody knows what is on the disk; the log takes no more appends until then.
    #[error("log {log} takes no appends until it is reopened, because a sync failed: {reason}")]
    Poisoned {
        /// The log.
        log: LogId,
        /// What the system said.
        reason: Arc<std::io::Error>,
    },
    /// Try again when the key can be had: the record to read first is sealed, and the keyring does not unwrap its key.
    #[error("log {log} has records whose key cannot be unwrapped: {}", reason.0)]
    Locked {
        /// The log.
        log: LogId,
        /// What the keyring said.
        reason: Locked,
    },
    /// Somebody must look: the storage cannot be read.
    #[error("log {log} cannot be read: {reason}")]
    Unreadable {
        /// The log.
        log: LogId,
        /// What the system said.
        reason: Arc<std::io::Error>,
    },
}
