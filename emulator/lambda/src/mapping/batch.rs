//! A batch: the records that one invocation carries, and what has happened to it so far.

use env::Timestamp;

use crate::mapping::ledger::Ordinal;
use crate::mapping::outcome::LastCall;
use crate::mapping::record::Record;

/// A record that waits for its turn.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) ordinal: Ordinal,
    pub(super) record: Record,
    /// Bytes it takes in the event document.
    pub(super) size: usize,
}

/// Records in the order of their shard, never none while it is at work, unless it closes a tumbling window.
#[derive(Debug)]
pub(super) struct Batch {
    /// The last call of the window, which carries its state and no records.
    pub(super) closes_window: bool,
    pub(super) records: Vec<Queued>,
    /// Calls that failed and count as attempts.
    pub(super) failed_attempts: u32,
    /// Calls in a row that brought no success, whether they count or not: what the pauses grow with.
    pub(super) setbacks: u32,
    /// Calls of any kind.
    pub(super) calls: u32,
    /// The last of them.
    pub(super) last_call: Option<LastCall>,
    /// Not to be sent before this.
    pub(super) not_before: Timestamp,
}

impl Batch {
    pub(super) fn new(records: Vec<Queued>) -> Self {
        Self {
            closes_window: false,
            records,
            failed_attempts: 0,
            setbacks: 0,
            calls: 0,
            last_call: None,
            not_before: Timestamp::EPOCH,
        }
    }

    /// The batch that closes a tumbling window.
    pub(super) fn closing_window() -> Self {
        Self { closes_window: true, ..Self::new(Vec::new()) }
    }

    /// Splits off the second half. Both may be sent at once, each with all its attempts before it: splitting uses none.
    pub(super) fn halve(&mut self) -> Self {
        let half = self.records.len() / 2;
        let last_call = self.last_call.clone();
        let tail = Self { calls: self.calls, last_call, ..Self::new(self.records.split_off(half)) };
        self.start_over();
        tail
    }

    /// The records that are left may be sent at once, with all their attempts before them.
    pub(super) fn start_over(&mut self) {
        self.failed_attempts = 0;
        self.setbacks = 0;
        self.not_before = Timestamp::EPOCH;
    }
}

/// Records that are given up, all for the same reason: what the failure destination is told.
#[derive(Debug)]
pub(crate) struct Discarded {
    /// Why.
    pub(crate) cause: Cause,
    /// The records, never none.
    pub(crate) records: Vec<Record>,
    /// How often the function was called with them.
    pub(crate) calls: u32,
    /// The last of these calls.
    pub(crate) last_call: Option<LastCall>,
}

/// Why records are given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// All attempts failed.
    RetryAttemptsExhausted,
    /// Older than the mapping's limit, or than the stream keeps.
    RecordAgeExceeded,
    /// One record alone makes an event larger than a function can be sent.
    EventTooLarge,
}
