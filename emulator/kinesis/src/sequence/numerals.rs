//! Sequence numbers as decimal text, many at once: a page has ten thousand of them, and each has 56 digits.
//!
//! Dividing 192 bits by powers of ten is most of the work of printing one. The records of a batch follow each other in their
//! shard, so most numbers are greater by 2^80 than one that was printed before, and adding that to its digits is cheap.

use super::{SequenceNumber, Wide};
use crate::digits::eight;
use crate::shard::ShardIndex;

/// Prints numbers, and remembers of some shards which it printed last.
#[derive(Debug)]
pub(crate) struct Numerals {
    last: Vec<(SequenceNumber, Groups)>,
}

/// So many shards are remembered; more share the places.
const PLACES: usize = 64;

impl Numerals {
    pub(crate) fn new() -> Self {
        let number = SequenceNumber::starting(ShardIndex(0), 0);
        Self { last: vec![(number, Groups::of(&number)); PLACES] }
    }

    /// The number as decimal text.
    pub(crate) fn digits(&mut self, number: &SequenceNumber) -> [u8; SequenceNumber::DIGITS] {
        let (last, groups) = &mut self.last[number.shard.0 as usize % PLACES];
        let follows = last.index.checked_add(1) == Some(number.index);
        if follows && (SequenceNumber { index: number.index, ..*last }) == *number {
            groups.step();
        } else {
            *groups = Groups::of(number);
        }
        *last = *number;
        groups.text()
    }
}

/// The digits of a number by groups of sixteen, the lowest first; the highest has eight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Groups([u64; 4]);

const SIZE: u64 = 10_u64.pow(16);
/// What an index counts in a sequence number, and so what numbers of records in a row differ by.
const STEP: u128 = 1 << 80;
/// Its groups.
const LOW: u64 = (STEP % SIZE as u128) as u64;
const HIGH: u64 = (STEP / SIZE as u128) as u64;

impl Groups {
    pub(super) fn of(number: &SequenceNumber) -> Self {
        let mut wide = Wide::of(number);
        Self(std::array::from_fn(|_| wide.divide_by(SIZE)))
    }

    /// Becomes the digits of the number of the next record.
    fn step(&mut self) {
        let mut carry = 0;
        for (group, more) in self.0.iter_mut().zip([LOW, HIGH, 0, 0]) {
            let sum = *group + more + carry;
            carry = u64::from(sum >= SIZE);
            *group = sum - carry * SIZE;
        }
    }

    pub(super) fn text(&self) -> [u8; SequenceNumber::DIGITS] {
        const HALF: u64 = 10_u64.pow(8);
        let [low, middle, high, highest] = self.0;
        let halves = [
            // Every number of our layout has 56 digits.
            eight(highest % HALF),
            eight(high / HALF),
            eight(high % HALF),
            eight(middle / HALF),
            eight(middle % HALF),
            eight(low / HALF),
            eight(low % HALF),
        ];
        let mut text = [0; SequenceNumber::DIGITS];
        text.copy_from_slice(halves.as_flattened());
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sequence::LAST_INDEX;

    fn number(shard: u32, index: u64, time: u64) -> SequenceNumber {
        SequenceNumber { shard_created: 1_700_000_000, index, time, shard: ShardIndex(shard) }
    }

    proptest! {
        #[test]
        fn in_a_row_or_not_they_are_printed_as_each_alone_is(
            runs in proptest::collection::vec((0..3_u32, 0..=LAST_INDEX - 50, 1_700_000_000..1_700_000_002_u64, 0..50_u64), 1..20),
        ) {
            let mut numerals = Numerals::new();
            for (shard, first, time, length) in runs {
                // Shards that share a place, too.
                for (index, shard) in (first..first + length).zip([shard, shard, shard + 64].into_iter().cycle()) {
                    let number = number(shard, index, time);
                    prop_assert_eq!(numerals.digits(&number), number.digits());
                }
            }
        }
    }

    #[test]
    fn a_carry_goes_all_the_way() {
        let mut groups = Groups([SIZE - 1, SIZE - 1, SIZE - 1, 1]);
        groups.step();
        assert_eq!(groups.0, [LOW - 1, HIGH, 0, 2]);
    }
}
