//! CBOR (RFC 8949) as the Java SDKs speak it to AWS: bytes are byte strings, times are tag 1 with milliseconds.
//!
//! Left to others: what a value must be (`check`). Invariants: nothing is set aside because a length is claimed, only
//! because bytes are there; nesting and the number of values have a limit; no input is a panic.

mod head;
mod read;
mod write;

pub(crate) use head::{Head, head, is_break, take};
pub(crate) use read::members;
pub(crate) use write::to_vec;
pub(crate) use write::{EPOCH_MILLIS, NULL};

#[cfg(test)]
mod tests;
