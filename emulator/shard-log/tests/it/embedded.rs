//! The embedded engine in a real directory: the contract under each policy, and the lock.

use std::time::Duration;

use env::Env;
use shard_log::{Config, Durability, OpenError, Store};
use tempfile::TempDir;

use crate::contract;
use crate::reference::Reference;

/// A store in a directory that goes with it.
async fn check(durability: Durability, segment_bytes: u64) {
    let root = TempDir::new().unwrap();
    let count = std::cell::Cell::new(0);
    contract::check(async || {
        count.set(count.get() + 1);
        let directory = root.path().join(count.get().to_string());
        let store = Store::open(Config { directory, durability, segment_bytes }, &Env::system()).unwrap();
        store.with_keyring(contract::keyring())
    })
    .await;
}

#[tokio::test]
async fn contract_of_the_reference() {
    contract::check(async || Reference::new(contract::keyring())).await;
}

#[tokio::test]
async fn contract_with_an_interval() {
    check(Durability::DEFAULT, 64 << 20).await;
    check(Durability::Interval(Duration::from_secs(3600)), 64 << 20).await;
}

#[tokio::test]
async fn contract_with_a_sync_for_each_append() {
    check(Durability::Always, 64 << 20).await;
}

#[tokio::test]
async fn contract_with_a_segment_for_each_batch() {
    check(Durability::DEFAULT, 0).await;
    check(Durability::Always, 0).await;
}

#[test]
fn a_directory_in_use_is_refused() {
    let root = TempDir::new().unwrap();
    let open = || Store::open(Config::new(root.path()), &Env::system());
    let first = open().unwrap();
    let error = open().unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    assert!(error.to_string().ends_with("is in use by another process"));
    drop(first);
    open().unwrap();
}
