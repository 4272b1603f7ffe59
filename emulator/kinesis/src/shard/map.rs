//! The shards of a stream and the way from a hash key to the open one.
//!
//! Invariant: the ranges of the open shards cover the key space without holes or overlaps, so every key has exactly one
//! open shard.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use env::Timestamp;

use super::{Shard, ShardIndex, ShardLog};
use crate::hash_key::HashKey;
use crate::throttle::ShardThrottle;

/// A shard's facts, with what this process keeps for it: its log and how much of its throughput is used.
#[derive(Clone, Debug)]
pub(crate) struct ShardHandle {
    /// The facts.
    pub(crate) shard: Shard,
    /// Its records.
    pub(crate) log: Arc<ShardLog>,
    /// Its used throughput; gone with a restart, as it refills within seconds.
    pub(crate) throttle: Arc<Mutex<ShardThrottle>>,
}

/// All shards of a stream that still exist, by number.
#[derive(Clone, Default, Debug)]
pub(crate) struct ShardMap {
    all: BTreeMap<ShardIndex, Arc<ShardHandle>>,
    /// The open ones by the start of their range.
    open: Vec<(HashKey, Arc<ShardHandle>)>,
}

impl ShardMap {
    pub(crate) fn new(shards: impl IntoIterator<Item = ShardHandle>) -> Self {
        let all: BTreeMap<_, _> = shards.into_iter().map(|handle| (handle.shard.index, Arc::new(handle))).collect();
        let mut open: Vec<_> = all
            .values()
            .filter(|handle| handle.shard.is_open())
            .map(|handle| (handle.shard.range.start, Arc::clone(handle)))
            .collect();
        open.sort_by_key(|(start, _)| *start);
        debug_assert!(
            open.windows(2).all(|pair| pair[0].1.shard.range.join(&pair[1].1.shard.range).is_some()),
            "open shards leave a hole or overlap"
        );
        Self { all, open }
    }

    /// The open shard whose range has `key`; `None` only in a stream without open shards.
    pub(crate) fn route(&self, key: HashKey) -> Option<&Arc<ShardHandle>> {
        self.position_of(key).map(|position| self.open_at(position))
    }

    /// The place of that shard among the open ones.
    pub(crate) fn position_of(&self, key: HashKey) -> Option<usize> {
        let position = self.open.partition_point(|(start, _)| *start <= key).checked_sub(1);
        debug_assert!(
            position.is_none_or(|position| self.open_at(position).shard.range.contains(key)),
            "routed to a range without {key}"
        );
        position
    }

    /// The open shard at a place that [`Self::position_of`] gave.
    pub(crate) fn open_at(&self, position: usize) -> &Arc<ShardHandle> {
        &self.open[position].1
    }

    pub(crate) fn get(&self, index: ShardIndex) -> Option<&Arc<ShardHandle>> {
        self.all.get(&index)
    }

    /// Every shard in the order of numbers, also those past their retention that the sweep has not removed yet.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<ShardHandle>> {
        self.all.values()
    }

    /// The shards of which something may still be read, in the order of numbers.
    pub(crate) fn retained(&self, horizon: Timestamp) -> impl Iterator<Item = &Shard> {
        self.all.values().map(|handle| &handle.shard).filter(move |shard| !shard.is_expired(horizon))
    }

    /// The open shards in the order of their ranges.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Shard> {
        self.open.iter().map(|(_, handle)| &handle.shard)
    }

    /// Likewise, with what is kept for them.
    pub(crate) fn open_handles(&self) -> impl Iterator<Item = &Arc<ShardHandle>> {
        self.open.iter().map(|(_, handle)| handle)
    }

    pub(crate) fn open_count(&self) -> usize {
        self.open.len()
    }

    /// The shards that a split or a merge of `parent` made.
    pub(crate) fn children(&self, parent: ShardIndex) -> impl Iterator<Item = &Shard> {
        // A child has a greater number than its parents.
        self.all.range(parent..).map(|(_, handle)| &handle.shard).filter(move |shard| shard.descends_from(parent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::handles;

    fn map(count: u32) -> ShardMap {
        ShardMap::new(handles(Shard::first_of(count, Timestamp::from_secs(100))))
    }

    #[test]
    fn routes_every_key_to_the_shard_whose_range_has_it() {
        for count in [1, 2, 3, 7, 100] {
            let map = map(count);
            let borders = map.open().flat_map(|shard| [shard.range.start.0, shard.range.end.0]).collect::<Vec<_>>();
            let keys = (0..500).map(|number| HashKey::of_partition_key(format!("key {number}").as_bytes()));
            for key in keys.chain(borders.into_iter().map(HashKey)) {
                let routed = map.route(key).expect("a stream with open shards");
                let searched = map.open().find(|shard| shard.range.contains(key)).map(|shard| shard.index);
                assert_eq!(Some(routed.shard.index), searched, "{key} of {count}");
            }
        }
    }

    #[test]
    fn closed_shards_are_kept_but_not_routed_to() {
        let mut shards = Shard::first_of(1, Timestamp::from_secs(100));
        shards[0].closed = Some(Timestamp::from_secs(200));
        let (left, right) = shards[0].range.split(HashKey(1000)).unwrap();
        let child = |index, range| Shard {
            index: ShardIndex(index),
            range,
            parent: Some(ShardIndex(0)),
            adjacent_parent: None,
            created: 201,
            opened: Timestamp::from_secs(200),
            closed: None,
        };
        shards.extend([child(1, left), child(2, right)]);
        let map = ShardMap::new(handles(shards));
        assert_eq!(map.route(HashKey(999)).unwrap().shard.index, ShardIndex(1));
        assert_eq!(map.route(HashKey(1000)).unwrap().shard.index, ShardIndex(2));
        assert_eq!(map.open_count(), 2);
        assert_eq!(map.children(ShardIndex(0)).map(|shard| shard.index.0).collect::<Vec<_>>(), [1, 2]);
        let retained = |horizon| map.retained(Timestamp::from_secs(horizon)).count();
        assert_eq!((retained(200), retained(201)), (3, 2));
    }
}
