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
//! | `catalog`, `lifecycle`, `retention`, `scaling` | which streams there are; what falls due; what is past its time; who grows |
//! | `write`, `read`, `subscription` | the ways of records: in, out, pushed |
//! | `reshard`, `throttle`, `on_demand` | pure machines: splits and merges, throughput, growing with the traffic |
//! | `encryption`, `keys` | data keys of streams; what is asked of a key service |
//! | `iterator`, `page_token`, `seal` | tokens that clients hold |
//! | `account` | what an account settled for all its streams |
//! | `placement`, `new_records` | which shard takes a record; the records of a request, as the log takes them |
//! | `stored_record` | the stored form of a record |
//! | `tags`, `policy` | what resources carry |
//! | `call_rate` | how often an action may be called |
//! | `error`, `shape`, `output`, `digits` | AWS's words, constraints and spellings |
//! | `reader` | records for event source mappings, without HTTP |

mod account;
mod action;
mod call_rate;
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
mod on_demand;
mod output;
mod page_token;
mod placement;
mod policy;
mod read;
mod reader;
mod record_text;
mod reshard;
mod retention;
mod scaling;
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

pub use config::{Config, LimitScale};
pub use encryption::StreamKeyring;
pub use error::{Error, Result, StreamLabel};
pub use keys::{GeneratedKey, KeyError, KeyErrorKind, Keys};
pub use read::{StartingPosition, StoredRecord};
pub use reader::{Reader, ShardPosition, ShardRecords, Source, SourceShard};
pub use sequence::SequenceNumber;
pub use service::Kinesis;
pub use shard::ShardIndex;
