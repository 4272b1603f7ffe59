//! What a reshard does to a stream's shards, as plain values: which splits and merges, and the shards that come of them.
//!
//! Left to others: doing it while writers write ([`crate::lifecycle`]). Invariant: the open shards after a plan cover
//! exactly the ranges that the open shards before it covered, and every new shard names its parents.

use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hash_key::{HashKey, HashKeyRange, even_border};
use crate::shard::{Shard, ShardIndex};

/// What was asked for. This is what is stored while a reshard is under way: the steps follow from it and the shards,
/// which cannot change in the meantime.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Reshard {
    /// SplitShard.
    Split {
        /// The shard to split.
        shard: ShardIndex,
        /// The first key of the second child.
        at: HashKey,
    },
    /// MergeShards.
    Merge {
        /// The shard that ends where the other begins.
        shard: ShardIndex,
        /// The other.
        adjacent: ShardIndex,
    },
    /// An on-demand stream that grows: each of them in the middle.
    Halve {
        /// The shards to split.
        shards: Vec<ShardIndex>,
    },
    /// UpdateShardCount with uniform scaling.
    Scale {
        /// How many open shards there will be.
        target: u32,
    },
}

/// A border that close to the wanted one is kept: divisions round down, and doubling twice must not cut off slivers.
const TOLERANCE: u128 = 1 << 32;

impl Reshard {
    /// How many open shards there are afterwards, if there are `open` before.
    pub(crate) fn open_after(&self, open: u32) -> u32 {
        match self {
            Self::Split { .. } => open.saturating_add(1),
            Self::Merge { .. } => open.saturating_sub(1),
            Self::Halve { shards } => open.saturating_add(u32::try_from(shards.len()).unwrap_or(u32::MAX)),
            Self::Scale { target } => *target,
        }
    }

    /// The shards that change or come to be when the reshard is done on `open` shards (in the order of ranges) at
    /// `now`; the next free number is `next`.
    ///
    /// Steps chain within one reshard: a shard that a split made and a merge used up is open for no time at all.
    pub(crate) fn apply(&self, open: Vec<Shard>, next: ShardIndex, now: Timestamp) -> Vec<Shard> {
        let mut work = Work { closed: Vec::new(), next, now };
        let open = match self {
            Self::Split { shard, at } => work.split_where(open, |open| (open.index == *shard).then_some(*at)),
            Self::Merge { shard, .. } => work.merge_with_neighbour(open, *shard),
            Self::Halve { shards } => {
                work.split_where(open, |open| open.range.middle().filter(|_| shards.contains(&open.index)))
            }
            Self::Scale { target } => work.scale(open, *target),
        };
        let made = open.into_iter().filter(|shard| shard.index >= next);
        let mut changed: Vec<Shard> = work.closed.into_iter().chain(made).collect();
        changed.sort_by_key(|shard| shard.index);
        changed
    }
}

/// A reshard being done, one pass over the open shards at a time.
struct Work {
    closed: Vec<Shard>,
    next: ShardIndex,
    now: Timestamp,
}

impl Work {
    /// Splits the shards for which `at` knows a key, there.
    fn split_where(&mut self, open: Vec<Shard>, at: impl Fn(&Shard) -> Option<HashKey>) -> Vec<Shard> {
        let mut pieces = Vec::with_capacity(open.len() + 1);
        for shard in open {
            match at(&shard) {
                Some(at) => pieces.extend(self.split(shard, at)),
                None => pieces.push(shard),
            }
        }
        pieces
    }

    fn merge_with_neighbour(&mut self, open: Vec<Shard>, left: ShardIndex) -> Vec<Shard> {
        let mut pieces: Vec<Shard> = Vec::with_capacity(open.len());
        for shard in open {
            match pieces.pop_if(|last| last.index == left) {
                Some(last) => pieces.extend(self.merge(last, shard)),
                None => pieces.push(shard),
            }
        }
        pieces
    }

