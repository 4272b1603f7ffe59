//! Records as they stand in the JSON of GetRecords: what [`RecordOutput`](crate::output::RecordOutput) says of them, without
//! its detours, for a page has ten thousand.
//!
//! Base64 goes straight into the answer, and what records in a row have in common is worked out once.

use std::io::Write as _;

use aws_wire::base64_text;
use env::Timestamp;
use shard_log::{RecordRef, Records};

use crate::error::{Error, Result};
use crate::output::EncryptionType;
use crate::read::Origin;
use crate::sequence::Numerals;
use crate::stored_record::RecordKey;

/// Writes records of a shard, one after the other.
#[derive(Debug)]
pub(crate) struct RecordText {
    origin: Origin,
    numerals: Numerals,
    /// The arrival of the record before, and its text.
    arrival: Timestamp,
    seconds: Vec<u8>,
}

impl RecordText {
    pub(crate) fn new(origin: Origin) -> Self {
        let arrival = Timestamp::EPOCH;
        Self { origin, numerals: Numerals::new(), arrival, seconds: seconds(arrival) }
    }

    /// Appends a record.
    pub(crate) fn write(&mut self, json: &mut Vec<u8>, record: &RecordRef<'_>) -> Result<()> {
        // A page has only records that decode.
        let key = RecordKey::decode(record.key).map_err(|_| Error::Internal)?;
        if record.arrival != self.arrival {
            self.arrival = record.arrival;
            self.seconds = seconds(record.arrival);
        }
        json.extend_from_slice(b"{\"SequenceNumber\":\"");
        json.extend_from_slice(&self.numerals.digits(&self.origin.number(record)));
        json.extend_from_slice(b"\",\"ApproximateArrivalTimestamp\":");
        json.extend_from_slice(&self.seconds);
        json.extend_from_slice(b",\"Data\":\"");
        base64_text::encode_onto(json, record.payload);
        json.push(b'"');
        if !key.partition_key.is_empty() {
            json.extend_from_slice(b",\"PartitionKey\":");
            text_onto(json, key.partition_key)?;
        }
        if let Some(encryption) = EncryptionType::if_encrypted(key.encrypted) {
            json.extend_from_slice(b",\"EncryptionType\":");
            serde_json::to_writer(&mut *json, &encryption).map_err(unwritten)?;
        }
        json.push(b'}');
        Ok(())
    }

    /// At least the bytes that records take in JSON, unless their keys need escapes.
    pub(crate) fn room_for<'a>(batches: impl IntoIterator<Item = &'a Records>) -> usize {
        batches.into_iter().map(|batch| 200 * batch.len() + batch.bytes().div_ceil(3) * 4).sum()
    }
}

/// Appends a text, given as UTF-8, in quotes.
fn text_onto(json: &mut Vec<u8>, text: &[u8]) -> Result<()> {
    if text.iter().all(|byte| is_plain(*byte)) {
        json.push(b'"');
        json.extend_from_slice(text);
        json.push(b'"');
        return Ok(());
    }
    serde_json::to_writer(json, &*String::from_utf8_lossy(text)).map_err(unwritten)
}

/// What does not encode is a mistake of ours.
#[expect(clippy::needless_pass_by_value, reason = "the shape of a function for `map_err`")]
pub(crate) fn unwritten(error: serde_json::Error) -> Error {
    tracing::error!(%error, "a page does not encode");
    Error::Internal
}

/// Whether a byte of a text stands in JSON as it is.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// A time in seconds, in as few digits as it needs.
fn seconds(time: Timestamp) -> Vec<u8> {
    let mut text = Vec::new();
    // Writing into memory cannot fail.
    let _ = write!(text, "{}.{:03}", time.as_secs(), time.as_millis() % 1000);
    while text.ends_with(b"0") && !text.ends_with(b".0") {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use aws_wire::EpochSeconds;

    use super::*;

    #[test]
    fn seconds_are_those_of_every_other_answer() {
        for millis in
            [0, 1, 10, 100, 1_000, 1_700_000_000_000, 1_700_000_000_120, 1_700_000_000_123, 16_025_174_999_999]
        {
            let time = Timestamp::from_millis(millis);
            let text = String::from_utf8(seconds(time)).unwrap();
            assert_eq!(text, serde_json::to_string(&EpochSeconds(time)).unwrap());
        }
    }
}
