//! Where a mapping has got to in one shard, in the form that is stored.
//!
//! With one lane a checkpoint is one position. With several, lanes run ahead of each other; the position is then the
//! lowest point below which everything is settled, and marks say how far each lane is beyond it:
//!
//! ```text
//!     settled by all ──► position          read so far
//!     ───────────────────────┼──────────────────┤
//!     lane 0                 │■■■■■■▲            ■ settled   ▲ mark
//!     lane 1                 │▲
//!     lane 2                 │■■■▲
//! ```
//!
//! Invariant: a record that a checkpoint covers was settled (delivered, discarded or filtered out), whatever the
//! number of lanes was then or is now.

use serde::{Deserialize, Serialize};

use crate::mapping::record::{Record, SequenceNumber};
use crate::mapping::window::Window;

/// A durable place in a shard: it means the same after a restart, and after new records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Position {
    /// The oldest record kept.
    TrimHorizon,
    /// The first record with this sequence number or a higher one.
    At(SequenceNumber),
    /// The first record with a higher sequence number than this.
    After(SequenceNumber),
}

/// How far one shard has been worked off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// Everything before this is settled.
    pub(crate) position: Position,
    /// What is settled beyond it, one entry for each number of lanes that was in use since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ahead: Vec<LaneMarks>,
    /// The tumbling window that is open at the position, with what the function has folded so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) window: Option<Window>,
}

/// How far each of a shard's lanes got; the length of the list is the number of lanes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LaneMarks(Vec<Option<SequenceNumber>>);

impl Checkpoint {
    /// Nothing settled yet.
    pub(crate) fn new(position: Position) -> Self {
        Self { position, ahead: Vec::new(), window: None }
    }

    /// Whether `record`, which lies beyond the position, is settled already.
    pub(crate) fn covers(&self, record: &Record) -> bool {
        self.ahead.iter().any(|marks| {
            let lane = lane_of(&record.partition_key, marks.0.len());
            marks.0[lane].as_ref().is_some_and(|mark| record.sequence_number <= *mark)
        })
    }

    /// Everything up to and including `number` is settled in all lanes.
    pub(super) fn advance(&mut self, number: SequenceNumber) {
        self.ahead.retain(|marks| marks.0.iter().flatten().any(|mark| *mark > number));
        self.position = Position::After(number);
    }

    /// `lane` of `lanes` has settled its records up to and including `number`.
    pub(super) fn mark(&mut self, lanes: usize, lane: usize, number: SequenceNumber) {
        let marks = match self.ahead.iter_mut().position(|marks| marks.0.len() == lanes) {
            Some(index) => &mut self.ahead[index],
            None => self.ahead.push_mut(LaneMarks(vec![None; lanes])),
        };
        marks.0[lane] = Some(number);
    }
}

/// The lane that a partition key belongs to. Stored marks depend on it: it may never change.
pub(super) fn lane_of(partition_key: &str, lanes: usize) -> usize {
    // FNV-1a, 64 bits: stable, and good enough to spread keys over at most ten lanes.
    let hash = partition_key
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let lanes = u64::try_from(lanes.max(1)).expect("a handful of lanes");
    usize::try_from((hash ^ (hash >> 32)) % lanes).expect("less than the number of lanes")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use env::Timestamp;

    use super::*;

    fn record(key: &str, number: &str) -> Record {
        Record {
            sequence_number: number.into(),
            partition_key: key.into(),
            data: Bytes::new(),
            arrival: Timestamp::EPOCH,
        }
    }

    #[test]
    fn covers_what_a_lane_settled_beyond_the_position_and_nothing_else() {
        let lane = lane_of("a", 4);
        let other = ["b", "c", "d", "e"].into_iter().find(|key| lane_of(key, 4) != lane).unwrap();
        let mut checkpoint = Checkpoint::new(Position::TrimHorizon);
        checkpoint.mark(4, lane, "20".into());
        assert!(checkpoint.covers(&record("a", "9")));
        assert!(checkpoint.covers(&record("a", "20")));
        assert!(!checkpoint.covers(&record("a", "21")));
        assert!(!checkpoint.covers(&record(other, "9")));
    }

    #[test]
    fn forgets_marks_that_the_position_has_passed() {
        let mut checkpoint = Checkpoint::new(Position::TrimHorizon);
        checkpoint.mark(4, 1, "20".into());
        checkpoint.mark(2, 0, "30".into());
        checkpoint.advance("20".into());
        assert_eq!(checkpoint.ahead.len(), 1);
        checkpoint.advance("30".into());
        assert_eq!(checkpoint, Checkpoint::new(Position::After("30".into())));
    }

    #[test]
    fn lanes_are_fixed_for_ever() {
        let lanes = ["", "a", "user-1", "user-2", "user-3"].map(|key| lane_of(key, 10));
        assert_eq!(lanes, [5, 4, 6, 1, 8]);
    }
}
