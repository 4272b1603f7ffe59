//! Event source mappings: they read a stream's shards and feed a function with batches, in order.
//!
//! In reading order:
//! - [`record`], [`settings`], [`outcome`], [`source`]: the words, and the seam to whoever has the streams;
//! - [`checkpoint`], [`ledger`]: how far a shard is worked off, and what may not be passed;
//! - [`batch`], [`lane`], [`machine`]: the pure state machine of a shard, with [`answer`], [`retry`] and [`filter`] for
//!   its rules, and [`event`], the document that the function receives;
//! - [`worker`]: the thin task around the machine; [`poller`]: the workers of one mapping and its states;
//!   [`pollers`]: all of them; [`site`], what they share;
//! - [`definition`], [`progress`], [`catalog`], [`millis`]: mappings as they are kept; [`error`], [`report`], [`view`]: what is said of
//!   them;
//! - [`request`], [`shape`]: what is asked for; [`mappings`]: everything together.
//!
//! Positions, not indexes, say where a mapping is; they mean the same after a restart, after retention has passed over
//! them and after the stream was resharded.

mod answer;
mod batch;
mod catalog;
mod checkpoint;
mod definition;
mod error;
mod event;
mod filter;
mod lane;
mod ledger;
mod machine;
mod mappings;
mod millis;
mod outcome;
mod poller;
mod pollers;
mod progress;
mod record;
mod report;
mod request;
mod retry;
mod settings;
mod shape;
mod site;
mod source;
mod view;
mod worker;

#[cfg(test)]
mod bench;
#[cfg(test)]
mod tests;

pub use checkpoint::Position;
pub use error::Error;
pub use machine::ReadLimit;
pub use record::{Record, SequenceNumber};
pub use source::{Page, RecordSource, Shard, SourceError, StartingPosition, Stream};
