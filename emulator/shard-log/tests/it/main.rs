//! The engine from outside, through the seam: the contract that every engine keeps, and a naive model to compare with.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod concurrency;
mod contract;
mod embedded;
mod many;
mod reference;
