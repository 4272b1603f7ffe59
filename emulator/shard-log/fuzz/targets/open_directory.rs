//! A log whose files hold any bytes: it is opened or refused; what was opened can be searched, read and appended to.
//!
//! The input is cut into files: two bytes of length, the file, and so on. The first byte says which of a log's files, left by
//! a real engine, each one is written over.
#![no_main]

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use env::{Env, Timestamp};
use futures_executor::block_on;
use libfuzzer_sys::fuzz_target;
use shard_log::{Batch, Config, Entry, LogId, LogStore as _, Offset, ReadLimit, Store};
use tempfile::TempDir;

const PAYLOADS: u64 = 25;

fuzz_target!(|input: &[u8]| {
    let directory = TempDir::new().expect("there is room for a directory");
    lay(directory.path());
    garble(&directory.path().join("logs/log"), input);
    let Ok(store) = open(directory.path()) else { return };
    let Ok(log) = block_on(store.open(&id())) else { return };
    for seconds in [0, 7, 30] {
        block_on(log.seek(Timestamp::from_secs(seconds))).expect("a log that was opened can be searched");
    }
    let page = block_on(log.read(Offset::ZERO, ReadLimit::new(usize::MAX, usize::MAX)));
    let page = page.expect("a log that was opened can be read");
    assert!(page.records().is_sorted_by_key(|record| record.offset), "offsets rise");
    let new = [Entry { key: b"", payload: b"new" }];
    let batch = Batch { arrival: Timestamp::from_secs(99), at_least: Offset::ZERO, entries: &new };
    if let Ok(appended) = block_on(log.append(batch)) {
        let page = block_on(log.read(appended.first, ReadLimit::new(1, 1))).expect("what was appended can be read");
        assert_eq!(page.records().next().expect("it was appended").payload, "new");
    }
});

fn id() -> LogId {
    LogId::new("log").expect("a name")
}

fn open(directory: &Path) -> Result<Store, shard_log::OpenError> {
    let config = Config { segment_bytes: 1200, ..Config::new(directory) };
    Store::open(config, &Env::manual(Timestamp::from_secs(0), 1))
}

/// The files that an engine leaves, made once.
fn template() -> &'static [(String, Vec<u8>)] {
    static FILES: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let directory = TempDir::new().expect("there is room for a directory");
        let store = open(directory.path()).expect("an empty directory is opened");
        let log = block_on(store.create(&id())).expect("a log is made");
        for seconds in 0..PAYLOADS {
            let payload = seconds.to_le_bytes().repeat(1 + seconds as usize);
            let entries = [Entry { key: b"key", payload: &payload }];
            let batch = Batch { arrival: Timestamp::from_secs(seconds), at_least: Offset::ZERO, entries: &entries };
            block_on(log.append(batch)).expect("there is room");
        }
        drop((log, store));
        let mut files: Vec<_> = fs::read_dir(directory.path().join("logs/log"))
            .expect("the log has a directory")
            .map(|entry| entry.expect("it can be listed"))
            .map(|entry| (entry.file_name().into_string().expect("ASCII"), fs::read(entry.path()).expect("a file")))
            .collect();
        files.sort();
        files
    })
}

fn lay(directory: &Path) {
    let log = directory.join("logs/log");
    fs::create_dir_all(&log).expect("there is room");
    for (name, content) in template() {
        fs::write(log.join(name), content).expect("there is room");
    }
    fs::write(directory.join("format"), "millrace shard-log 1\n").expect("there is room");
}

fn garble(log: &Path, mut input: &[u8]) {
    while let [which, at, low, high, rest @ ..] = input {
        let (name, content) = &template()[usize::from(*which) % template().len()];
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let mut garbled = content.clone();
        let start = garbled.len() * usize::from(*at) / 256;
        let (new, after) = rest.split_at(length);
        let end = (start + length).min(garbled.len());
        garbled.splice(start..end, new.iter().copied());
        fs::write(log.join(name), garbled).expect("there is room");
        input = after;
    }
}
