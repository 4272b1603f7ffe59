//! The one that writes: it owns the end of a log, gives out offsets, and decides what goes into a segment.
//!
//! It writes to files but neither syncs nor shows anything to readers. Invariant: after every operation, also a failed
//! one, the active segment ends with a whole frame at `position`; what a failed write left is cut off again.

use std::io;
use std::path::Path;
use std::sync::Arc;

use env::Timestamp;

use crate::format::{FRAME_MAX, HEADER};
use crate::frame::{self, State};
use crate::fs::File;
use crate::header::Header;
use crate::index::Mark;
use crate::log::{Batch, Entry, Offset};
use crate::scratch;
use crate::segment::{Segment, Storage};
use crate::standing::Standing;

/// Offsets are reserved on stable storage so many at a time, so that none is given out twice after a power cut.
/// Fewer in tests, so that small logs run out of them.
const RESERVE: u64 = if cfg!(test) { 40 } else { 1 << 20 };
/// Bytes between two state frames: what recovery has to walk over.
const STATE_EVERY: u64 = if cfg!(test) { 900 } else { 1 << 20 };

/// The end of a log.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) salt: u64,
    pub(crate) active: Arc<Segment>,
    /// Where the next frame goes.
    pub(crate) position: u64,
    pub(crate) standing: Standing,
    /// The newest state frame of the active segment, 0 if it has none.
    pub(crate) last_state: u64,
    /// What the index has gained since that frame; the next one stores it.
    pub(crate) marks: Vec<Mark>,
    pub(crate) segment_bytes: u64,
}

/// Where a batch goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) first: Offset,
    /// The offset after the last record.
    pub(crate) end: Offset,
    pub(crate) arrival: Timestamp,
    /// Whether the active segment has no room for it.
    pub(crate) in_new_segment: bool,
}

/// Why a write came to nothing.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The log is as it was.
    Refused(io::Error),
    /// What was half written could not be taken back.
    Broken(io::Error),
}

impl Writer {
    /// Of a segment that holds nothing but its head.
    pub(crate) fn new(header: &Header, active: Arc<Segment>, segment_bytes: u64) -> Self {
        let Header { salt, standing } = *header;
        Self { salt, active, position: HEADER, standing, last_state: 0, marks: Vec::new(), segment_bytes }
    }

    /// Where a batch would go, if it can go anywhere.
    pub(crate) fn place(&self, batch: &Batch<'_>) -> Result<Place, Failed> {
        let first = batch.at_least.max(self.standing.next);
        // One offset stays free, for the tail.
        let end = first.0.checked_add(batch.entries.len() as u64).filter(|end| *end < u64::MAX).map(Offset);
        let end = end.ok_or_else(|| refuse("the offsets of the log are used up"))?;
        let arrival = self.standing.last_arrival.map_or(batch.arrival, |last| last.max(batch.arrival));
        let length = frame::length_of(batch.entries);
        if batch.entries.is_empty() || length > FRAME_MAX {
            return Err(refuse("a batch holds at least one record and at most 256 MiB"));
        }
        Ok(Place {
            first,
            end,
            arrival,
            in_new_segment: self.holds_records() && self.position + length > self.segment_bytes,
        })
    }

    /// Whether the active segment holds anything but its head and the log's state.
    pub(crate) fn holds_records(&self) -> bool {
        self.standing.next > self.active.first
    }

    /// Writes a batch in its place, in one go with the state of the log if that is due, and says where its frame is.
    pub(crate) fn append(&mut self, storage: &Storage, place: &Place, entries: &[Entry<'_>]) -> Result<Mark, Failed> {
        let Place { first, end, arrival, .. } = *place;
        let low = end.0.saturating_add(RESERVE / 2) > self.standing.reserved.0;
        let due = self.position - self.last_state.max(HEADER) >= STATE_EVERY;
        let state = (low || due).then(|| self.state(low.then_some(end)));
        let start = self.position;
        let position = scratch::with(|bytes| {
            if let Some(state) = &state {
                frame::encode_state(bytes, self.salt, start, state);
            }
            let position = start + bytes.len() as u64;
            frame::encode_records(bytes, self.salt, position, first, arrival, entries);
            self.write(storage, bytes).map(|()| position)
        })?;
        if let Some(state) = state {
            self.stored(start, &state);
        }
        self.standing = Standing { next: end, last_arrival: Some(arrival), closed: false, ..self.standing };
        Ok(Mark { offset: first, arrival, position })
    }

    /// Writes how the log stands, changed by `change`.
    pub(crate) fn record(&mut self, storage: &Storage, change: impl FnOnce(&mut Standing)) -> Result<(), Failed> {
        let mut state = self.state(None);
        change(&mut state.standing);
        let start = self.position;
        scratch::with(|bytes| {
            frame::encode_state(bytes, self.salt, start, &state);
            self.write(storage, bytes)
        })?;
        self.stored(start, &state);
        Ok(())
    }

    /// Makes `next` the active segment; the log stands as before but for `change`.
    pub(crate) fn rotate(
        &mut self,
        storage: &Storage,
        directory: &Path,
        next: Arc<Segment>,
        change: impl FnOnce(&mut Standing),
    ) -> Result<(), Failed> {
        // Ends the old segment with the last of its index, so that it need not be walked to be read.
        self.record(storage, |_| ())?;
        let mut standing = Standing { next: next.first, closed: false, ..self.standing };
        change(&mut standing);
        storage.create(directory, &next, &Header { salt: self.salt, standing }).map_err(Failed::Refused)?;
        self.standing = standing;
        self.position = HEADER;
        self.last_state = 0;
        self.active = next;
        Ok(())
    }

    /// The file of the active segment.
    pub(crate) fn file(&self, storage: &Storage) -> io::Result<Arc<dyn File>> {
        storage.file(&self.active)
    }

    /// How the log stands, with offsets reserved beyond `reserve_from` if that is given.
    fn state(&self, reserve_from: Option<Offset>) -> State {
        let reserved = reserve_from.map_or(self.standing.reserved, |from| Offset(from.0.saturating_add(RESERVE)));
        State {
            standing: Standing { reserved, closed: false, ..self.standing },
            previous: self.last_state,
            marks: self.marks.clone(),
        }
    }

    /// Notes that `state` has been written at `position`.
    fn stored(&mut self, position: u64, state: &State) {
        self.standing = state.standing;
        self.last_state = position;
        self.marks.clear();
    }

    fn write(&mut self, storage: &Storage, bytes: &[u8]) -> Result<(), Failed> {
        let file = self.file(storage).map_err(Failed::Refused)?;
        if let Err(error) = file.write_all_at(bytes, self.position) {
            return match file.set_len(self.position) {
                Ok(()) => Err(Failed::Refused(error)),
                Err(_) => Err(Failed::Broken(error)),
            };
        }
        self.position += bytes.len() as u64;
        Ok(())
    }
}

fn refuse(reason: &'static str) -> Failed {
    Failed::Refused(io::Error::new(io::ErrorKind::InvalidInput, reason))
}
