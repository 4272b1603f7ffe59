//! Kinesis Data Streams: streams, shards, records and consumers, as AWS runs them.
//!
//! One file per API action in `action`; what two actions share is in the module of its noun. Records lie in logs
//! (shard-log), everything else in tables (state-store). What is *not* here: HTTP, who may call what, keys (asked for
//! through [`Keys`]), and Lambda, which reads through [`Reader`].
//!
//! | module | holds |
//! | --- | --- |
//! | `service` | the service itself: opening it, serving a call |
//! | `action` | one file per API action, and their registry |
//! | `stream`, `shard`, `consumer` | the nouns |
//! | `hash_key`, `sequence`, `name` | what shards divide, how records are numbered, what things are called |
//! | `catalog`, `lifecycle`, `retention` | which streams there are; what falls due; what is past its time |
//! | `write`, `read`, `subscription` | the ways of records: in, out, pushed |
//! | `reshard`, `throttle` | pure machines: splits and merges, throughput |
//! | `encryption`, `keys` | data keys of streams; what is asked of a key service |
//! | `iterator`, `page_token`, `seal` | tokens that clients hold |
//! | `new_records` | the records of a request, as the log takes them |
//! | `stored_record` | the stored form of a record |
//! | `tags`, `policy` | what resources carry |
//! | `error`, `shape`, `output`, `digits` | AWS's words, constraints and spellings |
//! | `reader` | records for event source mappings, without HTTP |

mod action;
mod catalog;
mod config;
mod consumer;
mod digits;
mod encryption;
mod error;
mod hash_key;
mod iterator;
mod keys;
mod lifecycle;
mod name;
mod new_records;
mod output;
mod page_token;
mod policy;
mod read;
mod reader;
mod reshard;
mod retention;
mod seal;
mod sequence;
mod service;
mod shape;
mod shard;
mod stored_record;
mod stream;
mod subscription;
mod tags;
#[cfg(test)]
mod test;
mod throttle;
mod write;

pub use config::Config;
pub use encryption::StreamKeyring;
pub use error::{Error, Result, StreamLabel};
pub use keys::{GeneratedKey, KeyError, KeyErrorKind, Keys};
pub use read::{StartingPosition, StoredRecord};
pub use reader::{Reader, ShardPosition, ShardRecords, Source, SourceShard};
pub use sequence::SequenceNumber;
pub use service::Kinesis;
pub use shard::ShardIndex;
