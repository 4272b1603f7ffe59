//! The contract suite: what every engine behind the seam must do. Each case gets an empty store.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use env::Timestamp;
use futures_util::future::{BoxFuture, FutureExt, poll_immediate};
use shard_log::{
    Appended, Batch, DataKey, Entry, Error, Keyring, Locked, Log, LogId, LogStore, Offset, OpeningKey, ReadLimit,
    Result, Trim,
};

/// Everything.
pub(crate) const ALL: ReadLimit = ReadLimit::new(usize::MAX, usize::MAX);

/// Runs every case on a store of its own.
pub(crate) async fn check<S: LogStore, F: Future<Output = S>>(store: impl Fn() -> F) {
    let cases: [(&str, Case); 16] = [
        ("appends are read back in order", |store| in_order(store).boxed()),
        ("pages keep their limits", |store| limits(store).boxed()),
        ("offsets can be asked for", |store| asked_offsets(store).boxed()),
        ("arrivals never fall", |store| arrivals(store).boxed()),
        ("reading outside gives the nearest", |store| outside(store).boxed()),
        ("seeking finds the first at a time", |store| seeks(store).boxed()),
        ("trimmed records stay away", |store| trims(store).boxed()),
        ("trimming everything keeps offsets and times", |store| trims_all(store).boxed()),
        ("trimming by time", |store| trims_by_time(store).boxed()),
        ("a sealed log is read and trimmed only", |store| seals(store).boxed()),
        ("sealed batches are read like others", |store| seals_batches(store).boxed()),
        ("a key that is not unwrapped stops readers before it", |store| locks(store).boxed()),
        ("a record is sealed in the batch that says so", |store| mixes(store).boxed()),
        ("an append wakes who waits at the tail", |store| wakes(store).boxed()),
        ("logs are made, found, listed and removed", |store| names(store).boxed()),
        ("concurrent appends keep the order of their first poll", |store| concurrent(store).boxed()),
    ];
    for (name, case) in cases {
        println!("contract: {name}");
        case(&store().await).await;
    }
}

/// Unwraps every key of [`key`] but those that are lost.
#[derive(Debug)]
struct Ring;

/// The keyring of the stores that are checked.
pub(crate) fn keyring() -> Arc<dyn Keyring> {
    Arc::new(Ring)
}

impl Keyring for Ring {
    fn unwrap(&self, wrapped: &Bytes) -> Result<OpeningKey, Locked> {
        let secret: Option<&[u8; 32]> = wrapped[..].try_into().ok();
        secret.map(OpeningKey::new).ok_or_else(|| Locked(Arc::new(std::io::Error::other("lost"))))
    }
}

/// A key whose wrapped form is its secret.
fn key(secret: u8) -> DataKey {
    DataKey::new(&[secret; 32], Bytes::copy_from_slice(&[secret; 32]))
}

/// A key that nobody will unwrap.
fn lost_key() -> DataKey {
    DataKey::new(&[9; 32], Bytes::from_static(b"lost"))
}

type Case = for<'a> fn(&'a dyn LogStore) -> BoxFuture<'a, ()>;

fn id(name: &str) -> LogId {
    LogId::new(name).unwrap()
}

fn at(secs: u64) -> Timestamp {
    Timestamp::from_secs(secs)
}

async fn log(store: &dyn LogStore) -> Arc<dyn Log> {
    store.create(&id("log")).await.unwrap()
}

/// Appends one record per payload, keyed by its length.
pub(crate) async fn append(log: &dyn Log, arrival: Timestamp, at_least: u64, payloads: &[&str]) -> Result<Appended> {
    let keys: Vec<_> = payloads.iter().map(|payload| payload.len().to_string()).collect();
    let entries: Vec<_> = keys
        .iter()
        .zip(payloads)
        .map(|(key, payload)| Entry { key: key.as_bytes(), payload: payload.as_bytes() })
        .collect();
    log.append(Batch { arrival, at_least: Offset(at_least), entries: &entries }).await
}

/// What a read gives: offset, arrival in seconds and payload of each record, and where to go on.
async fn read(log: &dyn Log, from: u64, limit: ReadLimit) -> (Vec<(u64, u64, String)>, u64) {
    let page = log.read(Offset(from), limit).await.unwrap();
    let records = page.records().map(|record| {
        let payload = String::from_utf8(record.payload.to_vec()).unwrap();
        assert_eq!(record.key, payload.len().to_string());
        (record.offset.0, record.arrival.as_secs(), payload)
    });
    (records.collect(), page.next.0)
}