    /// Splits at every border that is missing, then merges over every border that is not wanted.
    fn scale(&mut self, open: Vec<Shard>, target: u32) -> Vec<Shard> {
        let borders: Vec<u128> = (1..target).map(|index| nearest_border(&open, even_border(index, target))).collect();
        let mut missing = borders.iter().peekable();
        let mut pieces = Vec::with_capacity(open.len() + borders.len());
        for mut rest in open {
            while let Some(border) = missing.next_if(|border| **border <= rest.range.end.0) {
                if *border > rest.range.start.0 {
                    let mut parts = self.split(rest, HashKey(*border));
                    rest = parts.pop().expect("a split leaves at least one part");
                    pieces.extend(parts);
                }
            }
            pieces.push(rest);
        }
        let mut merged: Vec<Shard> = Vec::with_capacity(borders.len() + 1);
        for piece in pieces {
            match merged.pop_if(|_| borders.binary_search(&piece.range.start.0).is_err()) {
                Some(left) => merged.extend(self.merge(left, piece)),
                None => merged.push(piece),
            }
        }
        merged
    }

    /// Both children; the shard itself where it cannot be split.
    fn split(&mut self, parent: Shard, at: HashKey) -> Vec<Shard> {
        let Some((left, right)) = parent.range.split(at) else { return vec![parent] };
        let children = [left, right].map(|range| self.child(range, &parent, None));
        self.close(parent);
        children.into()
    }

    /// The child; both shards where they do not touch.
    fn merge(&mut self, left: Shard, right: Shard) -> Vec<Shard> {
        let Some(range) = left.range.join(&right.range) else { return vec![left, right] };
        let child = self.child(range, &left, Some(&right));
        self.close(left);
        self.close(right);
        vec![child]
    }

    fn child(&mut self, range: HashKeyRange, parent: &Shard, adjacent: Option<&Shard>) -> Shard {
        let index = self.next;
        self.next = ShardIndex(index.0 + 1);
        let latest = parent.created.max(adjacent.map_or(0, |adjacent| adjacent.created)).max(self.now.as_secs());
        Shard {
            index,
            range,
            parent: Some(parent.index),
            adjacent_parent: adjacent.map(|adjacent| adjacent.index),
            // A second later than anything in its parents, so that its sequence numbers are all greater.
            created: latest + 1,
            opened: self.now,
            closed: None,
        }
    }

    fn close(&mut self, mut shard: Shard) {
        shard.closed = Some(self.now);
        self.closed.push(shard);
    }
}

