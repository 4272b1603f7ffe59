//! What a process finds that comes after one that closed its logs, or was killed, or lost its power.

use std::sync::atomic::Ordering;

use env::Random;
use futures_util::future::FutureExt;

use super::*;
use crate::DamageKind;
use crate::log::{Error, Trim};

#[tokio::test]
async fn a_closed_log_goes_on_without_a_gap() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 1 << 20);
    let log = store.create(&id()).await.unwrap();
    for secs in 0..10 {
        append(&*log, secs, &[b"a", b"b"]).await.unwrap();
    }
    log.trim(Trim::Before(Offset(5))).await.unwrap();
    let bounds = log.bounds();
    store.close().await.unwrap();
    // A power cut may follow: everything is on stable storage.
    let fs = fs.after_power_cut(&Random::seeded(1));
    let store = open(&fs, LAZY, 1 << 20);
    assert_eq!(store.list().await.unwrap(), [id()]);
    let log = store.open(&id()).await.unwrap();
    assert_eq!(log.bounds(), bounds);
    assert_eq!(offsets(&*log).await, (5..20).collect::<Vec<_>>());
    assert_eq!(append(&*log, 0, &[b"c"]).await.unwrap(), Appended { first: Offset(20), arrival: at(9) });
    assert_eq!(store.damage(), []);
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 300);
    let log = store.create(&id()).await.unwrap();
    for secs in 0..30 {
        append(&*log, secs, &[b"payload", b""]).await.unwrap();
    }
    log.trim(Trim::Before(Offset(7))).await.unwrap();
    log.seal().await.unwrap();
    let before = all(&*log).await;
    assert_eq!(before.len(), 53);
    let fs = fs.after_kill();
    let store = open(&fs, LAZY, 300);
    let log = store.open(&id()).await.unwrap();
    assert_eq!(all(&*log).await, before);
    assert_eq!(log.bounds().first, Offset(7));
    assert!(log.bounds().next >= Offset(60));
    assert!(matches!(append(&*log, 0, &[b"x"]).await, Err(Error::Sealed(_))));
    assert_eq!(store.damage(), []);
}

#[tokio::test]
async fn an_unused_log_begins_at_zero_whatever_happened() {
    let fs = Arc::new(Faulty::default());
    open(&fs, LAZY, 1 << 20).create(&id()).await.unwrap();
    let fs = fs.after_power_cut(&Random::seeded(1)).after_kill();
    let log = open(&fs, LAZY, 1 << 20).open(&id()).await.unwrap();
    assert_eq!(append(&*log, 1, &[b"a"]).await.unwrap().first, Offset(0));
}

#[tokio::test]
async fn a_log_that_was_being_made_is_there_or_not() {
    // The first log of a store syncs the version and the way to the logs too.
    for (syncs, seed) in (0..7).flat_map(|syncs| (0..20).map(move |seed| (syncs, seed))) {
        let fs = Arc::new(Faulty::default());
        let store = open(&fs, LAZY, 1 << 20);
        fs.faults().fail_after(syncs);
        let made = store.create(&id()).await;
        assert_eq!(made.is_ok(), syncs == 6, "{made:?}");
        if made.is_err() {
            assert!(matches!(store.open(&id()).await, Err(Error::NotFound(_))));
        }
        let store = open(&fs.after_power_cut(&Random::seeded(seed)), LAZY, 1 << 20);
        let log = match store.open(&id()).await {
            Err(Error::NotFound(_)) => store.create(&id()).await,
            opened => opened,
        };
        assert_eq!(append(&*log.unwrap(), 1, &[b"a"]).await.unwrap().first, Offset(0));
    }
}

#[tokio::test]
async fn opening_a_store_syncs_nothing() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 1 << 20);
    assert_eq!(fs.faults().synced.load(Ordering::Relaxed), 0);
    store.create(&id()).await.unwrap();
    let first = fs.faults().synced.load(Ordering::Relaxed);
    store.create(&LogId::new("other").unwrap()).await.unwrap();
    assert_eq!((first, fs.faults().synced.load(Ordering::Relaxed)), (6, 9));
    drop(store);
    let fs = fs.after_power_cut(&Random::seeded(1));
    let store = open(&fs, LAZY, 1 << 20);
    assert_eq!((store.list().await.unwrap().len(), fs.faults().synced.load(Ordering::Relaxed)), (2, 0));
}

