//! Event source mappings: they read a stream's shards and feed a function with batches, in order.
//!
//! In reading order:
//! - [`record`], [`settings`], [`outcome`]: the words;
//! - [`checkpoint`], [`ledger`]: how far a shard is worked off, and what may not be passed;
//! - [`batch`], [`lane`], [`machine`]: the pure state machine, with [`answer`], [`retry`] and [`filter`] for its rules;
//! - [`event`]: the document that the function receives.

mod answer;
mod batch;
mod checkpoint;
mod event;
mod filter;
mod lane;
mod ledger;
mod machine;
mod outcome;
mod record;
mod retry;
mod settings;
