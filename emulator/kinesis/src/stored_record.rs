//! How a record lies in its shard's log: the log's key holds one byte of version and flags and the partition key, the
//! payload is the data as the producer gave it.
//!
//! Persisted; see `docs/disk-format.md`. Invariant: a record says itself whether it was put while its stream was
//! encrypted, so that changing the stream later changes no record.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::{Serialize, Serializer};

/// The format, in the upper half of the first byte.
const VERSION: u8 = 0x10;
const VERSION_MASK: u8 = 0xf0;
/// Set when the stream was encrypted at the time of the put.
const ENCRYPTED: u8 = 0x01;

/// What the log keeps beside a record's data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RecordKey<'a> {
    /// Whether the stream was encrypted when the record was put.
    pub encrypted: bool,
    /// The partition key, as UTF-8.
    pub partition_key: &'a [u8],
}

/// A log key that this version does not understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record is stored in a format that this version does not know")]
pub(crate) struct UnknownFormat;

impl<'a> RecordKey<'a> {
    /// What the log's key holds beside the partition key, in bytes.
    pub(crate) const OVERHEAD: usize = 1;

    /// Appends the bytes of the log's key of a record that is not encrypted.
    pub(crate) fn encode_onto(bytes: &mut Vec<u8>, partition_key: &str) {
        bytes.push(VERSION);
        bytes.extend_from_slice(partition_key.as_bytes());
    }

    /// Makes the bytes of a log's key those of a record of an encrypted stream.
    pub(crate) fn mark_encrypted(key: &mut [u8]) {
        if let Some(first) = key.first_mut() {
            *first |= ENCRYPTED;
        }
    }

    /// Reads the bytes of the log's key.
    pub(crate) fn decode(key: &'a [u8]) -> Result<Self, UnknownFormat> {
        match key.split_first() {
            Some((first, partition_key))
                if first & VERSION_MASK == VERSION && first & !(VERSION_MASK | ENCRYPTED) == 0 =>
            {
                Ok(Self { encrypted: first & ENCRYPTED != 0, partition_key })
            }
            _ => Err(UnknownFormat),
        }
    }
}

/// The partition key of a stored record, in the memory that it was read into.
#[derive(Clone, PartialEq, Eq)]
pub struct PartitionKey(Bytes);

impl PartitionKey {
    /// The partition key within `key`, the log's key of a record, which decodes.
    pub(crate) fn within(key: &Bytes) -> Self {
        Self(key.slice(RecordKey::OVERHEAD.min(key.len())..))
    }

    /// The key as text. It was text when it was put.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// Whether the producer gave none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for PartitionKey {
    fn from(key: String) -> Self {
        Self(key.into())
    }
}

impl fmt::Debug for PartitionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text(), f)
    }
}

impl Serialize for PartitionKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        for encrypted in [false, true] {
            let mut key = Vec::new();
            RecordKey::encode_onto(&mut key, "schlüssel");
            assert_eq!(key.len(), RecordKey::OVERHEAD + "schlüssel".len());
            if encrypted {
                RecordKey::mark_encrypted(&mut key);
            }
            let key = Bytes::from(key);
            let decoded = RecordKey::decode(&key).unwrap();
            assert_eq!((decoded.encrypted, decoded.partition_key), (encrypted, "schlüssel".as_bytes()));
            assert_eq!(PartitionKey::within(&key).text(), "schlüssel");
        }
    }

    #[test]
    fn refuses_formats_of_later_versions() {
        for key in [&b""[..], b"\x20k", b"\x12k", b"\x00k"] {
            assert_eq!(RecordKey::decode(key), Err(UnknownFormat));
        }
    }
}