async fn offsets(log: &dyn Log) -> Vec<u64> {
    read(log, 0, ALL).await.0.into_iter().map(|(offset, _, _)| offset).collect()
}

async fn in_order(store: &dyn LogStore) {
    let log = log(store).await;
    assert_eq!(read(&*log, 0, ALL).await, (vec![], 0));
    assert_eq!(append(&*log, at(5), 0, &["a", ""]).await.unwrap(), Appended { first: Offset(0), arrival: at(5) });
    assert_eq!(append(&*log, at(6), 0, &["ccc"]).await.unwrap(), Appended { first: Offset(2), arrival: at(6) });
    let all = vec![(0, 5, "a".to_owned()), (1, 5, String::new()), (2, 6, "ccc".to_owned())];
    assert_eq!(read(&*log, 0, ALL).await, (all.clone(), 3));
    assert_eq!(read(&*log, 1, ALL).await, (all[1..].to_vec(), 3));
    let bounds = log.bounds();
    assert_eq!(
        (bounds.first, bounds.next, bounds.last_arrival, bounds.sealed),
        (Offset(0), Offset(3), Some(at(6)), false)
    );
}

async fn limits(store: &dyn LogStore) {
    let log = log(store).await;
    append(&*log, at(1), 0, &["12345678", "12345678", "12345678"]).await.unwrap();
    append(&*log, at(1), 0, &["12345678"]).await.unwrap();
    // Each record counts its key of one byte and its payload of eight.
    for (records, bytes, expected) in
        [(2, 1000, 2), (4, 1000, 4), (9, 18, 2), (9, 26, 2), (9, 27, 3), (9, 1, 1), (9, 0, 1), (0, 9, 1)]
    {
        let (page, next) = read(&*log, 0, ReadLimit::new(records, bytes)).await;
        assert_eq!((page.len(), next), (expected, expected as u64), "{records} records, {bytes} bytes");
    }
    for (bytes, uncounted, expected) in [(23, 1, 2), (24, 1, 3), (24, 9, 3), (32, 9, 4)] {
        let limit = ReadLimit { uncounted, ..ReadLimit::new(9, bytes) };
        assert_eq!(read(&*log, 0, limit).await.0.len(), expected, "{bytes} bytes without {uncounted} of each key");
    }
}

async fn asked_offsets(store: &dyn LogStore) {
    let log = log(store).await;
    assert_eq!(append(&*log, at(1), 7, &["a", "b"]).await.unwrap().first, Offset(7));
    assert_eq!(append(&*log, at(1), 3, &["c"]).await.unwrap().first, Offset(9));
    assert_eq!(append(&*log, at(1), 1 << 40, &["d"]).await.unwrap().first, Offset(1 << 40));
    assert_eq!(append(&*log, at(1), 0, &["e"]).await.unwrap().first, Offset((1 << 40) + 1));
    assert_eq!(offsets(&*log).await, [7, 8, 9, 1 << 40, (1 << 40) + 1]);
    let beyond = append(&*log, at(1), u64::MAX, &["f"]).await;
    assert!(matches!(beyond, Err(Error::Refused { .. })), "{beyond:?}");
    assert_eq!(append(&*log, at(1), 0, &["g"]).await.unwrap().first, Offset((1 << 40) + 2));
}

async fn arrivals(store: &dyn LogStore) {
    let log = log(store).await;
    append(&*log, at(10), 0, &["a"]).await.unwrap();
    assert_eq!(append(&*log, at(4), 0, &["b"]).await.unwrap().arrival, at(10));
    assert_eq!(append(&*log, at(11), 0, &["c"]).await.unwrap().arrival, at(11));
    let arrivals: Vec<_> = read(&*log, 0, ALL).await.0.into_iter().map(|(_, arrival, _)| arrival).collect();
    assert_eq!(arrivals, [10, 10, 11]);
}

async fn outside(store: &dyn LogStore) {
    let log = log(store).await;
    append(&*log, at(1), 5, &["a"]).await.unwrap();
    append(&*log, at(1), 10, &["b"]).await.unwrap();
    assert_eq!(read(&*log, 6, ALL).await, (vec![(10, 1, "b".to_owned())], 11));
    assert_eq!(read(&*log, 11, ALL).await, (vec![], 11));
    assert_eq!(read(&*log, 500, ALL).await, (vec![], 500));
}

