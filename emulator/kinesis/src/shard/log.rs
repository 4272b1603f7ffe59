//! The log behind a shard, opened when it is first needed: a restart with thousands of shards opens none, and a shard
//! that lived only between two steps of a reshard never gets one.
//!
//! Invariant: everybody who asks while it is open gets the same log.

use std::sync::Arc;

use shard_log::{Error, Log, LogId, LogStore, Result};
use tokio::sync::OnceCell;

/// Access to one shard's log.
#[derive(Debug)]
pub(crate) struct ShardLog {
    id: LogId,
    store: Arc<dyn LogStore>,
    opened: OnceCell<Arc<dyn Log>>,
}

impl ShardLog {
    pub(crate) fn new(id: LogId, store: Arc<dyn LogStore>) -> Self {
        Self { id, store, opened: OnceCell::new() }
    }

    /// The log, made now if there is none yet.
    pub(crate) async fn open(&self) -> Result<&Arc<dyn Log>> {
        self.opened.get_or_try_init(|| self.open_or_create()).await
    }

    /// The log if it was ever made.
    pub(crate) async fn open_existing(&self) -> Result<Option<&Arc<dyn Log>>> {
        match self.opened.get_or_try_init(|| self.store.open(&self.id)).await {
            Ok(log) => Ok(Some(log)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes the log and its records.
    pub(crate) async fn remove(&self) -> Result<()> {
        self.store.remove(&self.id).await
    }

    async fn open_or_create(&self) -> Result<Arc<dyn Log>> {
        match self.store.open(&self.id).await {
            Err(Error::NotFound(_)) => self.store.create(&self.id).await,
            opened => opened,
        }
    }
}
