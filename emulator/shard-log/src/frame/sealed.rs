//! Frames of records that are sealed, and the frames that hold the wrapped keys they are sealed with.
//!
//! A sealed frame is bound to its place: everything in its head, its segment and its log goes into the seal. Invariant: what
//! [`Sealed::open`] returns was sealed by this log, in this segment, at this very position, with these offsets and this
//! arrival.

use bytes::Bytes;
use env::Timestamp;

use super::{ENCRYPTED, Head, KEY, RECORDS, encode_body, finish, length_of};
use crate::format::{FRAME_HEAD, FRAME_MAGIC_AT, Fields};
use crate::log::{Entry, LogId, Offset};
use crate::records::Records;
use crate::sealing::{DataKey, OpeningKey, TAG};

/// Bytes of the nonce as it is stored.
const NONCE: usize = 8;
/// What sealing adds to a frame.
pub(crate) const SEAL: u64 = (NONCE + TAG) as u64;

/// The segment that a frame is bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home<'a> {
    pub(crate) log: &'a LogId,
    pub(crate) salt: u64,
    /// The first offset of the segment.
    pub(crate) segment: Offset,
}

impl Home<'_> {
    /// What a seal is bound to: all but the last part are of fixed length.
    fn place(&self, head: &[u8]) -> Vec<u8> {
        let mut place = Vec::with_capacity(2 * 8 + FRAME_HEAD + self.log.as_str().len());
        place.extend_from_slice(&self.salt.to_le_bytes());
        place.extend_from_slice(&self.segment.0.to_le_bytes());
        place.extend_from_slice(head);
        place.extend_from_slice(self.log.as_str().as_bytes());
        place
    }
}

/// A frame of records that is sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sealed {
    /// The offset of the first record; the others follow without a gap.
    pub(crate) first: Offset,
    /// When they arrived.
    pub(crate) arrival: Timestamp,
    count: u32,
    /// Where in the segment the frame with its key begins.
    pub(crate) key_at: u64,
    nonce: u64,
    /// The head from the magic on, and the content with its tag.
    head: Bytes,
    content: Bytes,
}

impl Sealed {
    pub(super) fn decode(head: &Head, frame: &Bytes) -> Option<Self> {
        let mut body = Fields(&frame[FRAME_HEAD..]);
        let nonce = body.u64()?;
        let sound = head.count > 0
            && head.first.0.checked_add(head.count.into()).is_some()
            && body.0.len() >= TAG
            && u64::from(head.key) < head.position;
        sound.then(|| Self {
            first: head.first,
            arrival: head.arrival,
            count: head.count,
            key_at: head.key.into(),
            nonce,
            head: frame.slice(FRAME_MAGIC_AT..FRAME_HEAD),
            content: frame.slice(FRAME_HEAD + NONCE..),
        })
    }

    /// The offset after the last record.
    pub(crate) fn end(&self) -> Offset {
        Offset(self.first.0.saturating_add(self.count.into()))
    }

    /// The bytes of the frame.
    pub(crate) fn length(&self) -> u64 {
        (FRAME_HEAD + NONCE + self.content.len()) as u64
    }

    /// The records; `None` if it was not sealed with this key in this place.
    pub(crate) fn open(&self, key: &OpeningKey, home: Home<'_>) -> Option<Records> {
        let (content, tag) = self.content.split_last_chunk::<TAG>()?;
        let body = key.open(self.nonce, &home.place(&self.head), content, tag)?;
        Records::of_body(self.first, self.arrival, self.count, &body)
    }
}

/// A frame that holds a wrapped data key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct WrappedKey {
    /// The offset of the next record.
    pub(crate) next: Offset,
    /// The key as whoever wrapped it gave it.
    pub(crate) wrapped: Bytes,
}

/// The bytes of the frame of a wrapped key.
pub(crate) fn key_length(wrapped: &[u8]) -> u64 {
    (FRAME_HEAD + wrapped.len()) as u64
}

/// Appends the frame of a wrapped key, which will lie at `position`, to `into`. The key fits in a frame.
pub(crate) fn encode_key(into: &mut Vec<u8>, salt: u64, position: u64, key: &WrappedKey) {
    let start = into.len();
    let length = u32::try_from(key_length(&key.wrapped)).expect("the caller checked that the key fits in a frame");
    let (first, arrival) = (key.next, Timestamp::EPOCH);
    Head { kind: KEY, flags: 0, length, position, first, arrival, count: 0, key: 0 }.encode(into);
    into.extend_from_slice(&key.wrapped);
    finish(&mut into[start..], salt);
}

/// What to seal a frame with: the key, and where in the segment its frame begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seal<'a> {
    pub(crate) key: &'a DataKey,
    pub(crate) key_at: u32,
    pub(crate) home: Home<'a>,
}

