//! Durable append-only logs.
//!
//! A [`LogStore`] holds many logs; a [`Log`] is an ordered sequence of records, each with an [`Offset`], an arrival time
//! and two opaque byte strings. Nothing here knows what a stream or a shard is: the layer above names its logs, decides
//! what the bytes mean and derives sequence numbers from offsets.
//!
//! The traits in [`log`] are the seam: they mention no file and no path, so a replicated engine can stand behind them.
//! [`Store`] is the embedded engine. From the bottom up, each layer in terms of those before it:
//!
//! - `fs` the file system, as a trait; `format` the numbers of `docs/disk-format.md`
//! - `records` in memory; `standing`, `header`, `frame`, `index`: what a segment is made of, bytes in and bytes out
//! - `walk` over frames and damage; `segment` one file, with `cache` and `damage` around it
//! - `sealing` the keys that frames are sealed with; `opener` how a reader comes to them
//! - `writer` the end of a log, `scratch` what it builds frames in; `unsynced`, `sync` and `crew` how they get onto stable
//!   storage
//! - `view` what readers see; `segment_log` a log, with `reader`, `trim` and `recovery`
//! - `directory`, `newborn` and `store`: many logs, one process

pub mod log;

mod cache;
mod crew;
mod damage;
mod directory;
mod format;
mod frame;
mod fs;
mod header;
mod index;
mod newborn;
mod opener;
mod reader;
mod records;
mod recovery;
mod scratch;
mod sealing;
mod segment;
mod segment_log;
mod standing;
mod store;
mod sync;
mod trim;
mod unsynced;
mod view;
mod walk;
mod writer;

#[cfg(any(fuzzing, test))]
pub mod fuzzing;
#[cfg(test)]
mod tests;

pub use damage::{Damage, DamageKind};
pub use log::{
    Appended, Batch, Bounds, Entry, Error, Log, LogId, LogStore, Offset, Page, ReadLimit, Record, Result, Trim,
};
pub use records::{RecordRef, Records};
pub use sealing::{DataKey, KeyUse, Keyring, Locked, OpeningKey, SECRET};
pub use store::{Config, OpenError, Store};
pub use sync::Durability;
