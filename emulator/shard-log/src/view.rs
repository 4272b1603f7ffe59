//! What readers see of a log: its segments, up to where they may be read, and from where.
//!
//! Its lock is held for a look or an assignment, never over I/O. Invariant: what lies before `readable` is acknowledged or
//! about to be, and `readable` never goes back.

use std::sync::Arc;

use env::Timestamp;

use crate::index::Index;
use crate::log::Offset;
use crate::segment::Segment;

/// What readers see.
#[derive(Debug)]
pub(crate) struct View {
    /// In order; the last one is active.
    pub(crate) segments: Vec<Arc<Segment>>,
    /// The index of the active segment.
    pub(crate) index: Index,
    /// Up to where frames may be read.
    pub(crate) readable: End,
    pub(crate) trim: Offset,
    pub(crate) last_arrival: Option<Timestamp>,
    pub(crate) sealed: bool,
    /// The first record at or after the trim point and its arrival, once somebody looked it up.
    pub(crate) oldest: Option<(Offset, Timestamp)>,
}

/// An end of the log: the newest one or an older one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(crate) struct End {
    /// The first offset of the segment.
    pub(crate) segment: Offset,
    /// The position in the segment.
    pub(crate) position: u64,
    /// The offset after the last record.
    pub(crate) offset: Offset,
}

/// The readable part of a segment.
#[derive(Debug)]
pub(crate) struct Stretch {
    pub(crate) segment: Arc<Segment>,
    /// Where to begin, if the segment is the active one, whose index is in the view.
    pub(crate) start: Option<u64>,
    /// Where to end, if the segment is still written to or not wholly synced.
    pub(crate) end: Option<u64>,
    /// Every record after it has this offset or a higher one.
    pub(crate) next: Offset,
}

impl View {
    /// The stretch of the segment that `offset` is in.
    pub(crate) fn stretch_at(&self, offset: Offset) -> Option<Stretch> {
        let after = self.segments.partition_point(|segment| segment.first <= offset);
        let at = after.saturating_sub(1);
        (offset < self.readable.offset).then(|| self.stretch(at, |view| view.index.before_offset(offset))).flatten()
    }

    /// The readable part of the segment number `at`.
    pub(crate) fn stretch(&self, at: usize, start: impl FnOnce(&Self) -> u64) -> Option<Stretch> {
        let segment = self.segments.get(at).filter(|segment| segment.first <= self.readable.segment)?;
        let last = segment.first == self.readable.segment;
        Some(Stretch {
            segment: Arc::clone(segment),
            start: (at + 1 == self.segments.len()).then(|| start(self)),
            end: last.then_some(self.readable.position),
            next: if last { self.readable.offset } else { self.segments.get(at + 1)?.first },
        })
    }
}
