//! Stored records, in the memory that they were read into: what a batch left, or some of it in a row.
//!
//! A record costs nothing until somebody looks at it, and nothing but two lengths then. Invariant: the lengths in the table
//! fill the content exactly.

use bytes::Bytes;
use env::Timestamp;

use crate::format::Fields;
use crate::log::{Entry, Offset, Record};

/// Bytes of a record's place in the table that opens the body of a frame of records.
pub(crate) const TABLE_ROW: usize = 8;

/// Records in a row that arrived together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Records {
    first: Offset,
    arrival: Timestamp,
    /// Of each record the lengths of key and payload.
    table: Bytes,
    /// Key and payload of each, without gaps.
    content: Bytes,
}

/// A record where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordRef<'a> {
    /// Where it stands.
    pub offset: Offset,
    /// When it arrived.
    pub arrival: Timestamp,
    /// The key given at append.
    pub key: &'a [u8],
    /// The payload given at append.
    pub payload: &'a [u8],
}

impl Records {
    /// Records that no file has held, for a log that keeps none.
    pub fn new(first: Offset, arrival: Timestamp, entries: &[Entry<'_>]) -> Self {
        let (mut table, mut content) = (Vec::new(), Vec::new());
        encode_table(&mut table, entries);
        encode_content(&mut content, entries);
        Self { first, arrival, table: table.into(), content: content.into() }
    }

    /// The `count` records of the body of a frame; `None` if it is not the body of so many, or if there are none.
    pub(crate) fn of_body(first: Offset, arrival: Timestamp, count: u32, body: &Bytes) -> Option<Self> {
        let table = (count as usize).checked_mul(TABLE_ROW).filter(|table| *table <= body.len())?;
        let records = Self { first, arrival, table: body.slice(..table), content: body.slice(table..) };
        let lengths: u64 = records.rows().map(|(key, payload)| (key + payload) as u64).sum();
        let sound = count > 0 && first.0.checked_add(count.into()).is_some() && lengths == records.content.len() as u64;
        sound.then_some(records)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.table.len() / TABLE_ROW
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The bytes of their keys and payloads.
    pub fn bytes(&self) -> usize {
        self.content.len()
    }

    /// The offset of the first one.
    pub fn first(&self) -> Offset {
        self.first
    }

    /// The offset after the last one.
    pub fn end(&self) -> Offset {
        Offset(self.first.0.saturating_add(self.len() as u64))
    }

    /// When they arrived.
    pub fn arrival(&self) -> Timestamp {
        self.arrival
    }

    /// The records.
    pub fn iter(&self) -> impl Iterator<Item = RecordRef<'_>> {
        let mut rest = &self.content[..];
        let mut take = move |length: usize| {
            let (part, after) = rest.split_at(length);
            rest = after;
            part
        };
        self.rows().zip(self.first.0..).map(move |((key, payload), offset)| RecordRef {
            offset: Offset(offset),
            arrival: self.arrival,
            key: take(key),
            payload: take(payload),
        })
    }

    /// The records as values of their own, which share this memory.
    pub fn to_values(&self) -> impl Iterator<Item = Record> {
        self.iter().map(|record| Record {
            offset: record.offset,
            arrival: record.arrival,
            key: self.content.slice_ref(record.key),
            payload: self.content.slice_ref(record.payload),
        })
    }

    /// Gives up the first `count` of them.
    pub fn skip(&mut self, count: usize) {
        let count = count.min(self.len());
        let (_, content) = self.measure(count);
        self.first = Offset(self.first.0.saturating_add(count as u64));
        self.table = self.table.slice(count * TABLE_ROW..);
        self.content = self.content.slice(content..);
    }

    /// Keeps the first `count` of them.
    pub(crate) fn truncate(&mut self, count: usize) {
        let (table, content) = self.measure(count);
        self.table.truncate(table);
        self.content.truncate(content);
    }

    /// The bytes of the first `count` records in table and content.
    fn measure(&self, count: usize) -> (usize, usize) {
        (count * TABLE_ROW, self.rows().take(count).map(|(key, payload)| key + payload).sum())
    }

    /// The lengths of key and payload of each.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        self.table.chunks_exact(TABLE_ROW).map(|row| {
            let mut fields = Fields(row);
            let mut length = || fields.u32().expect("a row of the table holds two lengths") as usize;
            (length(), length())
        })
    }
}

/// Appends the table of a batch.
pub(crate) fn encode_table(into: &mut Vec<u8>, entries: &[Entry<'_>]) {
    for entry in entries {
        for part in [entry.key, entry.payload] {
            let length = u32::try_from(part.len()).expect("a part is shorter than its frame");
            into.extend_from_slice(&length.to_le_bytes());
        }
    }
}

/// Appends the content of a batch.
pub(crate) fn encode_content(into: &mut Vec<u8>, entries: &[Entry<'_>]) {
    for entry in entries {
        into.extend_from_slice(entry.key);
        into.extend_from_slice(entry.payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_up_at_either_end_changes_nothing_else() {
        let entries = [("a", "first"), ("", ""), ("ccc", "third"), ("d", "")];
        let entries = entries.map(|(key, payload)| Entry { key: key.as_bytes(), payload: payload.as_bytes() });
        let whole = Records::new(Offset(7), Timestamp::from_secs(1), &entries);
        let values: Vec<Record> = whole.to_values().collect();
        assert_eq!((whole.len(), whole.end(), whole.bytes()), (4, Offset(11), 15));
        for skipped in 0..=5 {
            for kept in 0..=5 {
                let mut some = whole.clone();
                some.skip(skipped);
                some.truncate(kept);
                let expected: Vec<Record> = values.iter().skip(skipped).take(kept).cloned().collect();
                assert_eq!(some.to_values().collect::<Vec<_>>(), expected);
                assert_eq!((some.len(), some.is_empty()), (expected.len(), expected.is_empty()));
            }
        }
    }
}
