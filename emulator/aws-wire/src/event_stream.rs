//! Frames of `application/vnd.amazon.eventstream`, the form of a streamed answer.
//!
//! ```text
//! u32 total length | u32 headers length | u32 CRC of those 8 bytes | headers | payload | u32 CRC of all before
//! header: u8 name length | name | u8 type (7 = text) | u16 value length | value
//! ```
//! Everything is big-endian; the CRC is the common CRC-32.

use bytes::{BufMut, Bytes, BytesMut};
use crc_fast::{CrcAlgorithm, checksum};
use futures_util::stream::{self, StreamExt as _};
use http::StatusCode;
use serde::Serialize;

use crate::action::Events;
use crate::{AwsError, Body, Format, Reply};

/// The media type of a stream of frames.
pub const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// The header type of a text value.
const TEXT: u8 = 7;
const PRELUDE: usize = 12;
const TRAILER: usize = 4;

/// An answer of events. Clients of these protocols wait for a first frame that stands for the answer without them.
pub(crate) fn reply<T, E>(format: Format, event_type: &'static str, events: Events<T, E>) -> Reply
where
    T: Serialize + 'static,
    E: Into<AwsError> + 'static,
{
    let opening = stream::once(async move { event(format, "initial-response", &serde_json::Map::new()) });
    let events = events.map(move |outcome| match outcome {
        Ok(payload) => event(format, event_type, &payload),
        Err(error) => exception(format, &error.into()),
    });
    let frames = Body::Stream(opening.chain(events).boxed());
    crate::reply::reply(StatusCode::OK, CONTENT_TYPE, frames)
}

fn event<T: Serialize>(format: Format, event_type: &str, payload: &T) -> Bytes {
    match format.encode(payload) {
        Ok(payload) => Message::event(event_type, format.content_type(), payload).encode(),
        Err(error) => exception(format, &error),
    }
}

fn exception(format: Format, error: &AwsError) -> Bytes {
    let payload = format.encode(&error.document()).unwrap_or_default();
    Message::exception(&error.code, format.content_type(), payload).encode()
}

/// A frame being put together.
#[derive(Clone, Default, Debug)]
pub struct Message {
    headers: BytesMut,
    payload: Bytes,
}

impl Message {
    /// A frame without headers and payload.
    pub fn new() -> Self {
        Self::default()
    }

    /// An event of the given type with a payload of the given media type.
    pub fn event(event_type: &str, content_type: &str, payload: impl Into<Bytes>) -> Self {
        Self::new()
            .header(":message-type", "event")
            .header(":event-type", event_type)
            .header(":content-type", content_type)
            .payload(payload)
    }

    /// A modelled failure, after which the stream ends.
    pub fn exception(code: &str, content_type: &str, payload: impl Into<Bytes>) -> Self {
        Self::new()
            .header(":message-type", "exception")
            .header(":exception-type", code)
            .header(":content-type", content_type)
            .payload(payload)
    }

    /// Adds a text header. Names are ours and short; a value past 65,535 bytes is cut.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let name_length = u8::try_from(name.len()).expect("header names are shorter than 256 bytes");
        let value = &value.as_bytes()[..value.len().min(usize::from(u16::MAX))];
        self.headers.put_u8(name_length);
        self.headers.put_slice(name.as_bytes());
        self.headers.put_u8(TEXT);
        self.headers.put_u16(u16::try_from(value.len()).expect("cut above"));
        self.headers.put_slice(value);
        self
    }

    /// Sets the payload.
    #[must_use]
    pub fn payload(mut self, payload: impl Into<Bytes>) -> Self {
        self.payload = payload.into();
        self
    }

    /// The bytes of the frame.
    pub fn encode(&self) -> Bytes {
        let total = PRELUDE + self.headers.len() + self.payload.len() + TRAILER;
        let mut frame = BytesMut::with_capacity(total);
        frame.put_u32(u32::try_from(total).expect("payloads are far below 4 GiB"));
        frame.put_u32(u32::try_from(self.headers.len()).expect("headers are far below 4 GiB"));
        frame.put_u32(crc32(&frame));
        frame.put_slice(&self.headers);
        frame.put_slice(&self.payload);
        frame.put_u32(crc32(&frame));
        frame.freeze()
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    u32::try_from(checksum(CrcAlgorithm::Crc32IsoHdlc, bytes)).expect("a CRC-32 has 32 bits")
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// An empty frame is the shortest there is; its bytes are known from the format's description.
    #[test]
    fn the_empty_frame() {
        let frame = Message::new().encode();
        assert_eq!(frame[..], [0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff]);
    }

    proptest! {
        /// As a client reads it: both checksums, then the headers one by one to their end, then the payload.
        #[test]
        fn a_frame_of_anything_reads_back(value in "\\PC{0,40}", many in 0_usize..4000, payload in vec(any::<u8>(), 0..300)) {
            let value = value.repeat(many);
            let frame = Message::new().header("a", &value).header(":bcd", "").payload(payload.clone()).encode();
            let word = |at: usize| u32::from_be_bytes(frame[at..at + 4].try_into().unwrap());
            prop_assert_eq!((word(0) as usize, word(8)), (frame.len(), crc32(&frame[..8])));
            prop_assert_eq!(word(frame.len() - 4), crc32(&frame[..frame.len() - 4]));
            let (headers, rest) = frame[12..frame.len() - 4].split_at(word(4) as usize);
            prop_assert_eq!(rest, payload);
            let kept = value.len().min(65_535);
            prop_assert_eq!(&headers[..5], [&b"\x01a\x07"[..], &u16::try_from(kept).unwrap().to_be_bytes()].concat());
            prop_assert_eq!(&headers[5..5 + kept], &value.as_bytes()[..kept]);
            prop_assert_eq!(&headers[5 + kept..], b"\x04:bcd\x07\0\0");
        }
    }

    #[test]
    fn lengths_cover_headers_and_payload() {
        let frame = Message::event("initial-response", "application/json", "{}").encode();
        assert_eq!(u32::from_be_bytes(frame[..4].try_into().unwrap()) as usize, frame.len());
        let headers = u32::from_be_bytes(frame[4..8].try_into().unwrap()) as usize;
        assert_eq!(&frame[12 + headers..frame.len() - 4], b"{}");
        assert_eq!(&frame[12..26], b"\x0d:message-type");
    }
}
