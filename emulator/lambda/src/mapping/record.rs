//! What a mapping reads from its source: records and the sequence numbers that order them within a shard.
//!
//! Invariant: sequence numbers of one shard compare as the numbers they spell, never as text.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use env::Timestamp;
use serde::{Deserialize, Serialize};

/// One record of a shard. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place in the shard.
    pub sequence_number: SequenceNumber,
    /// The key that chose its shard, and chooses its lane.
    pub partition_key: Arc<str>,
    /// The producer's bytes.
    pub data: Bytes,
    /// When the stream took it.
    pub arrival: Timestamp,
}

/// A decimal number of up to 128 digits without leading zeros, kept as text: wider than any machine integer.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SequenceNumber(Arc<str>);

impl SequenceNumber {
    /// As AWS writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SequenceNumber {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for SequenceNumber {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<SequenceNumber> for String {
    fn from(number: SequenceNumber) -> Self {
        number.as_str().to_owned()
    }
}

impl Ord for SequenceNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        // Without leading zeros the longer number is the larger one.
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for SequenceNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_compare_as_numbers() {
        let number = SequenceNumber::from;
        assert!(number("9") < number("10"));
        assert!(number("49590338271490256608559692538361571095921575989136588898") > number("10"));
        assert_eq!(number("12"), number("12"));
    }
}