/// Appends the frame of a batch, which will lie at `position`, sealed, to `into`. `entries` fit in a frame.
pub(crate) fn encode_sealed(
    into: &mut Vec<u8>,
    position: u64,
    first: Offset,
    arrival: Timestamp,
    entries: &[Entry<'_>],
    seal: Seal<'_>,
) {
    let Seal { key, key_at, home } = seal;
    let start = into.len();
    let length = u32::try_from(length_of(entries) + SEAL).expect("the caller checked that the batch fits in a frame");
    let count = u32::try_from(entries.len()).expect("each record takes bytes, and their sum fits in 32 bits");
    into.reserve(length as usize);
    Head { kind: RECORDS, flags: ENCRYPTED, length, position, first, arrival, count, key: key_at }.encode(into);
    let place = home.place(&into[start + FRAME_MAGIC_AT..]);
    let nonce = key.next_nonce();
    into.extend_from_slice(&nonce.to_le_bytes());
    let content = into.len();
    encode_body(into, entries);
    let tag = key.seal(nonce, &place, &mut into[content..]);
    into.extend_from_slice(&tag);
    finish(&mut into[start..], home.salt);
}

#[cfg(test)]
mod tests {
    use super::super::{Frame, decode};
    use super::*;

    fn log(name: &str) -> LogId {
        LogId::new(name).unwrap()
    }

    fn sample(home: Home<'_>) -> Bytes {
        let key = DataKey::new(&[7; 32], Bytes::from_static(b"wrapped"));
        let mut bytes = Vec::new();
        let entries = [Entry { key: b"k", payload: b"payload" }, Entry { key: b"", payload: b"" }];
        encode_sealed(
            &mut bytes,
            512,
            Offset(40),
            Timestamp::from_secs(9),
            &entries,
            Seal { key: &key, key_at: 128, home },
        );
        assert_eq!(bytes.len() as u64, length_of(&entries) + SEAL);
        bytes.into()
    }

    fn decoded(bytes: &Bytes) -> Sealed {
        let Some(Frame::Sealed(sealed)) = decode(bytes, 3, 512) else { panic!("not a sealed frame") };
        sealed
    }

    #[test]
    fn round_trip() {
        let log = log("a");
        let home = Home { log: &log, salt: 3, segment: Offset(40) };
        let bytes = sample(home);
        assert!(!bytes.windows(7).any(|window| window == b"payload"));
        let sealed = decoded(&bytes);
        assert_eq!(
            (sealed.first, sealed.end(), sealed.key_at, sealed.length()),
            (Offset(40), Offset(42), 128, bytes.len() as u64)
        );
        let records: Vec<_> = sealed.open(&OpeningKey::new(&[7; 32]), home).unwrap().to_values().collect();
        assert_eq!(
            (&records[0].key[..], &records[0].payload[..], records[1].offset),
            (&b"k"[..], &b"payload"[..], Offset(41))
        );
        let mut bytes = Vec::new();
        let key = WrappedKey { next: Offset(5), wrapped: Bytes::from_static(b"wrapped") };
        encode_key(&mut bytes, 3, 128, &key);
        assert_eq!(decode(&bytes.into(), 3, 128), Some(Frame::Key(key)));
    }

    #[test]
    fn opens_in_its_place_only() {
        let (log, other) = (log("a"), log("b"));
        let home = Home { log: &log, salt: 3, segment: Offset(40) };
        let sealed = decoded(&sample(home));
        let open = |home| sealed.open(&OpeningKey::new(&[7; 32]), home);
        assert!(open(home).is_some());
        assert_eq!(open(Home { log: &other, ..home }), None);
        assert_eq!(open(Home { salt: 4, ..home }), None);
        assert_eq!(open(Home { segment: Offset(0), ..home }), None);
        assert_eq!(sealed.open(&OpeningKey::new(&[8; 32]), home), None);
    }

    #[test]
    fn every_changed_byte_is_noticed_even_with_the_right_checksum() {
        let log = log("a");
        let home = Home { log: &log, salt: 3, segment: Offset(40) };
        let whole = sample(home);
        for at in FRAME_MAGIC_AT..whole.len() {
            let mut forged = whole.to_vec();
            forged[at] ^= 1;
            finish(&mut forged, 3);
            let opened = match decode(&forged.into(), 3, 512) {
                Some(Frame::Sealed(sealed)) => sealed.open(&OpeningKey::new(&[7; 32]), home),
                // Without its flag it would be a frame of records whose lengths do not fit.
                _ => None,
            };
            assert_eq!(opened, None, "byte {at}");
        }
    }
}
