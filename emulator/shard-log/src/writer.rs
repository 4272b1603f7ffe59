//! The one that writes: it owns the end of a log, gives out offsets, and decides what goes into a segment.
//!
//! It writes to files but neither syncs nor shows anything to readers. Invariant: after every operation, also a failed
//! one, the active segment ends with a whole frame at `position`; what a failed write left is cut off again.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use env::Timestamp;

use crate::format::{FRAME_MAX, HEADER};
use crate::frame::{self, Home, Seal, State};
use crate::fs::File;
use crate::header::Header;
use crate::index::Mark;
use crate::log::{Batch, Entry, Offset};
use crate::scratch;
use crate::sealing::DataKey;
use crate::segment::{Segment, Storage};
use crate::standing::Standing;

/// Offsets are reserved on stable storage so many at a time, so that none is given out twice after a power cut.
/// Fewer in tests, so that small logs run out of them.
const RESERVE: u64 = if cfg!(test) { 40 } else { 1 << 20 };
/// Bytes between two state frames: what recovery has to walk over.
const STATE_EVERY: u64 = if cfg!(test) { 900 } else { 1 << 20 };

/// A key is written so many times, one after the other, for without it everything sealed with it is lost.
const KEY_COPIES: u64 = 2;

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
    /// The newest frame in the active segment with a key that this process seals with.
    pub(crate) key_frame: Option<KeyFrame>,
    pub(crate) segment_bytes: u64,
}

/// Where the frame with a key lies.
#[derive(Clone, Debug)]
pub(crate) struct KeyFrame {
    wrapped: Bytes,
    position: u32,
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
        Self {
            salt,
            active,
            position: HEADER,
            standing,
            last_state: 0,
            marks: Vec::new(),
            key_frame: None,
            segment_bytes,
        }
    }

    /// Where a batch would go, if it can go anywhere.
    pub(crate) fn place(&self, batch: &Batch<'_>, key: Option<&DataKey>) -> Result<Place, Failed> {
        let first = batch.at_least.max(self.standing.next);
        // One offset stays free, for the tail.
        let end = first.0.checked_add(batch.entries.len() as u64).filter(|end| *end < u64::MAX).map(Offset);
        let end = end.ok_or_else(|| refuse("the offsets of the log are used up"))?;
        let arrival = self.standing.last_arrival.map_or(batch.arrival, |last| last.max(batch.arrival));
        let length = frame::length_of(batch.entries) + key.map_or(0, |key| self.length_of_sealing(key));
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

    /// What sealing with `key` adds to a batch.
    fn length_of_sealing(&self, key: &DataKey) -> u64 {
        let keys = if self.key_at(key).is_some() { 0 } else { KEY_COPIES * frame::key_length(key.wrapped()) };
        frame::SEAL + keys
    }

    /// Where the active segment has `key`.
    fn key_at(&self, key: &DataKey) -> Option<u32> {
        self.key_frame.as_ref().filter(|frame| frame.wrapped == key.wrapped()).map(|frame| frame.position)
    }

    /// Whether the active segment holds anything but its head and the log's state.
    pub(crate) fn holds_records(&self) -> bool {
        self.standing.next > self.active.first
    }

    /// Writes a batch in its place, in one go with the state of the log if that is due, and says where its frame is.
    /// If it is to be sealed and the segment does not have the key yet, the key goes before it.
    pub(crate) fn append(
        &mut self,
        storage: &Storage,
        place: &Place,
        entries: &[Entry<'_>],
        key: Option<&DataKey>,
    ) -> Result<Mark, Failed> {
        let Place { first, end, arrival, .. } = *place;
        let low = end.0.saturating_add(RESERVE / 2) > self.standing.reserved.0;
        let due = self.position - self.last_state.max(HEADER) >= STATE_EVERY;
        let state = (low || due).then(|| self.state(low.then_some(end)));
        let start = self.position;
        let (position, key_frame) = scratch::with(|bytes| {
            if let Some(state) = &state {
                frame::encode_state(bytes, self.salt, start, state);
            }
            let key_at = key.map(|key| self.encode_key_if_due(bytes, first, key)).transpose()?;
            let position = start + bytes.len() as u64;
            match key.zip(key_at) {
                Some((key, key_at)) => {
                    let home = Home { log: &self.active.log, salt: self.salt, segment: self.active.first };
                    frame::encode_sealed(bytes, position, first, arrival, entries, Seal { key, key_at, home });
                }
                None => frame::encode_records(bytes, self.salt, position, first, arrival, entries),
            }
            let key_frame =
                key.zip(key_at).map(|(key, position)| KeyFrame { wrapped: key.wrapped().clone(), position });
            self.write(storage, bytes).map(|()| (position, key_frame))
        })?;
        self.key_frame = key_frame.or(self.key_frame.take());
        if let Some(state) = state {
            self.stored(start, &state);
        }
        self.standing = Standing { next: end, last_arrival: Some(arrival), closed: false, ..self.standing };
        Ok(Mark { offset: first, arrival, position })
    }

    /// Where the segment has `key`, or will have it when `bytes` are written, to which the key is added then.
    fn encode_key_if_due(&self, bytes: &mut Vec<u8>, next: Offset, key: &DataKey) -> Result<u32, Failed> {
        if let Some(position) = self.key_at(key) {
            return Ok(position);
        }
        let wrapped = frame::WrappedKey { next, wrapped: key.wrapped().clone() };
        let at = u32::try_from(self.position + bytes.len() as u64);
        let at = at.map_err(|_| refuse("a segment beyond 4 GiB takes no sealed batch"))?;
        for _ in 0..KEY_COPIES {
            frame::encode_key(bytes, self.salt, self.position + bytes.len() as u64, &wrapped);
        }
        Ok(at)
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
        self.key_frame = None;
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
