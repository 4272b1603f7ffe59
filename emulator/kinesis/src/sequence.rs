//! Sequence numbers in AWS's version 2 layout.
//!
//! A number is a pure function of the shard's creation, its index, the log offset and the arrival, so nothing about
//! numbers is stored. From the most significant hex digit down, 47 in all:
//!
//! ```text
//! 2 | shard created, s (9) | shard, low digit (1) | index (16) | 00 | record time, s (9) | shard (8) | 2
//! ```
//!
//! Invariant: offset 0 has index 1, so every record is greater than its shard's StartingSequenceNumber (index 0), and
//! numbers of one shard sort as their offsets do.

mod numerals;

use std::fmt;

use env::Timestamp;
use shard_log::Offset;

use self::numerals::Groups;
pub(crate) use self::numerals::Numerals;
use crate::shard::ShardIndex;

/// The index that ends a closed shard, greater than that of any record.
const LAST_INDEX: u64 = 0x7fff_ffff_ffff_ffff;
/// Times from here on (the year 2477) are not taken for times.
const TIME_LIMIT: u64 = 16_025_175_000;

/// Where a record stands, for everybody outside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SequenceNumber {
    /// When the shard was created, in epoch seconds.
    pub shard_created: u64,
    /// The position in the shard: 0 before the first record.
    pub index: u64,
    /// When the record arrived, in epoch seconds.
    pub time: u64,
    /// The shard.
    pub shard: ShardIndex,
}

/// What a client may hand us as a sequence number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parsed {
    /// A number of our layout.
    Current(SequenceNumber),
    /// A number of an older layout, which no stream of ours has given out.
    Legacy {
        /// The record time in it, in epoch seconds.
        time: u64,
        /// The shard in it.
        shard: ShardIndex,
    },
}

impl Parsed {
    /// The record time, in epoch seconds.
    pub const fn time(&self) -> u64 {
        match self {
            Self::Current(number) => number.time,
            Self::Legacy { time, .. } => *time,
        }
    }

    /// The shard that the number says it is of.
    pub const fn shard(&self) -> ShardIndex {
        match self {
            Self::Current(number) => number.shard,
            Self::Legacy { shard, .. } => *shard,
        }
    }
}

impl SequenceNumber {
    /// The number of the record at `offset`.
    pub const fn of_record(shard: ShardIndex, shard_created: u64, offset: Offset, arrival: Timestamp) -> Self {
        Self { shard_created, index: offset.0.saturating_add(1), time: arrival.as_secs(), shard }
    }

    /// The number before every record of a shard.
    pub const fn starting(shard: ShardIndex, shard_created: u64) -> Self {
        Self { shard_created, index: 0, time: shard_created, shard }
    }

    /// The number after every record of a shard that closed.
    pub const fn ending(shard: ShardIndex, shard_created: u64, closed: Timestamp) -> Self {
        Self { shard_created, index: LAST_INDEX, time: closed.as_secs(), shard }
    }

    /// Where to read for this number and what follows it.
    pub const fn at(&self) -> Offset {
        Offset(self.index.saturating_sub(1))
    }

    /// Where to read for what follows this number only.
    pub const fn after(&self) -> Offset {
        Offset(self.index)
    }

    /// Reads decimal text. `None` if AWS would not take it for a sequence number at all.
    pub fn parse(text: &str) -> Option<Parsed> {
        let number = Wide::parse(text)?;
        match number.0 {
            // Version 0 counts from 2^124, and adding that to a smaller number touches none of the bits read.
            [_, middle, 0] if middle < 1 << 61 => Some(Self::legacy(&number)),
            _ => Self::current(&number).map(Parsed::Current),
        }
    }

    /// Version 0: 9 digits of time, 2 unknown, 16 random, 4 of the shard.
    fn legacy(number: &Wide) -> Parsed {
        Parsed::Legacy { time: number.bits(88, 36), shard: ShardIndex(number.bits(0, 16) as u32) }
    }

    fn current(number: &Wide) -> Option<Self> {
        let shard = u32::try_from(number.bits(4, 32)).ok().filter(|shard| *shard <= ShardIndex::MAX)?;
        let parsed = Self {
            shard_created: number.bits(148, 36),
            index: number.bits(80, 64),
            time: number.bits(36, 36),
            shard: ShardIndex(shard),
        };
        let layout = number.bits(184, 8) == 2 && number.bits(0, 4) == 2;
        let agrees = number.bits(144, 4) == u64::from(shard & 0xf);
        let times = parsed.shard_created < TIME_LIMIT && parsed.time < TIME_LIMIT;
        (layout && agrees && times && parsed.index <= LAST_INDEX).then_some(parsed)
    }
}

impl SequenceNumber {
    /// How many digits every number of our layout has: its highest hex digit is a 2.
    pub(crate) const DIGITS: usize = 56;

    /// The number as decimal text.
    pub(crate) fn digits(&self) -> [u8; Self::DIGITS] {
        Groups::of(self).text()
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.digits()).expect("digits are ASCII"))
    }
}

/// 192 bits, least significant word first.
#[derive(Clone, Copy, Default)]
struct Wide([u64; 3]);

