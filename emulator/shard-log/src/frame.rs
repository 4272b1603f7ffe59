//! Frames: what a segment is made of. A frame holds one batch of records, how the log stands, or a wrapped data key.
//!
//! It knows bytes only; where frames lie in a segment is the business of [`walk`](crate::walk). Invariant: a frame that
//! decodes is one that this log wrote at this very position, for the checksum covers the log's salt and the position.

mod sealed;

use std::ops::Range;

use bytes::Bytes;
use env::Timestamp;

pub(crate) use sealed::{Home, SEAL, Seal, Sealed, WrappedKey, encode_key, encode_sealed, key_length};

use crate::format::{FRAME_HEAD, FRAME_MAGIC, FRAME_MAGIC_AT, FRAME_MAX, Fields, TRAILER, TRAILER_MAGIC, checksum};
use crate::index::Mark;
use crate::log::{Entry, Offset};
use crate::records::{self, Records, TABLE_ROW};
use crate::standing::Standing;

const RECORDS: u8 = 1;
const STATE: u8 = 2;
const KEY: u8 = 3;
/// Flag of a frame of records whose body is sealed.
const ENCRYPTED: u8 = 1;

/// Bytes of the body of a state frame before its marks.
const STATE_FIXED: usize = 32;
/// Bytes of a mark in a state frame.
const MARK: usize = 24;

/// The bytes of a frame around `entries`.
pub(crate) fn length_of(entries: &[Entry<'_>]) -> u64 {
    let records: u64 = entries.iter().map(|entry| (TABLE_ROW + entry.key.len() + entry.payload.len()) as u64).sum();
    FRAME_HEAD as u64 + records
}

/// The part of a frame that has the same place in all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Head {
    kind: u8,
    flags: u8,
    length: u32,
    position: u64,
    first: Offset,
    arrival: Timestamp,
    count: u32,
    /// Where in the segment the frame with the key of a sealed body begins, 0 if the body is not sealed.
    key: u32,
}

impl Head {
    /// Leaves room for the checksum, which [`finish`] fills in.
    fn encode(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(&[0; 4]);
        into.extend_from_slice(&FRAME_MAGIC);
        into.extend_from_slice(&self.length.to_le_bytes());
        into.extend_from_slice(&[self.kind, self.flags, 0, 0]);
        into.extend_from_slice(&self.position.to_le_bytes());
        into.extend_from_slice(&self.first.0.to_le_bytes());
        into.extend_from_slice(&self.arrival.as_millis().to_le_bytes());
        into.extend_from_slice(&self.count.to_le_bytes());
        into.extend_from_slice(&self.key.to_le_bytes());
    }

    /// From the first bytes of what should be the frame at `position`.
    fn decode(bytes: &[u8], position: u64) -> Option<Self> {
        let mut fields = Fields(bytes.get(FRAME_MAGIC_AT..)?);
        if fields.u32()?.to_le_bytes() != FRAME_MAGIC {
            return None;
        }
        let length = fields.u32()?;
        let kind = fields.u8()?;
        let flags = fields.u8()?;
        fields.u16()?;
        let stored = fields.u64()?;
        let first = Offset(fields.u64()?);
        let arrival = Timestamp::from_millis(fields.u64()?);
        let count = fields.u32()?;
        let key = fields.u32()?;
        let known_flags = flags == 0 || (kind, flags) == (RECORDS, ENCRYPTED);
        let plausible = stored == position && known_flags && (FRAME_HEAD as u64..=FRAME_MAX).contains(&length.into());
        plausible.then_some(Self { kind, flags, length, position, first, arrival, count, key })
    }
}

/// The length of the frame at `position`, as its first bytes have it; `None` if they begin no frame.
pub(crate) fn peek_length(bytes: &[u8], position: u64) -> Option<u64> {
    Head::decode(bytes, position).map(|head| head.length.into())
}

/// A frame read back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Frame {
    /// A batch.
    Records(Records),
    /// A batch that is sealed.
    Sealed(Sealed),
    /// How the log stood.
    State(State),
    /// The key of sealed batches that follow.
    Key(WrappedKey),
}

/// Where the records of a frame stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    /// The offset of the first record.
    pub(crate) first: Offset,
    /// The offset after the last one.
    pub(crate) end: Offset,
    /// When they arrived.
    pub(crate) arrival: Timestamp,
}

impl Frame {
    /// From the first offset that it can be about to the one after the last; both the same if it holds no records.
    pub(crate) fn offsets(&self) -> Range<Offset> {
        match self {
            Self::Records(records) => records.first()..records.end(),
            Self::Sealed(sealed) => sealed.first..sealed.end(),
            Self::Key(key) => key.next..key.next,
            Self::State(state) => state.standing.next..state.standing.next,
        }
    }

