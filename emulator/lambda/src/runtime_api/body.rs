//! Bodies of runtimes that are read whole.
//!
//! A runtime writes all of a body before it listens, so one that is too large is read to its end and forgotten; it takes no
//! longer than the function has. What is kept never exceeds the limit by more than one piece.

use std::pin::pin;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;

/// Why there is no whole body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It has more bytes than may be.
    TooLarge,
    /// It ended before its end.
    Broken,
}

/// All of `body`, which may have `limit` bytes.
pub(super) async fn whole<B: Body<Data = Bytes>>(body: B, limit: usize) -> Result<Bytes, Unread> {
    let mut body = pin!(body);
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        if whole.is_empty() && piece.len() <= limit && body.is_end_stream() {
            return Ok(piece);
        }
        if whole.len() <= limit {
            whole.extend_from_slice(&piece);
        }
    }
    if whole.len() > limit { Err(Unread::TooLarge) } else { Ok(whole.freeze()) }
}
