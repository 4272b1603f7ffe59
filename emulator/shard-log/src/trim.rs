//! Giving up the oldest records: the trim point moves, and segments that lie wholly before it are deleted.
//!
//! Deleting comes before recording, so that a full disk can be emptied. Should the process end between the two, the trim
//! point is that of the first segment left: nothing comes back that was deleted, and nothing was promised yet.

use std::mem;

use crate::log::{Offset, Result, Trim};
use crate::segment_log::SegmentLog;
use crate::unsynced::{Settling, Unsynced};
use crate::writer::Writer;

impl SegmentLog {
    /// Moves the trim point.
    pub(crate) fn trim_now(&self, trim: Trim) -> Result<Option<Settling>> {
        self.check_exists()?;
        let Some(target) = self.target(trim)? else { return Ok(None) };
        let mut writer = self.lock_writer();
        self.check_writable()?;
        {
            let mut view = self.view();
            let target = target.min(view.readable.offset);
            if target <= view.trim {
                return Ok(None);
            }
            view.trim = target;
        }
        self.drop_segments(&writer)?;
        self.record_trim(&mut writer)?;
        self.drop_segments(&writer)?;
        self.publish(&writer)
    }

    /// Where the trim point is to be; `None` if it may stay.
    fn target(&self, trim: Trim) -> Result<Option<Offset>> {
        let arrival = match trim {
            Trim::Before(offset) => return Ok(Some(offset)),
            Trim::Older(arrival) => arrival,
        };
        {
            let view = self.view();
            let young = view.oldest.is_some_and(|(offset, oldest)| offset == view.trim && oldest >= arrival);
            if young || view.trim >= view.readable.offset {
                return Ok(None);
            }
        }
        let (offset, found) = self.find(arrival)?;
        self.view().oldest = found.map(|arrival| (offset, arrival));
        Ok(Some(offset))
    }

    /// Writes the trim point down, in a new segment if the active one holds nothing else any more.
    fn record_trim(&self, writer: &mut Writer) -> Result<()> {
        let trim = self.view().trim;
        if trim == writer.standing.next && writer.holds_records() {
            return self.rotate(writer, trim);
        }
        writer.record(&self.storage, |standing| standing.trim = trim).map_err(|failed| self.failed(failed))
    }

    /// Deletes the segments that lie before the trim point.
    fn drop_segments(&self, writer: &Writer) -> Result<()> {
        let dead = {
            let mut view = self.view();
            // A segment ends where the next one begins; the last one stays.
            let live = view.segments.partition_point(|segment| segment.first <= view.trim).saturating_sub(1);
            let rest = view.segments.split_off(live);
            mem::replace(&mut view.segments, rest)
        };
        let left = self.view().segments.len();
        if !dead.is_empty() && left <= Unsynced::SEGMENTS {
            // How the log stands must not go with a segment before it is sure to be in another.
            self.sync_now(writer)?;
        }
        let mut dead = dead.into_iter();
        while let Some(segment) = dead.next() {
            if let Err(reason) = self.storage.remove(&segment) {
                // They are tried again with the next trim.
                let kept = [segment].into_iter().chain(dead);
                self.view().segments.splice(0..0, kept);
                return Err(self.refused(reason));
            }
            self.touch_directory();
        }
        Ok(())
    }
}
