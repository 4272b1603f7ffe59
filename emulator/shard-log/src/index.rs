//! The sparse index of a segment: every so many bytes, which record begins where and when it arrived.
//!
//! It never points past a record that is asked for, so a reader walks forward from where it points. It is kept in state
//! frames and can always be had again from the frames themselves.

use env::Timestamp;

use crate::format::HEADER;
use crate::log::Offset;

/// Bytes between two marks, at least. A read walks so far before its first record, at most.
/// Shorter in tests, so that small logs have an index too.
const SPACING: u64 = if cfg!(test) { 200 } else { 32 << 10 };

/// Where a frame of records lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mark {
    /// The offset of its first record.
    pub(crate) offset: Offset,
    /// When its records arrived.
    pub(crate) arrival: Timestamp,
    /// Where in the segment it begins.
    pub(crate) position: u64,
}

/// The index of a segment, in order of offsets, positions and times at once.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Index {
    marks: Vec<Mark>,
    /// The newest frame, so that a reader who keeps up with the tail walks over nothing.
    newest: Option<Mark>,
}

impl Index {
    /// Notes a frame after all those noted before. Says whether it became a mark.
    pub(crate) fn note(&mut self, frame: Mark) -> bool {
        self.newest = Some(frame);
        let kept = self.marks.last().is_none_or(|last| frame.position >= last.position + SPACING);
        if kept {
            self.marks.push(frame);
        }
        kept
    }

    /// Where to begin looking for the record at `offset`.
    pub(crate) fn before_offset(&self, offset: Offset) -> u64 {
        self.last(|mark| mark.offset <= offset)
    }

    /// Where to begin looking for the first record that arrived at `arrival` or later.
    pub(crate) fn before_arrival(&self, arrival: Timestamp) -> u64 {
        self.last(|mark| mark.arrival < arrival)
    }

    fn last(&self, holds: impl Fn(&Mark) -> bool) -> u64 {
        if let Some(newest) = self.newest.filter(|newest| holds(newest)) {
            return newest.position;
        }
        let after = self.marks.partition_point(holds);
        after.checked_sub(1).map_or(HEADER, |last| self.marks[last].position)
    }
}

impl From<Vec<Mark>> for Index {
    fn from(marks: Vec<Mark>) -> Self {
        Self { newest: marks.last().copied(), marks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let mut index = Index::default();
        for n in 0..10 {
            let position = HEADER + n * SPACING / 2;
            index.note(Mark { offset: Offset(n * 10), arrival: Timestamp::from_secs(n / 4), position });
        }
        index
    }

    #[test]
    fn keeps_every_second_frame_and_the_newest() {
        let index = index();
        assert_eq!(index.marks.len(), 5);
        let check = |offset, frame| assert_eq!(index.before_offset(Offset(offset)), HEADER + frame * SPACING / 2);
        check(0, 0);
        check(9, 0);
        check(19, 0);
        check(20, 2);
        check(85, 8);
        check(90, 9);
        check(5000, 9);
    }

    #[test]
    fn points_before_the_first_frame_of_a_time() {
        let index = index();
        let check =
            |secs, frame| assert_eq!(index.before_arrival(Timestamp::from_secs(secs)), HEADER + frame * SPACING / 2);
        check(0, 0);
        check(1, 2);
        check(2, 6);
        check(3, 9);
    }

    #[test]
    fn an_empty_index_points_at_the_first_frame() {
        assert_eq!(Index::default().before_offset(Offset(7)), HEADER);
        assert_eq!(Index::default().before_arrival(Timestamp::MAX), HEADER);
    }
}
