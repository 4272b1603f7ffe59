//! Reading a log: by offset and by time.
//!
//! It takes a look at what may be read, leaves the locks, and walks over the files; appends go on meanwhile. Invariant:
//! what it returns was acknowledged or is about to be, and was not trimmed when it looked.

use std::io;
use std::sync::Arc;

use env::Timestamp;

use crate::log::{Error, Offset, Page, ReadLimit, Result};
use crate::opener::{Opener, Unopened};
use crate::records::Records;
use crate::segment::Segment;
use crate::segment_log::SegmentLog;
use crate::view::Stretch;

impl SegmentLog {
    /// A page of records from the first one at or after `from`.
    pub(crate) fn page(&self, from: Offset, limit: ReadLimit) -> Result<Page> {
        self.check_exists()?;
        let mut filling = Filling { limit, records: 0, bytes: 0, page: Page { batches: Vec::new(), next: from } };
        loop {
            let stretch = {
                let view = self.view();
                filling.page.next = filling.page.next.max(view.trim);
                view.stretch_at(filling.page.next)
            };
            let Some(stretch) = stretch else { break };
            match self.fill(&stretch, &mut filling) {
                Ok(Room::Left) => filling.page.next = filling.page.next.max(stretch.next),
                Ok(Room::None) => break,
                Err(_) if self.is_gone(&stretch.segment) => self.check_exists()?,
                // What comes before can be read.
                Err(Unopened::Locked(_)) if filling.records > 0 => break,
                Err(Unopened::Locked(reason)) => return Err(Error::Locked { log: self.id.clone(), reason }),
                Err(Unopened::Io(reason)) => return Err(self.unreadable(reason)),
            }
        }
        Ok(filling.page)
    }

    fn fill(&self, stretch: &Stretch, filling: &mut Filling) -> Result<Room, Unopened> {
        let Stretch { segment, start, end, .. } = stretch;
        let start = match start {
            Some(start) => *start,
            None => self.storage.index(segment, self.salt)?.before_offset(filling.page.next),
        };
        let file = self.storage.file(segment)?;
        let end = end.map_or_else(|| file.len(), Ok)?;
        let mut frames = self.storage.frames(segment, &*file, self.salt, start, end);
        let mut opener = Opener::new(&self.storage, segment, &*file, self.salt);
        while let Some((position, frame)) = frames.next()? {
            let Some(records) = opener.records(position, frame)? else { continue };
            if let Room::None = filling.add(records) {
                return Ok(Room::None);
            }
            // What follows has to be read and checked as a whole, so a reader in steps stops between frames.
            if filling.bytes >= filling.limit.enough {
                return Ok(Room::None);
            }
        }
        // No torn tail: recovery has cut it, and what is written now lies behind the end.
        if let Some(damage) = frames.torn() {
            self.storage.damage.note(damage);
        }
        Ok(Room::Left)
    }

    /// The offset of the first record that arrived at `arrival` or later, and its arrival; the tail if there is none.
    pub(crate) fn find(&self, arrival: Timestamp) -> Result<(Offset, Option<Timestamp>)> {
        loop {
            self.check_exists()?;
            match self.try_find(arrival) {
                Ok(found) => return Ok(found),
                Err((segment, _)) if self.is_gone(&segment) => {}
                Err((_, reason)) => return Err(self.unreadable(reason)),
            }
        }
    }

    fn try_find(&self, arrival: Timestamp) -> Result<(Offset, Option<Timestamp>), (Arc<Segment>, io::Error)> {
        let (segments, trim, tail) = {
            let view = self.view();
            (view.segments.clone(), view.trim, view.readable.offset)
        };
        // The last segment before which nothing arrived so late holds it, or one after; a head that cannot be read says
        // nothing, so the one before is taken.
        let mut at = segments.len().saturating_sub(1);
        while at > 0 {
            let segment = &segments[at];
            let floor = self.storage.floor(segment).map_err(|reason| (Arc::clone(segment), reason))?;
            if floor.is_some_and(|floor| floor.is_none_or(|floor| floor < arrival)) {
                break;
            }
            at -= 1;
        }
        for segment in &segments[at..] {
            let found = self.find_in(segment, arrival, trim).map_err(|reason| (Arc::clone(segment), reason))?;
            if let Some((offset, arrival)) = found {
                return Ok((offset, Some(arrival)));
            }
        }
        Ok((tail.max(trim), None))
    }

    fn find_in(
        &self,
        segment: &Arc<Segment>,
        arrival: Timestamp,
        trim: Offset,
    ) -> io::Result<Option<(Offset, Timestamp)>> {
        let stretch = {
            let view = self.view();
            let Some(at) = view.segments.iter().position(|other| Arc::ptr_eq(other, segment)) else {
                return Err(io::ErrorKind::NotFound.into());
            };
            view.stretch(at, |view| view.index.before_arrival(arrival))
        };
        let Some(Stretch { start, end, .. }) = stretch else { return Ok(None) };
        let start = match start {
            Some(start) => start,
            None => self.storage.index(segment, self.salt)?.before_arrival(arrival),
        };
        let file = self.storage.file(segment)?;
        let end = end.map_or_else(|| file.len(), Ok)?;
        let mut frames = self.storage.frames(segment, &*file, self.salt, start, end);
        while let Some((_, frame)) = frames.next()? {
            if let Some(span) = frame.span()
                && span.arrival >= arrival
                && span.end > trim
            {
                return Ok(Some((span.first.max(trim), span.arrival)));
            }
        }
        Ok(None)
    }

    /// Whether `segment` has been trimmed away or the log removed, so that an error in reading it means nothing.
    fn is_gone(&self, segment: &Arc<Segment>) -> bool {
        self.check_exists().is_err() || !self.view().segments.iter().any(|other| Arc::ptr_eq(other, segment))
    }
}

/// A page being filled.
#[derive(Debug)]
struct Filling {
    limit: ReadLimit,
    records: usize,
    bytes: usize,
    page: Page,
}

/// Whether a page takes more.
#[derive(Clone, Copy, Debug)]
enum Room {
    Left,
    None,
}

impl Filling {
    /// Takes what there is room for of a batch, from where the page is to go on.
    fn add(&mut self, mut records: Records) -> Room {
        let before = self.page.next.0.saturating_sub(records.first().0);
        if before > 0 {
            records.skip(usize::try_from(before).unwrap_or(usize::MAX));
        }
        let offered = records.len();
        let fitting = records.rows().take_while(|(key, payload)| {
            let bytes = key.saturating_sub(self.limit.uncounted) + payload;
            // One record is taken whatever the limits are.
            let fits = self.records < self.limit.records && self.bytes + bytes <= self.limit.bytes;
            let taken = fits || self.records == 0;
            if taken {
                self.records += 1;
                self.bytes += bytes;
            }
            taken
        });
        let taken = fitting.count();
        if taken < offered {
            records.truncate(taken);
        }
        if taken > 0 {
            self.page.next = records.end();
            self.page.batches.push(records);
        }
        let full = self.records > 0 && self.records >= self.limit.records;
        if taken < offered || full { Room::None } else { Room::Left }
    }
}
