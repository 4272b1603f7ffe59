//! A buffer per thread to put a frame together in, so that appending allocates nothing.
//!
//! Invariant: what a thread keeps is bounded, however large a batch once was.

use std::cell::Cell;

/// Larger buffers are given back.
const KEPT: usize = 1 << 20;

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Lends the thread's buffer, empty.
pub(crate) fn with<T>(act: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    // Taken out meanwhile, so that a call within a call would get a buffer of its own.
    let mut buffer = BUFFER.take();
    buffer.clear();
    let outcome = act(&mut buffer);
    if buffer.capacity() <= KEPT {
        BUFFER.set(buffer);
    }
    outcome
}