async fn seeks(store: &dyn LogStore) {
    let log = log(store).await;
    assert_eq!(log.seek(at(0)).await.unwrap(), Offset(0));
    append(&*log, at(10), 0, &["a", "b"]).await.unwrap();
    append(&*log, at(10), 0, &["c"]).await.unwrap();
    append(&*log, at(20), 8, &["d", "e"]).await.unwrap();
    for (secs, offset) in [(0, 0), (9, 0), (10, 0), (11, 8), (20, 8), (21, 10)] {
        assert_eq!(log.seek(at(secs)).await.unwrap(), Offset(offset), "{secs}");
    }
    log.trim(Trim::Before(Offset(1))).await.unwrap();
    assert_eq!(log.seek(at(0)).await.unwrap(), Offset(1));
}

async fn trims(store: &dyn LogStore) {
    let log = log(store).await;
    append(&*log, at(1), 0, &["a", "b", "c"]).await.unwrap();
    log.trim(Trim::Before(Offset(2))).await.unwrap();
    assert_eq!(log.bounds().first, Offset(2));
    assert_eq!(offsets(&*log).await, [2]);
    // Never backwards, never beyond the tail.
    log.trim(Trim::Before(Offset(1))).await.unwrap();
    assert_eq!(offsets(&*log).await, [2]);
    log.trim(Trim::Before(Offset(99))).await.unwrap();
    assert_eq!((log.bounds().first, log.bounds().next), (Offset(3), Offset(3)));
}

async fn trims_all(store: &dyn LogStore) {
    let log = log(store).await;
    append(&*log, at(9), 0, &["a", "b"]).await.unwrap();
    log.trim(Trim::Before(Offset(2))).await.unwrap();
    assert_eq!(read(&*log, 0, ALL).await, (vec![], 2));
    assert_eq!(log.bounds().last_arrival, Some(at(9)));
    assert_eq!(append(&*log, at(3), 0, &["c"]).await.unwrap(), Appended { first: Offset(2), arrival: at(9) });
    assert_eq!(offsets(&*log).await, [2]);
}

async fn trims_by_time(store: &dyn LogStore) {
    let log = log(store).await;
    log.trim(Trim::Older(at(5))).await.unwrap();
    append(&*log, at(10), 0, &["a", "b"]).await.unwrap();
    append(&*log, at(20), 0, &["c"]).await.unwrap();
    for (secs, left) in [(5, vec![0, 1, 2]), (10, vec![0, 1, 2]), (11, vec![2]), (20, vec![2]), (21, vec![])] {
        log.trim(Trim::Older(at(secs))).await.unwrap();
        assert_eq!(offsets(&*log).await, left, "{secs}");
    }
    append(&*log, at(30), 0, &["d"]).await.unwrap();
    log.trim(Trim::Older(at(25))).await.unwrap();
    assert_eq!(offsets(&*log).await, [3]);
}

async fn seals(store: &dyn LogStore) {
    let log = log(store).await;
    append(&*log, at(1), 0, &["a", "b"]).await.unwrap();
    let sealed = log.seal().await.unwrap();
    assert!(sealed.sealed);
    assert_eq!(sealed.next, Offset(2));
    assert_eq!(log.seal().await.unwrap(), sealed);
    assert!(matches!(append(&*log, at(2), 0, &["c"]).await, Err(Error::Sealed(_))));
    log.trim(Trim::Before(Offset(1))).await.unwrap();
    assert_eq!(offsets(&*log).await, [1]);
}

async fn append_sealed(log: &dyn Log, arrival: u64, payload: &str, key: &DataKey) -> Appended {
    let name = payload.len().to_string();
    let entries = [Entry { key: name.as_bytes(), payload: payload.as_bytes() }];
    let batch = Batch { arrival: at(arrival), at_least: Offset::ZERO, entries: &entries };
    log.append_sealed(batch, key).await.unwrap()
}

async fn seals_batches(store: &dyn LogStore) {
    let log = log(store).await;
    let (first, second) = (key(1), key(2));
    append(&*log, at(1), 0, &["plain"]).await.unwrap();
    for (secs, payload, key) in [(2, "a", &first), (3, "b", &first), (4, "c", &second), (5, "d", &first)] {
        append_sealed(&*log, secs, payload, key).await;
    }
    append(&*log, at(6), 0, &["plain again"]).await.unwrap();
    let payloads =
        |records: Vec<(u64, u64, String)>| records.into_iter().map(|(.., payload)| payload).collect::<Vec<_>>();
    assert_eq!(payloads(read(&*log, 0, ALL).await.0), ["plain", "a", "b", "c", "d", "plain again"]);
    assert_eq!(payloads(read(&*log, 3, ReadLimit::new(2, 99)).await.0), ["c", "d"]);
    assert_eq!(log.seek(at(4)).await.unwrap(), Offset(3));
    log.trim(Trim::Before(Offset(2))).await.unwrap();
    assert_eq!(offsets(&*log).await, [2, 3, 4, 5]);
    assert_eq!(log.bounds().last_arrival, Some(at(6)));
}