/// The border that is there already, if one is as good as the wanted one.
fn nearest_border(open: &[Shard], wanted: u128) -> u128 {
    let after = open.partition_point(|shard| shard.range.start.0 < wanted);
    let around = &open[after.saturating_sub(1)..open.len().min(after + 1)];
    let distance = |border: &u128| border.abs_diff(wanted);
    let nearest = around.iter().map(|shard| shard.range.start.0).min_by_key(distance);
    nearest.filter(|border| distance(border) <= TOLERANCE).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    /// All shards after resharding `count` even ones to each of `targets` in turn.
    fn scaled(count: u32, targets: &[u32]) -> Vec<Shard> {
        targets.iter().fold(Shard::first_of(count, Timestamp::from_secs(1_600_000_000)), |shards, target| {
            apply(shards, &Reshard::Scale { target: *target })
        })
    }

    fn apply(mut shards: Vec<Shard>, reshard: &Reshard) -> Vec<Shard> {
        let mut open: Vec<Shard> = shards.iter().filter(|shard| shard.is_open()).cloned().collect();
        open.sort_by_key(|shard| shard.range.start);
        let next = ShardIndex(u32::try_from(shards.len()).unwrap());
        for changed in reshard.apply(open, next, NOW) {
            match shards.iter_mut().find(|shard| shard.index == changed.index) {
                Some(shard) => *shard = changed,
                None => shards.push(changed),
            }
        }
        shards
    }

    fn open_ranges(shards: &[Shard]) -> Vec<HashKeyRange> {
        let mut ranges: Vec<HashKeyRange> =
            shards.iter().filter(|shard| shard.is_open()).map(|shard| shard.range).collect();
        ranges.sort_by_key(|range| range.start);
        ranges
    }

    fn census(shards: &[Shard]) -> (usize, usize) {
        let open = shards.iter().filter(|shard| shard.is_open()).count();
        (open, shards.len() - open)
    }

    #[test]
    fn scales_with_as_many_splits_and_merges_as_aws() {
        let check =
            |count, target, expected| assert_eq!(census(&scaled(count, &[target])), expected, "{count}→{target}");
        check(2, 4, (4, 2));
        check(4, 2, (2, 4));
        check(2, 3, (3, 4));
        check(1, 2, (2, 1));
        check(3, 6, (6, 3));
        check(5, 5, (5, 0));
    }

    #[test]
    fn any_scaling_ends_in_even_shards_that_cover_the_space() {
        for (count, target) in (1..=12).flat_map(|count| (1..=24).map(move |target| (count, target))) {
            let shards = scaled(count, &[target]);
            let ranges = open_ranges(&shards);
            assert_eq!(ranges.len(), target as usize, "{count}→{target}");
            assert_eq!((ranges[0].start.0, ranges[ranges.len() - 1].end), (0, HashKey::MAX));
            assert!(ranges.windows(2).all(|pair| pair[0].join(&pair[1]).is_some()), "{count}→{target}");
            let even = HashKeyRange::divide(target);
            let off = ranges.iter().zip(&even).map(|(is, wanted)| is.start.0.abs_diff(wanted.start.0)).max();
            assert!(off <= Some(TOLERANCE), "{count}→{target} is off by {off:?}");
        }
    }

    #[test]
    fn scaling_back_and_forth_cuts_off_no_slivers() {
        let shards = scaled(3, &[6, 12, 24, 48, 24, 12, 6, 3]);
        assert_eq!(open_ranges(&shards), HashKeyRange::divide(3));
        assert_eq!(census(&shards).1, 3 + 6 + 12 + 24 + 48 + 24 + 12 + 6);
    }

    #[test]
    fn at_any_time_the_shards_open_then_cover_the_space() {
        let shards = scaled(2, &[3, 5, 4]);
        for millis in [0, 99_999_999_999, 100_000_000_000, 100_000_000_001, 100_000_001_000, 200_000_000_000] {
            let time = Timestamp::from_millis(1_600_000_000_000 + millis);
            let mut open: Vec<&Shard> = shards.iter().filter(|shard| shard.was_open_at(time)).collect();
            open.sort_by_key(|shard| shard.range.start);
            assert_eq!((open[0].range.start.0, open[open.len() - 1].range.end), (0, HashKey::MAX), "{time}");
            assert!(open.windows(2).all(|pair| pair[0].range.join(&pair[1].range).is_some()), "{time}");
        }
    }

    #[test]
    fn ten_thousand_shards_are_no_trouble() {
        let shards = scaled(5000, &[10_000]);
        assert_eq!(census(&shards), (10_000, 5000));
        assert_eq!(census(&scaled(10_000, &[5001])).0, 5001);
    }

    #[test]
    fn children_name_their_parents_and_come_after_them() {
        for shards in [scaled(2, &[3]), scaled(7, &[4, 9])] {
            for child in shards.iter().filter(|shard| shard.parent.is_some()) {
                for index in child.parents() {
                    let parent = shards.iter().find(|shard| shard.index == index).unwrap();
                    assert!(parent.index < child.index && !parent.is_open());
                    assert!(parent.ending_sequence_number().unwrap() < child.starting_sequence_number());
                }
            }
        }
    }

    #[test]
    fn halving_splits_evenly() {
        let shards = Shard::first_of(4, Timestamp::from_secs(1_600_000_000));
        let all = (0..4).map(ShardIndex).collect();
        let halved = apply(shards.clone(), &Reshard::Halve { shards: all });
        assert_eq!(open_ranges(&halved), HashKeyRange::divide(8));
        let one = apply(shards, &Reshard::Halve { shards: vec![ShardIndex(2), ShardIndex(9)] });
        assert_eq!(census(&one), (5, 1));
    }

    #[test]
    fn split_and_merge_record_the_lineage_of_aws() {
        let shards = Shard::first_of(2, Timestamp::from_secs(1_600_000_000));
        let split = apply(shards.clone(), &Reshard::Split { shard: ShardIndex(1), at: HashKey(u128::MAX - 9) });
        let lineage = |shard: &Shard| (shard.index.0, shard.parent.map(|i| i.0), shard.adjacent_parent.map(|i| i.0));
        assert_eq!(split[2..].iter().map(lineage).collect::<Vec<_>>(), [(2, Some(1), None), (3, Some(1), None)]);
        assert_eq!(split[2].range.end.0, u128::MAX - 10);
        assert_eq!(split[2].created, NOW.as_secs() + 1);
        let merged = apply(shards, &Reshard::Merge { shard: ShardIndex(0), adjacent: ShardIndex(1) });
        assert_eq!(merged[2..].iter().map(lineage).collect::<Vec<_>>(), [(2, Some(0), Some(1))]);
        assert_eq!(open_ranges(&merged), HashKeyRange::divide(1));
    }
}
