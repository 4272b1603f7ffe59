//! Many logs: what they cost while nobody uses them, and that as many can be written to and closed at a time.

use std::sync::Arc;

use env::{Env, Timestamp};
use futures_util::future::join_all;
use shard_log::{Batch, Config, Entry, Log, LogId, LogStore, Offset, ReadLimit, Store};
use tempfile::TempDir;

fn open(root: &TempDir) -> Store {
    Store::open(Config::new(root.path()), &Env::system()).unwrap()
}

fn ids(count: usize) -> Vec<LogId> {
    (0..count).map(|number| LogId::new(format!("log-{number}")).unwrap()).collect()
}

async fn append(log: &Arc<dyn Log>) {
    let entries = [Entry { key: b"key", payload: &[7; 200] }];
    let batch = Batch { arrival: Timestamp::from_secs(1), at_least: Offset::ZERO, entries: &entries };
    log.append(batch).await.unwrap();
}

#[cfg(target_os = "linux")]
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

#[cfg(target_os = "linux")]
fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Ten thousand logs, every one made, opened, read and left alone.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn idle_logs_hold_neither_memory_nor_files() {
    let root = TempDir::new().unwrap();
    let ids = ids(10_000);
    let (memory, files) = (resident_mib(), open_files());
    {
        let store = open(&root);
        for some in ids.chunks(1000) {
            make(&store, some).await;
        }
    }
    let store = open(&root);
    let mut logs = Vec::new();
    for id in &ids {
        let log = store.open(id).await.unwrap();
        assert!(log.read(Offset::ZERO, ReadLimit::new(1, 1)).await.unwrap().batches.is_empty());
        logs.push(log);
    }
    store.sync().await.unwrap();
    // Other tests of this process run beside it and have files and memory of their own.
    assert!(open_files() <= files + 600, "{} files after {files}", open_files());
    assert!(resident_mib() <= memory + 100, "{} MiB after {memory} MiB", resident_mib());
}

/// Two thousand logs made, written to and closed, all at the same time.
#[tokio::test]
async fn many_dirty_logs_are_all_acknowledged_and_closed() {
    let root = TempDir::new().unwrap();
    let ids = ids(500);
    {
        let store = open(&root);
        let logs = make(&store, &ids).await;
        for _ in 0..2 {
            join_all(logs.iter().map(append)).await;
        }
        store.close().await.unwrap();
    }
    let store = open(&root);
    for id in &ids {
        // A log that was not closed would have kept offsets reserved.
        assert_eq!(store.open(id).await.unwrap().bounds().next, Offset(2), "{id}");
    }
    assert_eq!(store.damage(), []);
}

async fn make(store: &Store, ids: &[LogId]) -> Vec<Arc<dyn Log>> {
    let made = join_all(ids.iter().map(|id| store.create(id))).await;
    made.into_iter().map(Result::unwrap).collect()
}
