//! Many at once: writers, a follower of the tail and a trimmer on one log, on several threads.

use std::sync::Arc;

use env::{Env, Timestamp};
use shard_log::{Batch, Config, Durability, Entry, Log, LogId, LogStore, Offset, ReadLimit, Store, Trim};
use tempfile::TempDir;

const WRITERS: u64 = 4;
const BATCHES: u64 = 200;
const PER_BATCH: u64 = 3;
const ALL: u64 = WRITERS * BATCHES * PER_BATCH;

/// Appends batches whose records say who wrote them and as which.
async fn write(log: Arc<dyn Log>, writer: u64) {
    for batch in 0..BATCHES {
        let numbers: Vec<_> = (0..PER_BATCH).map(|n| (batch * PER_BATCH + n).to_le_bytes()).collect();
        let key = writer.to_le_bytes();
        let entries: Vec<_> = numbers.iter().map(|number| Entry { key: &key, payload: number }).collect();
        let arrival = Timestamp::from_millis(batch);
        log.append(Batch { arrival, at_least: Offset::ZERO, entries: &entries }).await.unwrap();
    }
}

/// Reads everything once, woken by the tail, and trims what it has read.
async fn follow(log: Arc<dyn Log>) {
    let mut tail = log.tail();
    let mut seen = [0; WRITERS as usize];
    let mut next = Offset::ZERO;
    while next < Offset(ALL) {
        let page = log.read(next, ReadLimit::new(50, 1 << 20)).await.unwrap();
        for record in page.records() {
            assert_eq!(record.offset, next, "no record is skipped or seen twice");
            next = next.next();
            let [writer, number] =
                [&record.key, &record.payload].map(|bytes| u64::from_le_bytes(bytes[..].try_into().unwrap()));
            let expected = &mut seen[usize::try_from(writer).unwrap()];
            assert_eq!(number, *expected, "each writer's records keep their order");
            *expected += 1;
        }
        assert_eq!(page.next, next);
        log.trim(Trim::Before(next)).await.unwrap();
        if page.batches.is_empty() {
            tail.wait_for(|tail| *tail > next).await.unwrap();
        }
    }
}

async fn check(durability: Durability) {
    let root = TempDir::new().unwrap();
    let config = Config { directory: root.path().to_owned(), durability, segment_bytes: 2000 };
    let store = Store::open(config, &Env::system()).unwrap();
    let log = store.create(&LogId::new("log").unwrap()).await.unwrap();
    let mut tasks: Vec<_> = (0..WRITERS).map(|writer| tokio::spawn(write(Arc::clone(&log), writer))).collect();
    tasks.push(tokio::spawn(follow(Arc::clone(&log))));
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(log.bounds().first, Offset(ALL));
    assert_eq!(store.damage(), []);
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_follower_sees_every_record_once_and_in_order() {
    check(Durability::DEFAULT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_follower_of_synced_records_too() {
    check(Durability::Always).await;
}