    /// Where its records stand, sealed or not; `None` if it is not there for records.
    pub(crate) fn span(&self) -> Option<Span> {
        match self {
            Self::Records(records) => {
                Some(Span { first: records.first(), end: records.end(), arrival: records.arrival() })
            }
            Self::Sealed(sealed) => Some(Span { first: sealed.first, end: sealed.end(), arrival: sealed.arrival }),
            Self::State(_) | Self::Key(_) => None,
        }
    }
}

/// A frame that says how the log stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct State {
    /// How the log stood when it was written.
    pub(crate) standing: Standing,
    /// Where the state frame before it in this segment begins, 0 if there is none.
    pub(crate) previous: u64,
    /// The segment's index between that frame and this one.
    pub(crate) marks: Vec<Mark>,
}

/// Appends the frame of a batch, which will lie at `position`, to `into`. `entries` fit in a frame.
pub(crate) fn encode_records(
    into: &mut Vec<u8>,
    salt: u64,
    position: u64,
    first: Offset,
    arrival: Timestamp,
    entries: &[Entry<'_>],
) {
    let start = into.len();
    let length = u32::try_from(length_of(entries)).expect("the caller checked that the batch fits in a frame");
    let count = u32::try_from(entries.len()).expect("each record takes bytes, and their sum fits in 32 bits");
    into.reserve(length as usize);
    Head { kind: RECORDS, flags: 0, length, position, first, arrival, count, key: 0 }.encode(into);
    encode_body(into, entries);
    finish(&mut into[start..], salt);
}

/// Appends the table and the content of a batch.
fn encode_body(into: &mut Vec<u8>, entries: &[Entry<'_>]) {
    records::encode_table(into, entries);
    records::encode_content(into, entries);
}

/// Appends a state frame, which will lie at `position`, to `into`.
pub(crate) fn encode_state(into: &mut Vec<u8>, salt: u64, position: u64, state: &State) {
    let start = into.len();
    let length = FRAME_HEAD + STATE_FIXED + state.marks.len() * MARK + TRAILER;
    let length = u32::try_from(length).expect("a segment has too few marks for this to overflow");
    let count = u32::try_from(state.marks.len()).expect("a segment has too few marks for this to overflow");
    let standing = &state.standing;
    let (first, arrival) = (standing.next, standing.stored_arrival());
    Head { kind: STATE, flags: 0, length, position, first, arrival, count, key: 0 }.encode(into);
    into.extend_from_slice(&standing.flags().to_le_bytes());
    into.extend_from_slice(&[0; 4]);
    into.extend_from_slice(&standing.trim.0.to_le_bytes());
    into.extend_from_slice(&standing.reserved.0.to_le_bytes());
    into.extend_from_slice(&state.previous.to_le_bytes());
    for mark in &state.marks {
        into.extend_from_slice(&mark.offset.0.to_le_bytes());
        into.extend_from_slice(&mark.arrival.as_millis().to_le_bytes());
        into.extend_from_slice(&mark.position.to_le_bytes());
    }
    into.extend_from_slice(&length.to_le_bytes());
    into.extend_from_slice(&TRAILER_MAGIC);
    finish(&mut into[start..], salt);
}

fn finish(frame: &mut [u8], salt: u64) {
    let (sum, rest) = frame.split_at_mut(FRAME_MAGIC_AT);
    sum.copy_from_slice(&checksum(salt, rest).to_le_bytes());
}

/// Reads the frame of `position` from its bytes, exactly; `None` if anything about it is wrong.
pub(crate) fn decode(bytes: &Bytes, salt: u64, position: u64) -> Option<Frame> {
    let head = Head::decode(bytes, position)?;
    let (stored, rest) = bytes.split_first_chunk()?;
    if u64::from(head.length) != bytes.len() as u64 || checksum(salt, rest) != u32::from_le_bytes(*stored) {
        return None;
    }
    let body = bytes.slice(FRAME_HEAD..);
    match head.kind {
        RECORDS if head.flags & ENCRYPTED != 0 => Sealed::decode(&head, bytes).map(Frame::Sealed),
        RECORDS => Records::of_body(head.first, head.arrival, head.count, &body).map(Frame::Records),
        STATE => decode_state(&head, &body).map(Frame::State),
        KEY => Some(Frame::Key(WrappedKey { next: head.first, wrapped: body })),
        _ => None,
    }
}

fn decode_state(head: &Head, body: &[u8]) -> Option<State> {
    let mut fields = Fields(body);
    let flags = fields.u32()?;
    fields.u32()?;
    let (trim, reserved, previous) = (Offset(fields.u64()?), Offset(fields.u64()?), fields.u64()?);
    let mark = |_| {
        let (offset, arrival) = (Offset(fields.u64()?), Timestamp::from_millis(fields.u64()?));
        Some(Mark { offset, arrival, position: fields.u64()? })
    };
    let marks = (0..head.count).map(mark).collect::<Option<_>>()?;
    let standing = Standing::of(flags, head.first, head.arrival, trim, reserved);
    Some(State { standing, previous, marks })
}

/// The length of the state frame that ends with `bytes`, as its trailer has it; `None` if they end none.
pub(crate) fn trailing_state_length(bytes: &[u8]) -> Option<u64> {
    let mut trailer = Fields(bytes.last_chunk::<TRAILER>()?);
    let length = trailer.u32()?;
    (trailer.u32()?.to_le_bytes() == TRAILER_MAGIC).then_some(length.into())
}

/// Gives `frame` the checksum that it should have.
#[cfg(any(fuzzing, test))]
pub(crate) fn mend(frame: &mut [u8], salt: u64) {
    finish(frame, salt);
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn encoded(position: u64, entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let entries: Vec<_> = entries.iter().map(|(key, payload)| Entry { key, payload }).collect();
        let mut bytes = Vec::new();
        encode_records(&mut bytes, 7, position, Offset(40), Timestamp::from_secs(9), &entries);
        assert_eq!(bytes.len() as u64, length_of(&entries));
        bytes
    }

    fn sample() -> Bytes {
        encoded(128, &[(b"a".to_vec(), b"first".to_vec()), (Vec::new(), Vec::new())]).into()
    }

    proptest! {
        #[test]
        fn records_come_back_as_they_went(entries in vec((vec(any::<u8>(), 0..20), vec(any::<u8>(), 0..200)), 1..20)) {
            let bytes = Bytes::from(encoded(128, &entries));
            prop_assert_eq!(peek_length(&bytes, 128), Some(bytes.len() as u64));
            let Some(Frame::Records(records)) = decode(&bytes, 7, 128) else { panic!("no frame of records") };
            prop_assert_eq!(records.end(), Offset(40 + entries.len() as u64));
            let back: Vec<_> = records.iter().map(|record| (record.key.to_vec(), record.payload.to_vec())).collect();
            prop_assert_eq!(back, entries);
        }

        #[test]
        fn arbitrary_bytes_never_panic(mut bytes in vec(any::<u8>(), 0..300), magic: bool) {
            if magic && bytes.len() >= 24 {
                bytes[4..8].copy_from_slice(&FRAME_MAGIC);
                bytes[16..24].copy_from_slice(&128_u64.to_le_bytes());
            }
            let _ = peek_length(&bytes, 128);
            let _ = trailing_state_length(&bytes);
            // A right checksum over wrong content must not get further either.
            if bytes.len() >= FRAME_HEAD {
                let length = u32::try_from(bytes.len()).unwrap();
                bytes[8..12].copy_from_slice(&length.to_le_bytes());
                bytes[12] = bytes[12] % 2 + 1;
                bytes[13] = 0;
                finish(&mut bytes, 7);
            }
            if let Some(Frame::Records(records)) = decode(&bytes.into(), 7, 128) {
                let _ = records.iter().count();
            }
        }
    }

    #[test]
    fn state_comes_back_as_it_went() {
        let standing = Standing {
            next: Offset(5),
            trim: Offset(2),
            reserved: Offset(100),
            last_arrival: None,
            sealed: true,
            closed: true,
        };
        let mark = |n| Mark { offset: Offset(n), arrival: Timestamp::from_secs(n), position: n * 64 };
        let state = State { standing, previous: 77, marks: (1..5).map(mark).collect() };
        let mut bytes = Vec::new();
        encode_state(&mut bytes, 7, 4096, &state);
        assert_eq!(trailing_state_length(&bytes), Some(bytes.len() as u64));
        assert_eq!(decode(&bytes.into(), 7, 4096), Some(Frame::State(state)));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let whole = sample();
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&flipped.into(), 7, 128), None, "bit {bit}");
        }
    }

    #[test]
    fn a_frame_holds_only_in_its_place_and_its_log() {
        let whole = sample();
        assert!(decode(&whole, 7, 128).is_some());
        assert_eq!(decode(&whole, 8, 128), None);
        assert_eq!(decode(&whole, 7, 129), None);
        assert_eq!(decode(&whole.slice(..whole.len() - 1), 7, 128), None);
    }
}
