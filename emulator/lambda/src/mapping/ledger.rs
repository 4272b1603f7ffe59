//! The records read but not yet settled, in the order of the shard: what the checkpoint may not pass.

use std::collections::VecDeque;

use crate::mapping::record::SequenceNumber;

/// The place of a record in the ledger, counted from the first record ever read.
pub(super) type Ordinal = u64;

/// Lanes settle records in any order; the checkpoint moves over the settled ones at the front.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    first: Ordinal,
    entries: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    number: SequenceNumber,
    settled: bool,
}

impl Ledger {
    /// Enters the next record of the shard.
    pub(super) fn enter(&mut self, number: SequenceNumber) -> Ordinal {
        let ordinal = self.first + as_ordinal(self.entries.len());
        self.entries.push_back(Entry { number, settled: false });
        ordinal
    }

    /// The record needs nothing more.
    pub(super) fn settle(&mut self, ordinal: Ordinal) {
        let entry = ordinal.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = entry.and_then(|index| self.entries.get_mut(index)) {
            entry.settled = true;
        }
    }

    /// Strikes out the settled records at the front; returns the last of them if there was one.
    pub(super) fn advance(&mut self) -> Option<SequenceNumber> {
        let settled = self.entries.iter().take_while(|entry| entry.settled).count();
        self.first += as_ordinal(settled);
        self.entries.drain(..settled).next_back().map(|entry| entry.number)
    }

    /// Forgets what is not settled; it will be read again.
    pub(super) fn clear(&mut self) {
        self.first += as_ordinal(self.entries.len());
        self.entries.clear();
    }

    /// How many records are read but not struck out.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

fn as_ordinal(length: usize) -> Ordinal {
    u64::try_from(length).expect("a length in memory fits in 64 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advances_over_the_settled_front_only() {
        let mut ledger = Ledger::default();
        let [one, two, three] = ["1", "2", "3"].map(|number| ledger.enter(number.into()));
        ledger.settle(two);
        assert_eq!(ledger.advance(), None);
        ledger.settle(one);
        assert_eq!(ledger.advance(), Some("2".into()));
        assert_eq!(ledger.len(), 1);
        ledger.settle(one);
        assert_eq!(ledger.advance(), None);
        ledger.clear();
        ledger.settle(three);
        assert_eq!((ledger.advance(), ledger.len()), (None, 0));
    }
}
