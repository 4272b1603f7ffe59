//! The engine on a file system that forgets and fails: torn tails, flipped bits, full disks, failed syncs, crashes.
//!
//! Here is what the cases share: a store on such a file system, and short ways to append and read.

mod damage;
mod faults;
mod garbled;
mod golden;
mod model;
mod restart;
mod sealing;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use env::{Env, Timestamp};

use crate::fs::faulty::Faulty;
use crate::log::{Appended, Batch, Entry, Log, LogId, LogStore, Offset, ReadLimit, Record, Result};
use crate::sync::Durability;
use crate::{Config, DataKey, Keyring, Locked, OpeningKey, Store};

const ALL: ReadLimit = ReadLimit::new(usize::MAX, usize::MAX);
/// Syncs come when a test asks for them, or an append has to wait for one.
const LAZY: Durability = Durability::Interval(Duration::from_secs(3600));

/// Unwraps a key whose wrapped form is its secret.
#[derive(Debug)]
struct Ring;

impl Keyring for Ring {
    fn unwrap(&self, wrapped: &Bytes) -> Result<OpeningKey, Locked> {
        Ok(OpeningKey::new(wrapped[..].try_into().unwrap()))
    }
}

fn key(secret: u8) -> DataKey {
    DataKey::new(&[secret; 32], Bytes::copy_from_slice(&[secret; 32]))
}

fn open(fs: &Arc<Faulty>, durability: Durability, segment_bytes: u64) -> Store {
    open_without_keyring(fs, durability, segment_bytes).with_keyring(Arc::new(Ring))
}

fn open_without_keyring(fs: &Arc<Faulty>, durability: Durability, segment_bytes: u64) -> Store {
    let config = Config { directory: "/store".into(), durability, segment_bytes };
    Store::open_in(Arc::clone(fs) as _, config, &Env::manual(at(0), 1)).unwrap()
}

fn id() -> LogId {
    LogId::new("log").unwrap()
}

fn at(secs: u64) -> Timestamp {
    Timestamp::from_secs(secs)
}

/// The files of the log's segments, oldest first.
fn segments(fs: &Faulty) -> Vec<PathBuf> {
    let directory = Path::new("/store/logs/log");
    crate::fs::FileSystem::names(fs, directory).unwrap().into_iter().map(|name| directory.join(name)).collect()
}

async fn append(log: &dyn Log, secs: u64, payloads: &[&[u8]]) -> Result<Appended> {
    let entries: Vec<_> = payloads.iter().map(|payload| Entry { key: b"key", payload }).collect();
    log.append(Batch { arrival: at(secs), at_least: Offset::ZERO, entries: &entries }).await
}

async fn all(log: &dyn Log) -> Vec<Record> {
    log.read(Offset::ZERO, ALL).await.unwrap().records().collect()
}

async fn offsets(log: &dyn Log) -> Vec<u64> {
    all(log).await.into_iter().map(|record| record.offset.0).collect()
}
