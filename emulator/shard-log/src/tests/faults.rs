//! A disk that is full, or whose syncs fail.

use std::sync::atomic::Ordering;

use futures_util::future::{FutureExt, join_all};

use super::*;
use crate::log::{Error, Trim};

#[tokio::test]
async fn a_full_disk_refuses_and_takes_again() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 1 << 20);
    let log = store.create(&id()).await.unwrap();
    append(&*log, 1, &[b"kept"]).await.unwrap();
    let before = fs.edit(&segments(&fs)[0], |content| content.clone());
    for room in 0..60 {
        fs.faults().set_room(room);
        let refused = append(&*log, 2, &[b"too much"]).await;
        assert!(matches!(refused, Err(Error::Refused { .. })), "{room}: {refused:?}");
        assert_eq!(fs.edit(&segments(&fs)[0], |content| content.clone()), before, "{room}");
    }
    assert_eq!(log.bounds().last_arrival, Some(at(1)));
    fs.faults().set_room(u64::MAX);
    assert_eq!(append(&*log, 3, &[b"fits"]).await.unwrap().first, Offset(1));
    assert_eq!(offsets(&*log).await, [0, 1]);
}

#[tokio::test]
async fn a_full_disk_can_be_emptied_by_trimming() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 200);
    let log = store.create(&id()).await.unwrap();
    for secs in 0..10 {
        append(&*log, secs, &[&[1; 100]]).await.unwrap();
    }
    let files = segments(&fs).len();
    fs.faults().set_room(0);
    assert!(matches!(log.trim(Trim::Before(Offset(8))).await, Err(Error::Refused { .. })));
    assert!(segments(&fs).len() <= files - 7);
    assert_eq!(offsets(&*log).await, [8, 9]);
    // What could not be written down holds for the next process too, as far as segments are gone.
    let store = open(&fs.after_kill(), LAZY, 200);
    assert_eq!(offsets(&*store.open(&id()).await.unwrap()).await, [8, 9]);
}

#[tokio::test]
async fn a_full_disk_refuses_a_new_segment_too() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 400);
    let log = store.create(&id()).await.unwrap();
    append(&*log, 1, &[&[1; 100]]).await.unwrap();
    for room in 0..300 {
        fs.faults().set_room(room);
        assert!(matches!(append(&*log, 2, &[&[2; 300]]).await, Err(Error::Refused { .. })), "{room}");
        assert_eq!(offsets(&*log).await, [0]);
    }
    fs.faults().set_room(u64::MAX);
    append(&*log, 2, &[&[2; 300]]).await.unwrap();
    assert_eq!(offsets(&*log).await, [0, 1]);
    let store = open(&fs.after_kill(), LAZY, 400);
    assert_eq!(offsets(&*store.open(&id()).await.unwrap()).await, [0, 1]);
    assert_eq!(store.damage(), []);
}

#[tokio::test]
async fn what_cannot_be_taken_back_poisons() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 1 << 20);
    let log = store.create(&id()).await.unwrap();
    append(&*log, 1, &[b"kept"]).await.unwrap();
    fs.faults().set_room(10);
    fs.faults().cuts.store(true, Ordering::Relaxed);
    assert!(matches!(append(&*log, 2, &[b"lost"]).await, Err(Error::Poisoned { .. })));
    fs.faults().set_room(u64::MAX);
    fs.faults().cuts.store(false, Ordering::Relaxed);
    assert!(matches!(append(&*log, 2, &[b"lost"]).await, Err(Error::Poisoned { .. })));
    // Reading goes on; opening it again mends it, with the same store.
    assert_eq!(offsets(&*log).await, [0]);
    let reopened = store.open(&id()).await.unwrap();
    let appended = append(&*reopened, 2, &[b"new"]).await.unwrap().first;
    assert_eq!(offsets(&*reopened).await, [0, appended.0]);
    assert!(matches!(append(&*log, 2, &[b"lost"]).await, Err(Error::Poisoned { .. })));
}

#[tokio::test]
async fn a_failed_sync_poisons_until_reopened() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, Durability::Always, 1 << 20);
    let log = store.create(&id()).await.unwrap();
    append(&*log, 1, &[b"kept"]).await.unwrap();
    fs.faults().fail_after(0);
    assert!(matches!(append(&*log, 2, &[b"unsure"]).await, Err(Error::Poisoned { .. })));
    fs.faults().fail_after(u64::MAX);
    assert!(matches!(append(&*log, 2, &[b"refused"]).await, Err(Error::Poisoned { .. })));
    assert!(matches!(log.trim(Trim::Before(Offset(1))).await, Err(Error::Poisoned { .. })));
    assert!(matches!(store.sync().await, Err(Error::Poisoned { .. })));
    // Nobody has seen what was not acknowledged.
    assert_eq!((offsets(&*log).await, *log.tail().borrow()), (vec![0], Offset(1)));
    let reopened = store.open(&id()).await.unwrap();
    let first = append(&*reopened, 3, &[b"new"]).await.unwrap().first;
    assert!(first >= Offset(2));
    store.sync().await.unwrap();
}

#[tokio::test]
async fn one_sync_serves_all_that_wait() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, Durability::Always, 1 << 20);
    let log = store.create(&id()).await.unwrap();
    append(&*log, 1, &[b"a"]).await.unwrap();
    let mut appends = Box::pin(join_all((0..500).map(|_| append(&*log, 1, &[b"a"]))));
    let before = fs.faults().synced.load(Ordering::Relaxed);
    {
        let _gate = fs.faults().gate.lock().unwrap();
        assert!((&mut appends).now_or_never().is_none());
        assert_eq!(log.bounds().next, Offset(1), "what is not synced is not shown");
    }
    assert!(appends.await.iter().all(Result::is_ok));
    // One round may be under way when the first of them is written; the next one takes all the others.
    let syncs = fs.faults().synced.load(Ordering::Relaxed) - before;
    assert!(syncs <= 2, "{syncs} syncs for 500 appends");
}

#[tokio::test]
async fn handles_outlive_their_store() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, Durability::Always, 1 << 20);
    let log = store.create(&id()).await.unwrap();
    drop(store);
    append(&*log, 1, &[b"a"]).await.unwrap();
    assert_eq!(offsets(&*log).await, [0]);
}
