//! The space of 128-bit hash keys that shards divide among them.
//!
//! Left to others: who owns which range ([`crate::shard`]). Invariant: a [`HashKeyRange`] is never empty, and both ends
//! belong to it.

mod lanes;

use std::fmt;

use md5::{Digest, Md5};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point of the key space: the MD5 of a partition key, or a number given by the producer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct HashKey(pub u128);

impl HashKey {
    /// The greatest key, 2^128 - 1.
    pub(crate) const MAX: Self = Self(u128::MAX);

    /// Where a partition key falls.
    pub(crate) fn of_partition_key(partition_key: &[u8]) -> Self {
        Self(u128::from_be_bytes(Md5::digest(partition_key).into()))
    }

    /// Where each of many partition keys falls.
    pub(crate) fn of_partition_keys(partition_keys: &[&[u8]]) -> Vec<Self> {
        let mut hash_keys = Vec::with_capacity(partition_keys.len());
        for some in partition_keys.chunks(lanes::LANES) {
            match lanes::digests(some) {
                Some(digests) => {
                    hash_keys.extend(digests.iter().take(some.len()).map(|digest| Self(u128::from_be_bytes(*digest))));
                }
                None => hash_keys.extend(some.iter().map(|key| Self::of_partition_key(key))),
            }
        }
        hash_keys
    }

    /// Reads a decimal number; `None` if it is none or lies outside the key space.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // `parse` alone would take a leading plus sign.
        if digits { text.parse().ok().map(Self) } else { None }
    }
}

impl fmt::Display for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Decimal text, as in the API: JSON numbers do not hold 128 bits.
impl Serialize for HashKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HashKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not a hash key"))
    }
}

/// The keys from `start` to `end`, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct HashKeyRange {
    /// The first key of the range.
    pub start: HashKey,
    /// The last key of the range.
    pub end: HashKey,
}

impl HashKeyRange {
    /// Whether `key` is in the range.
    pub(crate) fn contains(&self, key: HashKey) -> bool {
        self.start <= key && key <= self.end
    }

    /// The range up to but without `at`, and the range from it on; `None` where AWS refuses to split: the first part
    /// must hold at least two keys and the second at least two.
    pub(crate) fn split(&self, at: HashKey) -> Option<(Self, Self)> {
        let eligible = self.start.0.checked_add(1).is_some_and(|second| at.0 > second) && at < self.end;
        eligible.then(|| (Self { start: self.start, end: HashKey(at.0 - 1) }, Self { start: at, end: self.end }))
    }

    /// Where to split it evenly, if it is large enough.
    pub(crate) fn middle(&self) -> Option<HashKey> {
        let middle = HashKey(self.start.0 + (self.end.0 - self.start.0).div_ceil(2));
        self.split(middle).map(|_| middle)
    }

    /// Both ranges as one, if `right` begins where this one ends.
    pub(crate) fn join(&self, right: &Self) -> Option<Self> {
        (self.end.0.checked_add(1) == Some(right.start.0)).then_some(Self { start: self.start, end: right.end })
    }

    /// The whole space in `count` even ranges; the last one takes what the division leaves over.
    pub(crate) fn divide(count: u32) -> Vec<Self> {
        let starts: Vec<u128> = (0..count).map(|index| even_border(index, count)).collect();
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([HashKey::MAX.0]);
        starts.iter().zip(ends).map(|(start, end)| Self { start: HashKey(*start), end: HashKey(end) }).collect()
    }
}

/// Where shard `index` of `count` even ones begins: `index * floor(2^128 / count)`.
pub(crate) fn even_border(index: u32, count: u32) -> u128 {
    let count = u128::from(count.max(1));
    // 2^128 itself does not fit: its floor is that of 2^128 - 1 unless the division comes out even. For
    // one shard the step wraps to nothing, and its only border is 0 anyway.
    let step = (u128::MAX / count).wrapping_add(u128::from(u128::MAX % count == count - 1));
    u128::from(index).wrapping_mul(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u128, end: u128) -> HashKeyRange {
        HashKeyRange { start: HashKey(start), end: HashKey(end) }
    }

    #[test]
    fn divides_like_aws() {
        let thirds = HashKeyRange::divide(3);
        let text: Vec<String> = thirds.iter().map(|range| format!("{}-{}", range.start, range.end)).collect();
        assert_eq!(
            text,
            [
                "0-113427455640312821154458202477256070484",
                "113427455640312821154458202477256070485-226854911280625642308916404954512140969",
                "226854911280625642308916404954512140970-340282366920938463463374607431768211455",
            ]
        );
        assert_eq!(HashKeyRange::divide(1), [range(0, u128::MAX)]);
        assert_eq!(HashKeyRange::divide(2)[1].start.0, 1 << 127);
    }

    #[test]
    fn every_division_covers_the_space_without_holes() {
        for count in 1..=300 {
            let ranges = HashKeyRange::divide(count);
            assert_eq!(ranges.len(), count as usize);
            assert_eq!(ranges[0].start.0, 0);
            assert_eq!(ranges[ranges.len() - 1].end, HashKey::MAX);
            assert!(ranges.windows(2).all(|pair| pair[0].join(&pair[1]).is_some()), "{count}");
        }
    }

    #[test]
    fn hashes_partition_keys_by_md5() {
        assert_eq!(HashKey::of_partition_key(b"").0, 0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e);
        assert_eq!(HashKey::of_partition_key(b"a").0, 0x0cc1_75b9_c0f1_b6a8_31c3_99e2_6977_2661);
    }

    #[test]
    fn many_partition_keys_fall_where_each_of_them_falls() {
        let keys: Vec<Vec<u8>> = (0..100).map(|length| vec![b'k'; length * 2 / 3]).collect();
        for count in 0..keys.len() {
            let keys: Vec<&[u8]> = keys[..count].iter().map(Vec::as_slice).collect();
            let each: Vec<HashKey> = keys.iter().map(|key| HashKey::of_partition_key(key)).collect();
            assert_eq!(HashKey::of_partition_keys(&keys), each);
        }
    }

    #[test]
    fn parses_only_numbers_of_the_space() {
        assert_eq!(HashKey::parse("340282366920938463463374607431768211455"), Some(HashKey::MAX));
        for bad in ["340282366920938463463374607431768211456", "", "+1", "-1", "1x"] {
            assert_eq!(HashKey::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn splits_where_aws_allows_it() {
        let whole = range(10, 20);
        assert_eq!(whole.split(HashKey(12)), Some((range(10, 11), range(12, 20))));
        assert_eq!(whole.split(HashKey(19)), Some((range(10, 18), range(19, 20))));
        for refused in [0, 10, 11, 20, 21] {
            assert_eq!(whole.split(HashKey(refused)), None, "{refused}");
        }
        assert_eq!(range(u128::MAX, u128::MAX).split(HashKey::MAX), None);
        assert_eq!(range(5, u128::MAX).join(&range(0, 4)), None);
    }
}
