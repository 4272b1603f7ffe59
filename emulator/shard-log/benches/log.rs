//! A log in a real directory: appending a batch, reading a page, opening what a process before left behind.
//!
//! `cargo bench -p shard-log`. The directory is the system's for temporary files, so the figures are those of its disk.

use std::path::Path;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput};
use env::{Env, Timestamp};
use shard_log::{Batch, Config, Entry, Log, LogId, LogStore as _, Offset, ReadLimit, Store};
use tokio::runtime::Runtime;

/// Records of a batch, as large as a bulk write makes them.
const RECORDS: usize = 500;
const PAYLOAD: [u8; 1024] = [7; 1024];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let runtime = Runtime::new().expect("threads can be started");
    append(&mut criterion, &runtime);
    read(&mut criterion, &runtime);
    recover(&mut criterion, &runtime);
    criterion.final_summary();
}

fn open(directory: &Path) -> Store {
    Store::open(Config::new(directory), &Env::system()).expect("the directory is ours")
}

fn log(store: &Store, runtime: &Runtime) -> Arc<dyn Log> {
    let id = LogId::new("log").expect("a valid name");
    runtime.block_on(store.create(&id)).expect("the directory takes a log")
}

fn append_batch(log: &dyn Log, runtime: &Runtime) {
    let entries = [Entry { key: b"0123456789abcdef", payload: &PAYLOAD }; RECORDS];
    let batch = Batch { arrival: Timestamp::from_secs(1_700_000_000), at_least: Offset::ZERO, entries: &entries };
    runtime.block_on(log.append(batch)).expect("there is room");
}

fn append(criterion: &mut Criterion, runtime: &Runtime) {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let log = log(&open(directory.path()), runtime);
    let mut group = criterion.benchmark_group("log");
    group.throughput(Throughput::Elements(RECORDS as u64));
    group.bench_function("append 500 of 1 KiB", |bench| bench.iter(|| append_batch(&*log, runtime)));
}

fn read(criterion: &mut Criterion, runtime: &Runtime) {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let log = log(&open(directory.path()), runtime);
    (0..20).for_each(|_| append_batch(&*log, runtime));
    let limit = ReadLimit::new(10_000, 10 << 20);
    let mut group = criterion.benchmark_group("log");
    group.throughput(Throughput::Elements(10_000));
    group.bench_function("read 10,000 of 1 KiB", |bench| {
        bench.iter(|| runtime.block_on(log.read(Offset::ZERO, limit)).expect("the log reads").records().count());
    });
}

fn recover(criterion: &mut Criterion, runtime: &Runtime) {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let store = open(directory.path());
    let log = log(&store, runtime);
    (0..200).for_each(|_| append_batch(&*log, runtime));
    drop((log, store));
    let id = LogId::new("log").expect("a valid name");
    criterion.bench_function("open a log of 100 MB", |bench| {
        let store = || open(directory.path());
        bench.iter_batched(
            store,
            |store| runtime.block_on(store.open(&id)).expect("the log opens").bounds(),
            BatchSize::PerIteration,
        );
    });
}
