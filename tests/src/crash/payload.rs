//! What is put: each record says who put it, and all of its content follows from that, so that a record found is known to
//! be whole and the one it claims to be.

use std::fmt::Write as _;

/// The name of a record: no two are alike, however often the emulator is started anew.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct RecordId {
    /// Who put it.
    pub(super) writer: u32,
    /// With which of his requests; they follow one another.
    pub(super) request: u64,
    /// Its place in the request.
    pub(super) index: u32,
    /// How long its payload is about to be.
    pub(super) length: u32,
}

impl RecordId {
    /// The payload as it stands in a request: text that is base64 as it is, so that nobody has to encode it.
    pub(super) fn payload(&self) -> String {
        let Self { writer, request, index, length } = *self;
        let mut text = format!("{writer}/{request}/{index}/{length}/");
        while text.len() < length as usize || text.len() % 4 != 0 {
            // Differs from record to record, so that one made of two halves is noticed.
            let letter = (request + u64::from(index) * 7 + u64::from(writer) * 11 + text.len() as u64) % 26;
            text.push(char::from(b'a' + u8::try_from(letter).expect("a remainder of 26 fits")));
        }
        text
    }

    /// The partition key.
    pub(super) fn key(&self) -> String {
        format!("k{}", (self.request * 31 + u64::from(self.index)) % 97)
    }

    /// Whose payload `text` is; `None` if it is nobody's, wholly and exactly.
    pub(super) fn of_payload(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let mut part = || parts.next();
        let id = Self {
            writer: part()?.parse().ok()?,
            request: part()?.parse().ok()?,
            index: part()?.parse().ok()?,
            length: part()?.parse().ok()?,
        };
        (id.length as usize <= text.len() && id.payload() == text).then_some(id)
    }
}

/// The body of a PutRecord, or the part of a PutRecords, without its braces.
pub(super) fn put(into: &mut String, id: &RecordId) {
    let written = write!(into, r#""PartitionKey":"{}","Data":"{}""#, id.key(), id.payload());
    written.expect("a string takes what is written to it");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_says_whose_it_is_and_only_whole() {
        let id = RecordId { writer: 3, request: 1234, index: 56, length: 200 };
        let payload = id.payload();
        assert_eq!((payload.len(), RecordId::of_payload(&payload)), (200, Some(id)));
        assert_eq!(RecordId::of_payload(&payload[..196]), None);
        let other = RecordId { index: 57, ..id }.payload();
        let mixed = format!("{}{}", &payload[..100], &other[100..]);
        assert_eq!(RecordId::of_payload(&mixed), None);
    }
}