impl Wide {
    fn of(number: &SequenceNumber) -> Self {
        let mut wide = Self::default();
        wide.set(184, 2);
        wide.set(148, number.shard_created & 0xf_ffff_ffff);
        wide.set(144, u64::from(number.shard.0 & 0xf));
        wide.set(80, number.index);
        wide.set(36, number.time & 0xf_ffff_ffff);
        wide.set(4, u64::from(number.shard.0));
        wide.set(0, 2);
        wide
    }

    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        text.bytes().try_fold(Self::default(), |wide, digit| wide.times_ten_plus(u64::from(digit - b'0')))
    }

    fn times_ten_plus(mut self, digit: u64) -> Option<Self> {
        let mut carry = u128::from(digit);
        for word in &mut self.0 {
            let product = u128::from(*word) * 10 + carry;
            *word = product as u64;
            carry = product >> 64;
        }
        (carry == 0).then_some(self)
    }

    /// Becomes the quotient; the rest is returned.
    fn divide_by(&mut self, divisor: u64) -> u64 {
        let mut rest = 0;
        // Most divisions would be of nothing: the upper words empty first.
        for word in self.0.iter_mut().rev().skip_while(|word| **word == 0) {
            let dividend = u128::from(rest) << 64 | u128::from(*word);
            *word = (dividend / u128::from(divisor)) as u64;
            rest = (dividend % u128::from(divisor)) as u64;
        }
        rest
    }

    /// `length` bits, at most 64, from bit `from` on.
    fn bits(&self, from: usize, length: usize) -> u64 {
        let (word, shift) = (from / 64, from % 64);
        let above = self.0.get(word + 1).copied().unwrap_or(0);
        let joined = (u128::from(above) << 64 | u128::from(self.0[word])) >> shift;
        (joined & ((1_u128 << length) - 1)) as u64
    }

    /// Puts `value` at bit `from`, where there were zeros.
    fn set(&mut self, from: usize, value: u64) {
        let (word, shift) = (from / 64, from % 64);
        let shifted = u128::from(value) << shift;
        self.0[word] |= shifted as u64;
        if let Some(above) = self.0.get_mut(word + 1) {
            *above |= (shifted >> 64) as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> SequenceNumber {
        match SequenceNumber::parse(text) {
            Some(Parsed::Current(number)) => number,
            other => panic!("{text} reads as {other:?}"),
        }
    }

    #[test]
    fn reads_and_prints_a_published_sample() {
        let text = "49590338271490256608559692538361571095921575989136588898";
        let number = parse(text);
        // 2018-11-21 04:57:38Z and 2018-12-17 22:10:50Z.
        let expected = SequenceNumber {
            shard_created: 1_542_776_258,
            index: 0x6764_8a17,
            time: 1_545_084_650,
            shard: ShardIndex(6),
        };
        assert_eq!(number, expected);
        assert_eq!(number.to_string(), text);
    }

    #[test]
    fn every_number_survives_the_round_trip() {
        for shard in [0, 1, 15, 16, 10_000, ShardIndex::MAX] {
            for index in [0, 1, 0xffff_ffff, LAST_INDEX] {
                let number = SequenceNumber {
                    shard_created: 1_700_000_000,
                    index,
                    time: 1_700_000_001,
                    shard: ShardIndex(shard),
                };
                assert_eq!(parse(&number.to_string()), number);
                assert_eq!(number.to_string().len(), 56);
            }
        }
    }

    #[test]
    fn numbers_of_a_shard_sort_as_offsets() {
        let of = |offset, millis| {
            SequenceNumber::of_record(ShardIndex(3), 1_700_000_000, Offset(offset), Timestamp::from_millis(millis))
        };
        let starting = SequenceNumber::starting(ShardIndex(3), 1_700_000_000);
        let ending = SequenceNumber::ending(ShardIndex(3), 1_700_000_000, Timestamp::from_secs(1_700_000_009));
        let numbers = [starting, of(0, 1_700_000_000_999), of(1, 1_700_000_000_999), of(9, 1_700_000_008_000), ending];
        let texts = numbers.map(|number| number.to_string());
        assert!(texts.is_sorted() && texts.iter().all(|text| text.len() == 56), "{texts:?}");
        assert_eq!((numbers[1].at(), numbers[1].after()), (Offset(0), Offset(1)));
        assert_eq!((starting.at(), starting.after()), (Offset(0), Offset(0)));
    }

    #[test]
    fn refuses_what_is_no_number_of_ours() {
        let good = SequenceNumber::starting(ShardIndex(0), 1_700_000_000);
        let later = SequenceNumber { time: TIME_LIMIT, ..good }.to_string();
        let beyond = SequenceNumber { index: LAST_INDEX + 1, ..good }.to_string();
        let too_long = "9".repeat(60);
        let huge = "1".repeat(129);
        for bad in ["", "abc", "-1", "+1", &later, &beyond, &too_long, &huge] {
            assert_eq!(SequenceNumber::parse(bad), None, "{bad}");
        }
        assert_eq!(SequenceNumber::parse("0"), Some(Parsed::Legacy { time: 0, shard: ShardIndex(0) }));
    }
}
