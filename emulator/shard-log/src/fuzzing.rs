//! The door for fuzz targets: what they cannot reach through the seam. Built by cargo-fuzz, and for the tests, so that it
//! goes on building.

use bytes::Bytes;

use crate::format::FRAME_HEAD;
use crate::frame::{self, Frame};

const SALT: u64 = 7;
const POSITION: u64 = 128;

/// Decodes a frame of any bytes, then the same with the checksum, length and position that it should have.
pub fn decode_frame(bytes: &[u8]) {
    read(bytes);
    if bytes.len() >= FRAME_HEAD {
        let mut frame = bytes.to_vec();
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        frame[4..8].copy_from_slice(&crate::format::FRAME_MAGIC);
        frame[8..12].copy_from_slice(&length.to_le_bytes());
        frame[16..24].copy_from_slice(&POSITION.to_le_bytes());
        frame::mend(&mut frame, SALT);
        read(&frame);
    }
}

fn read(bytes: &[u8]) {
    frame::peek_length(bytes, POSITION);
    frame::trailing_state_length(bytes);
    if let Some(Frame::Records(records)) = frame::decode(&Bytes::copy_from_slice(bytes), SALT, POSITION) {
        assert_eq!(records.iter().count() as u64, records.end().0 - records.first().0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_can_be_decoded(bytes in vec(any::<u8>(), 0..200)) {
            super::decode_frame(&bytes);
        }
    }
}