async fn locks(store: &dyn LogStore) {
    let log = log(store).await;
    append(&*log, at(1), 0, &["a"]).await.unwrap();
    append_sealed(&*log, 2, "b", &lost_key()).await;
    append(&*log, at(3), 0, &["c"]).await.unwrap();
    assert_eq!(read(&*log, 0, ALL).await, (vec![(0, 1, "a".to_owned())], 1));
    let locked = log.read(Offset(1), ALL).await.unwrap_err();
    assert!(matches!(&locked, Error::Locked { reason, .. } if reason.0.to_string() == "lost"), "{locked}");
    assert_eq!(read(&*log, 2, ALL).await, (vec![(2, 3, "c".to_owned())], 3));
    assert_eq!(log.seek(at(2)).await.unwrap(), Offset(1));
}

async fn mixes(store: &dyn LogStore) {
    let log = log(store).await;
    let (lost, good) = (lost_key(), key(1));
    append_sealed(&*log, 1, "a", &good).await;
    append(&*log, at(1), 0, &["b"]).await.unwrap();
    append_sealed(&*log, 1, "c", &lost).await;
    append_sealed(&*log, 1, "d", &good).await;
    let locked = async |offset| matches!(log.read(Offset(offset), ALL).await, Err(Error::Locked { .. }));
    assert_eq!([locked(0).await, locked(1).await, locked(2).await, locked(3).await], [false, false, true, false]);
}

async fn wakes(store: &dyn LogStore) {
    let log = log(store).await;
    let mut tail = log.tail();
    assert_eq!(*tail.borrow_and_update(), Offset(0));
    assert!(poll_immediate(std::pin::pin!(tail.changed())).await.is_none());
    append(&*log, at(1), 0, &["a", "b"]).await.unwrap();
    tail.changed().await.unwrap();
    assert_eq!(*tail.borrow_and_update(), Offset(2));
    // What wakes does not change the tail: a trim wakes nobody.
    log.trim(Trim::Before(Offset(1))).await.unwrap();
    assert!(poll_immediate(std::pin::pin!(tail.changed())).await.is_none());
}

async fn names(store: &dyn LogStore) {
    let (a, b) = (id("a"), id("B.2_-"));
    assert!(matches!(store.open(&a).await, Err(Error::NotFound(_))));
    assert!(store.list().await.unwrap().is_empty());
    let first = store.create(&a).await.unwrap();
    store.create(&b).await.unwrap();
    assert!(matches!(store.create(&a).await, Err(Error::AlreadyExists(_))));
    assert_eq!(store.list().await.unwrap(), [b.clone(), a.clone()]);
    append(&*first, at(1), 0, &["a"]).await.unwrap();
    assert!(Arc::ptr_eq(&store.open(&a).await.unwrap(), &first));
    store.remove(&a).await.unwrap();
    store.remove(&a).await.unwrap();
    assert_eq!(store.list().await.unwrap(), [b]);
    assert!(matches!(append(&*first, at(1), 0, &["b"]).await, Err(Error::NotFound(_))));
    assert!(matches!(first.read(Offset(0), ALL).await, Err(Error::NotFound(_))));
    let second = store.create(&a).await.unwrap();
    assert_eq!(second.bounds().next, Offset(0));
    assert!(offsets(&*second).await.is_empty());
    store.sync().await.unwrap();
}

async fn concurrent(store: &dyn LogStore) {
    let log = log(store).await;
    let payloads: Vec<_> = (0..50).map(|n| n.to_string()).collect();
    let appends = payloads.iter().map(|payload| append_one(&*log, payload));
    let appended = futures_util::future::join_all(appends).await;
    for (n, first) in appended.into_iter().enumerate() {
        assert_eq!(first, Offset(n as u64));
    }
    let (records, _) = read(&*log, 0, ALL).await;
    assert!(records.iter().map(|(_, _, payload)| payload).eq(&payloads));
}

async fn append_one(log: &dyn Log, payload: &str) -> Offset {
    append(log, at(1), 0, &[payload]).await.unwrap().first
}
