//! Events as the log of a group has them. Persisted: the key of a record is the stream's number, big-endian; its payload is the
//! event's time in milliseconds, little-endian, and then the message.

use env::Timestamp;
use shard_log::{Offset, Record};

/// What AWS counts for an event beside its message.
pub(crate) const OVERHEAD: usize = 26;

/// An event that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stored {
    pub(crate) stream: u64,
    pub(crate) at: Timestamp,
    pub(crate) message: String,
    pub(crate) ingested: Timestamp,
    pub(crate) offset: Offset,
}

/// The payload of an event.
pub(crate) fn payload(at: Timestamp, message: &str) -> Vec<u8> {
    let mut payload = at.as_millis().to_le_bytes().to_vec();
    payload.extend_from_slice(message.as_bytes());
    payload
}

impl Stored {
    /// Reads a record; `None` if it is none of ours.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        let stream = u64::from_be_bytes(record.key.as_ref().try_into().ok()?);
        let (at, message) = record.payload.split_first_chunk()?;
        Some(Self {
            stream,
            at: Timestamp::from_millis(u64::from_le_bytes(*at)),
            message: String::from_utf8_lossy(message).into_owned(),
            ingested: record.arrival,
            offset: record.offset,
        })
    }

    /// What it counts for.
    pub(crate) fn size(&self) -> usize {
        self.message.len() + OVERHEAD
    }

    /// 56 digits that rise with time and with writing.
    pub(crate) fn id(&self) -> String {
        let number = u128::from(self.at.as_millis()) << 64 | u128::from(self.offset.0);
        format!("{number:056}")
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn there_and_back() {
        let at = Timestamp::from_millis(1_700_000_000_123);
        let record = |key: &'static [u8], payload: Vec<u8>| Record {
            offset: Offset(7),
            arrival: Timestamp::from_secs(9),
            key: Bytes::from_static(key),
            payload: payload.into(),
        };
        let stored = Stored::of(&record(&[0, 0, 0, 0, 0, 0, 0, 3], payload(at, "grün"))).unwrap();
        assert_eq!((stored.stream, stored.at, stored.message.as_str()), (3, at, "grün"));
        assert_eq!((stored.ingested, stored.size(), stored.id().len()), (Timestamp::from_secs(9), 31, 56));
        assert_eq!(Stored::of(&record(b"x", payload(at, ""))), None);
        assert_eq!(Stored::of(&record(&[0; 8], vec![1])), None);
    }
}
