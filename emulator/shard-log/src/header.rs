//! The head of a segment: the version, the log's salt, and how the log stood when the segment was begun.
//!
//! It is written twice in a row, so that no single flipped bit takes a segment with it. It leaves frames to
//! [`frame`](crate::frame); the invariant is that the standing of a segment includes that of all segments before it.

use env::Timestamp;

use crate::format::{Fields, HEADER_COPY, SEGMENT_MAGIC, VERSION, checksum};
use crate::log::Offset;
use crate::standing::Standing;

/// The head of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    /// The same for all segments of a log; goes into every checksum.
    pub(crate) salt: u64,
    /// How the log stood when the segment was begun. `next` is the first offset that it can hold.
    pub(crate) standing: Standing,
}

/// Why a header cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unusable {
    /// Both copies are damaged.
    Garbled,
    /// It was written by another version.
    Version(u16),
}

impl Header {
    /// Both copies.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut copy = Vec::with_capacity(2 * HEADER_COPY);
        copy.extend_from_slice(&SEGMENT_MAGIC);
        copy.extend_from_slice(&VERSION.to_le_bytes());
        copy.extend_from_slice(&[0; 2]);
        copy.extend_from_slice(&self.standing.flags().to_le_bytes());
        copy.extend_from_slice(&self.salt.to_le_bytes());
        copy.extend_from_slice(&self.standing.next.0.to_le_bytes());
        copy.extend_from_slice(&self.standing.trim.0.to_le_bytes());
        copy.extend_from_slice(&self.standing.reserved.0.to_le_bytes());
        copy.extend_from_slice(&self.standing.stored_arrival().as_millis().to_le_bytes());
        copy.extend_from_slice(&[0; 4]);
        copy.extend_from_slice(&checksum(0, &copy).to_le_bytes());
        debug_assert_eq!(copy.len(), HEADER_COPY);
        copy.extend_from_within(..);
        copy
    }

    /// From the first bytes of a segment: the first copy that is whole.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Unusable> {
        let mut reason = Unusable::Garbled;
        for copy in bytes.chunks(HEADER_COPY).take(2) {
            match Self::decode_copy(copy) {
                Ok(header) => return Ok(header),
                Err(Unusable::Garbled) => {}
                Err(version) => reason = version,
            }
        }
        Err(reason)
    }

    fn decode_copy(copy: &[u8]) -> Result<Self, Unusable> {
        let Some((content, stored)) = copy.split_last_chunk() else { return Err(Unusable::Garbled) };
        if checksum(0, content) != u32::from_le_bytes(*stored) {
            return Err(Unusable::Garbled);
        }
        let mut fields = Fields(content);
        Self::parse(&mut fields).ok_or(Unusable::Garbled)?
    }

    /// The version is looked at before anything whose meaning could depend on it; the magic, the version and the checksum
    /// of a 64-byte copy stay where they are in every version.
    fn parse(fields: &mut Fields<'_>) -> Option<Result<Self, Unusable>> {
        if fields.u64()? != u64::from_le_bytes(SEGMENT_MAGIC) {
            return None;
        }
        let version = fields.u16()?;
        if version != VERSION {
            return Some(Err(Unusable::Version(version)));
        }
        fields.u16()?;
        let flags = fields.u32()?;
        let salt = fields.u64()?;
        let (next, trim, reserved) = (Offset(fields.u64()?), Offset(fields.u64()?), Offset(fields.u64()?));
        let arrival = Timestamp::from_millis(fields.u64()?);
        Some(Ok(Self { salt, standing: Standing::of(flags, next, arrival, trim, reserved) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            salt: 0x0123_4567_89ab_cdef,
            standing: Standing {
                next: Offset(500),
                trim: Offset(17),
                reserved: Offset(1 << 20),
                last_arrival: Some(Timestamp::from_secs(1_700_000_000)),
                sealed: true,
                closed: false,
            },
        }
    }

    #[test]
    fn any_one_flipped_bit_is_harmless() {
        let bytes = header().encode();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::decode(&flipped), Ok(header()), "bit {bit}");
        }
    }

    #[test]
    fn cut_and_foreign_headers_are_refused() {
        let bytes = header().encode();
        assert_eq!(Header::decode(&bytes[..HEADER_COPY]), Ok(header()));
        assert_eq!(Header::decode(&bytes[..HEADER_COPY - 1]), Err(Unusable::Garbled));
        assert_eq!(Header::decode(&[]), Err(Unusable::Garbled));
        assert_eq!(Header::decode(&[0; 128]), Err(Unusable::Garbled));
    }

    #[test]
    fn another_version_is_named() {
        let mut copy = header().encode();
        copy.truncate(HEADER_COPY);
        copy[8] = 9;
        let content = HEADER_COPY - 4;
        let sum = checksum(0, &copy[..content]).to_le_bytes();
        copy[content..].copy_from_slice(&sum);
        assert_eq!(Header::decode(&copy), Err(Unusable::Version(9)));
    }
}
