//! What a shard is: its id, its range, its lineage and its life.
//!
//! Left to others: which shards a stream has ([`map`]), where records lie ([`log`]), how much it takes
//! ([`crate::throttle`]). Invariant: a shard's facts never change, except that an open shard becomes closed once.

mod log;
mod map;

use std::fmt;

use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digits::eight;
use crate::hash_key::HashKeyRange;
use crate::sequence::SequenceNumber;

pub(crate) use log::ShardLog;
pub(crate) use map::{ShardHandle, ShardMap};

/// The number of a shard in its stream: counted upward, never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShardIndex(pub u32);

impl ShardIndex {
    /// The greatest one that AWS reads.
    pub const MAX: u32 = i32::MAX as u32;

    /// Reads a shard id as generously as AWS does: the digits after the first hyphen count, or the whole text.
    pub fn parse(id: &str) -> Option<Self> {
        let digits = id.split_once('-').map_or(id, |(_, digits)| digits);
        let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let index = if valid { digits.parse().ok()? } else { return None };
        (index <= Self::MAX).then_some(Self(index))
    }
}

impl ShardIndex {
    /// The shard id as it stands in JSON between quotes: `shardId-000000000006`.
    pub(crate) fn id_onto(self, json: &mut Vec<u8>) {
        let index = u64::from(self.0);
        json.extend_from_slice(b"shardId-");
        json.extend_from_slice(&eight(index / 100_000_000)[4..]);
        json.extend_from_slice(&eight(index % 100_000_000));
    }
}

/// The shard id: `shardId-000000000006`.
impl fmt::Display for ShardIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shardId-{:012}", self.0)
    }
}

/// The facts of a shard, as they are stored.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Shard {
    /// Its number.
    pub index: ShardIndex,
    /// The keys whose records it takes, or took.
    pub range: HashKeyRange,
    /// The shard that was split, or the one merged with its neighbour, to make this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ShardIndex>,
    /// The neighbour in that merge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjacent_parent: Option<ShardIndex>,
    /// When it was created, in epoch seconds: part of every sequence number, and for a child a little late, so that its
    /// numbers are greater than its parents'.
    pub created: u64,
    /// When it began to take records, which is when its parents ended to.
    pub opened: Timestamp,
    /// When it took its last record; `None` while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
}

impl Shard {
    /// The shards of a new stream: the key space in even ranges.
    pub(crate) fn first_of(count: u32, opened: Timestamp) -> Vec<Self> {
        let ranges = HashKeyRange::divide(count).into_iter().zip(0..);
        let open = |(range, index)| Self {
            index: ShardIndex(index),
            range,
            parent: None,
            adjacent_parent: None,
            created: opened.as_secs(),
            opened,
            closed: None,
        };
        ranges.map(open).collect()
    }

    /// Whether it takes records.
    pub(crate) const fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// Whether it took records at `time`. At any time since the stream's beginning, the shards of which this is true
    /// cover the key space.
    pub(crate) fn was_open_at(&self, time: Timestamp) -> bool {
        self.opened <= time && self.closed.is_none_or(|closed| closed > time)
    }

    /// Whether nothing in it can be read any more, the oldest readable arrival being `horizon`.
    pub(crate) fn is_expired(&self, horizon: Timestamp) -> bool {
        self.closed.is_some_and(|closed| closed < horizon)
    }

    /// Whether `other` is one of its parents.
    pub(crate) fn descends_from(&self, other: ShardIndex) -> bool {
        self.parent == Some(other) || self.adjacent_parent == Some(other)
    }

    /// Its parents, the split or first merged one first.
    pub(crate) fn parents(&self) -> Vec<ShardIndex> {
        self.parent.into_iter().chain(self.adjacent_parent).collect()
    }

    /// The number before its first record.
    pub(crate) const fn starting_sequence_number(&self) -> SequenceNumber {
        SequenceNumber::starting(self.index, self.created)
    }

    /// The number after its last record, once it is closed.
    pub(crate) fn ending_sequence_number(&self) -> Option<SequenceNumber> {
        self.closed.map(|closed| SequenceNumber::ending(self.index, self.created, closed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ids_as_generously_as_aws() {
        let check =
            |text, expected: Option<u32>| assert_eq!(ShardIndex::parse(text), expected.map(ShardIndex), "{text}");
        for zero in ["shardId-000000000000", "shardId-0", "x-000000000000", "0", "-0"] {
            check(zero, Some(0));
        }
        check("shardId-2147483647", Some(ShardIndex::MAX));
        for bad in ["shardId-2147483648", "shardId-", "shardId", "", "a-b-0", "shardId-+1", "99999999999999999999"] {
            check(bad, None);
        }
        assert_eq!(ShardIndex(6).to_string(), "shardId-000000000006");
        for index in [ShardIndex(6), ShardIndex(1_234_567_890), ShardIndex(ShardIndex::MAX)] {
            let mut id = Vec::new();
            index.id_onto(&mut id);
            assert_eq!(id, index.to_string().into_bytes());
        }
    }

    #[test]
    fn expires_when_its_last_record_may_have() {
        let mut shard = Shard::first_of(1, Timestamp::from_secs(100)).remove(0);
        assert!(!shard.is_expired(Timestamp::MAX));
        assert_eq!(shard.ending_sequence_number(), None);
        shard.closed = Some(Timestamp::from_secs(200));
        assert!(!shard.is_expired(Timestamp::from_secs(200)));
        assert!(shard.is_expired(Timestamp::from_millis(200_001)));
        assert!(shard.starting_sequence_number() < shard.ending_sequence_number().unwrap());
    }
}