#[tokio::test]
async fn who_gives_up_making_a_log_leaves_nothing() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 1 << 20);
    let mut making = {
        let _gate = fs.faults().gate.lock().unwrap();
        let mut making = store.create(&id());
        assert!((&mut making).now_or_never().is_none());
        assert!(matches!(store.create(&id()).now_or_never(), Some(Err(Error::AlreadyExists(_)))));
        assert!(matches!(store.open(&id()).now_or_never(), Some(Err(Error::NotFound(_)))));
        assert_eq!(store.list().now_or_never().unwrap().unwrap(), []);
        // Removing comes after it, so whoever makes it must not have it.
        store.remove(&id()).now_or_never().unwrap().unwrap();
        making
    };
    assert!(matches!((&mut making).await, Err(Error::NotFound(_))));
    assert_eq!(logs(&fs), Vec::<String>::new());
    drop(store.create(&id()));
    let making = {
        let _gate = fs.faults().gate.lock().unwrap();
        let mut making = store.create(&id());
        assert!((&mut making).now_or_never().is_none());
        making
    };
    drop(making);
    assert_eq!(logs(&fs), Vec::<String>::new());
    store.create(&id()).await.unwrap();
    assert_eq!(logs(&fs), ["log"]);
}

/// What is in the directory of the logs.
fn logs(fs: &Faulty) -> Vec<String> {
    crate::fs::FileSystem::names(fs, Path::new("/store/logs")).unwrap()
}

#[tokio::test]
async fn a_removed_log_stays_away() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 1 << 20);
    let log = store.create(&id()).await.unwrap();
    append(&*log, 1, &[b"a"]).await.unwrap();
    store.remove(&id()).await.unwrap();
    let store = open(&fs.after_power_cut(&Random::seeded(1)), LAZY, 1 << 20);
    assert_eq!(store.list().await.unwrap(), []);
    assert!(matches!(store.open(&id()).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_segment_that_lost_its_head_is_mended() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, Durability::Always, 300);
    let log = store.create(&id()).await.unwrap();
    for secs in 0..10 {
        append(&*log, secs, &[&[7; 100]]).await.unwrap();
    }
    let fs = fs.after_kill();
    let newest = segments(&fs).pop().unwrap();
    fs.edit(&newest, |content| content[..128].fill(0));
    let store = open(&fs, LAZY, 300);
    let log = store.open(&id()).await.unwrap();
    assert_eq!(offsets(&*log).await, (0..10).collect::<Vec<_>>());
    assert_eq!(store.damage().iter().map(|damage| damage.kind).collect::<Vec<_>>(), [DamageKind::Header]);
    // All of it lost: the log goes on beyond what may have been in it.
    fs.edit(&newest, Vec::clear);
    let fs = fs.after_kill();
    let log = open(&fs, LAZY, 300).open(&id()).await.unwrap();
    assert!(log.bounds().next >= Offset(10));
    let next = append(&*log, 99, &[b"a"]).await.unwrap().first;
    assert!(offsets(&*log).await.ends_with(&[next.0]));
}

#[tokio::test]
async fn another_version_is_refused_by_name() {
    let fs = Arc::new(Faulty::default());
    drop(open(&fs, LAZY, 1 << 20));
    fs.edit(Path::new("/store/format"), |content| *content = b"millrace shard-log 2\n".to_vec());
    let config = Config { directory: "/store".into(), durability: LAZY, segment_bytes: 1 };
    let error = Store::open_in(fs as _, config, &Env::manual(at(0), 1)).unwrap_err().to_string();
    assert_eq!(error, "/store/format holds \"millrace shard-log 2\" where this program knows \"millrace shard-log 1\"");
}
