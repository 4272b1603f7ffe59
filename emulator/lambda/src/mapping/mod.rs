//! Event source mappings: they read a stream's shards and feed a function with batches, in order.
//!
//! In reading order:
//! - `record`, `settings`, `outcome`, `source`: the words, and the seam to whoever has the streams;
//! - `checkpoint`, `ledger`: how far a shard is worked off, and what may not be passed;
//! - `batch`, `lane`, `machine`: the pure state machine of a shard, with `answer`, `retry`, `window` and
//!   `filter` for its rules, and `event`, the document that the function receives;
//! - `worker`: the thin task around the machine; `parting` and `letter`: telling the failure destination what is given up;
//!   `poller`: the workers of one mapping and its states;
//!   `pollers`: all of them; `site`, what they share;
//! - `definition`, `encryption`, `progress`, `catalog`: mappings as they are kept; `error`, `report`, `view`: what is said of
//!   them;
//! - `request`, `shape`: what is asked for; `mappings`: everything together.
//!
//! Positions, not indexes, say where a mapping is; they mean the same after a restart, after retention has passed over
//! them and after the stream was resharded.

mod answer;
mod batch;
mod catalog;
mod checkpoint;
pub(crate) mod definition;
mod encryption;
mod error;
mod event;
mod filter;
mod lane;
mod ledger;
mod letter;
mod machine;
pub(crate) mod mappings;
mod outcome;
mod parting;
mod poller;
mod pollers;
mod progress;
mod record;
pub(crate) mod report;
pub(crate) mod request;
mod retry;
pub(crate) mod settings;
pub(crate) mod shape;
mod site;
pub(crate) mod source;
pub(crate) mod view;
mod window;
mod worker;

#[cfg(test)]
pub(crate) mod bench;
#[cfg(test)]
pub(crate) mod front;
#[cfg(test)]
mod parting_tests;
#[cfg(test)]
mod tests;

pub(crate) use mappings::{Feeding, Mappings};
pub(crate) use site::Functions;

pub use checkpoint::Position;
pub use error::Error;
pub use machine::ReadRequest;
pub use record::{Record, SequenceNumber};
pub use source::{Page, RecordSource, Shard, ShardAddress, SourceError, StartingPosition, Stream};
