//! Durable append-only logs.
//!
//! A [`LogStore`] holds many logs; a [`Log`] is an ordered sequence of records, each with an [`Offset`], an arrival time
//! and two opaque byte strings. Nothing here knows what a stream or a shard is: the layer above names its logs, decides
//! what the bytes mean and derives sequence numbers from offsets.
//!
//! The traits in [`log`] are the seam: they mention no file and no path, so a replicated engine can stand behind them.

pub mod log;

pub use log::{
    Appended, Batch, Bounds, Entry, Error, Log, LogId, LogStore, Offset, Page, ReadLimit, Record, Result, Trim,
};
