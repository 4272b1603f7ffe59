//! Frames of any bytes, with and without a right checksum: they decode or they do not, and what decodes can be read.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| shard_log::fuzzing::decode_frame(bytes));
