//! The log behind a shard, made when it is first needed: a restart with thousands of shards opens none, and a shard that
//! nobody ever wrote to has none.
//!
//! Invariant: everybody who asks while it is open gets the same log; once the shard is sealed nobody makes it one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use shard_log::{Error, Log, LogId, LogStore, Result};
use tokio::sync::OnceCell;

/// Access to one shard's log.
#[derive(Debug)]
pub(crate) struct ShardLog {
    id: LogId,
    store: Arc<dyn LogStore>,
    /// Also decides whose turn it is: whoever opens, makes or rules out the log does so alone.
    opened: OnceCell<Arc<dyn Log>>,
    /// The shard was sealed before it had a log, so it gets none. Not stored: a reshard that a crash interrupts is done
    /// again, with what was written in between.
    sealed_without: AtomicBool,
}

impl ShardLog {
    pub(crate) fn new(id: LogId, store: Arc<dyn LogStore>) -> Self {
        Self { id, store, opened: OnceCell::new(), sealed_without: AtomicBool::new(false) }
    }

    /// The log, made now if there is none yet.
    pub(crate) async fn open(&self) -> Result<&Arc<dyn Log>> {
        self.opened.get_or_try_init(|| self.open_or_create()).await
    }

    /// The log if it was ever made.
    pub(crate) async fn open_existing(&self) -> Result<Option<&Arc<dyn Log>>> {
        found(self.opened.get_or_try_init(|| self.store.open(&self.id)).await)
    }

    /// Lets nobody append any more, whether or not there is a log yet.
    pub(crate) async fn seal(&self) -> Result<()> {
        match found(self.opened.get_or_try_init(|| self.open_or_rule_out()).await)? {
            Some(log) => log.seal().await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// Deletes the log and its records.
    pub(crate) async fn remove(&self) -> Result<()> {
        self.store.remove(&self.id).await
    }

    async fn open_or_create(&self) -> Result<Arc<dyn Log>> {
        match self.store.open(&self.id).await {
            Err(Error::NotFound(id)) if self.sealed_without.load(Ordering::Relaxed) => Err(Error::Sealed(id)),
            Err(Error::NotFound(_)) => self.store.create(&self.id).await,
            opened => opened,
        }
    }

    async fn open_or_rule_out(&self) -> Result<Arc<dyn Log>> {
        let opened = self.store.open(&self.id).await;
        if let Err(Error::NotFound(_)) = &opened {
            self.sealed_without.store(true, Ordering::Relaxed);
        }
        opened
    }
}

fn found<T>(opened: Result<T>) -> Result<Option<T>> {
    match opened {
        Ok(log) => Ok(Some(log)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::MemoryLogs;

    fn log_of(store: &Arc<MemoryLogs>) -> ShardLog {
        ShardLog::new(LogId::new("shard").unwrap(), Arc::<MemoryLogs>::clone(store))
    }

    #[tokio::test]
    async fn is_made_once_and_when_needed() {
        let store = Arc::new(MemoryLogs::default());
        let log = log_of(&store);
        assert!(log.open_existing().await.unwrap().is_none() && store.names().is_empty());
        assert!(Arc::ptr_eq(log.open().await.unwrap(), log.open().await.unwrap()));
        assert!(log_of(&store).open_existing().await.unwrap().is_some());
        log.seal().await.unwrap();
        assert!(log.open().await.unwrap().bounds().sealed);
    }

    #[tokio::test]
    async fn sealed_before_it_was_made_is_never_made() {
        let store = Arc::new(MemoryLogs::default());
        let log = log_of(&store);
        log.seal().await.unwrap();
        assert!(matches!(log.open().await, Err(Error::Sealed(_))));
        assert!(log.open_existing().await.unwrap().is_none() && store.names().is_empty());
    }
}
