//! How a log stands at a point of its history: all that must last and is not in the records themselves.
//!
//! It is stored in the header of each segment and in the state frames between the records; the newest one holds.

use env::Timestamp;

use crate::log::Offset;

const SEALED: u32 = 1;
const HAS_ARRIVAL: u32 = 1 << 1;
const CLOSED: u32 = 1 << 2;

/// How a log stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Standing {
    /// The offset that the next record gets, or a later one.
    pub(crate) next: Offset,
    /// No record before it is returned.
    pub(crate) trim: Offset,
    /// No offset at or after it has been acknowledged before a later standing, which says more, was on stable storage.
    /// A log that was left in good order has none reserved: this is `next`.
    pub(crate) reserved: Offset,
    /// Arrival of the newest record ever appended: no later record arrives before it.
    pub(crate) last_arrival: Option<Timestamp>,
    /// Takes no more records.
    pub(crate) sealed: bool,
    /// Written when the log was left in good order, all of it on stable storage. Whatever is written later ends that.
    pub(crate) closed: bool,
}

impl Standing {
    pub(crate) const fn flags(&self) -> u32 {
        let has_arrival = if self.last_arrival.is_some() { HAS_ARRIVAL } else { 0 };
        let sealed = if self.sealed { SEALED } else { 0 };
        let closed = if self.closed { CLOSED } else { 0 };
        has_arrival | sealed | closed
    }

    pub(crate) fn of(flags: u32, next: Offset, arrival: Timestamp, trim: Offset, reserved: Offset) -> Self {
        Self {
            next,
            trim,
            reserved,
            last_arrival: (flags & HAS_ARRIVAL != 0).then_some(arrival),
            sealed: flags & SEALED != 0,
            closed: flags & CLOSED != 0,
        }
    }

    /// The standing of a log without a history, whose first record gets offset `first`.
    pub(crate) const fn new(first: Offset) -> Self {
        Self { next: first, trim: first, reserved: first, last_arrival: None, sealed: false, closed: false }
    }

    /// The newest arrival as it is stored, with a bit in the flags to tell "none" from the epoch.
    pub(crate) fn stored_arrival(&self) -> Timestamp {
        self.last_arrival.unwrap_or(Timestamp::EPOCH)
    }
}
