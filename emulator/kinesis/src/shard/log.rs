//! The log behind a shard, made when it is first needed: a restart with thousands of shards opens none, and a shard that
//! nobody ever wrote to has none.
//!
//! Invariant: everybody who asks while it is open gets the same log; once the shard is sealed nobody makes it one. A log that
//! failed is let go, and whoever asks next has it recovered: a disk that was full for a while costs what it refused.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use shard_log::{Error, Log, LogId, LogStore, Result};
use tokio::sync::Mutex;

/// Access to one shard's log.
#[derive(Debug)]
pub(crate) struct ShardLog {
    id: LogId,
    store: Arc<dyn LogStore>,
    opened: RwLock<Option<Arc<dyn Log>>>,
    /// Whose turn it is: whoever opens, makes or rules out the log does so alone.
    opening: Mutex<()>,
    /// The shard was sealed before it had a log, so it gets none. Not stored: a reshard that a crash interrupts is done
    /// again, with what was written in between.
    sealed_without: AtomicBool,
}

impl ShardLog {
    pub(crate) fn new(id: LogId, store: Arc<dyn LogStore>) -> Self {
        let sealed_without = AtomicBool::new(false);
        Self { id, store, opened: RwLock::default(), opening: Mutex::default(), sealed_without }
    }

    /// The log, made now if there is none yet.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Log>> {
        self.get_or(async || self.open_or_create().await).await
    }

    /// The log if it was ever made.
    pub(crate) async fn open_existing(&self) -> Result<Option<Arc<dyn Log>>> {
        found(self.get_or(async || self.store.open(&self.id).await).await)
    }

    /// Lets nobody append any more, whether or not there is a log yet.
    pub(crate) async fn seal(&self) -> Result<()> {
        match found(self.get_or(async || self.open_or_rule_out().await).await)? {
            Some(log) => self.after(&log, log.seal().await).map(drop),
            None => Ok(()),
        }
    }

    /// Looks at how something that was done to `log` went, and lets go of it if it can only be recovered.
    pub(crate) fn after<T>(&self, log: &Arc<dyn Log>, outcome: Result<T>) -> Result<T> {
        if let Err(Error::Poisoned { .. }) = &outcome {
            // A panic leaves one log or none in there.
            let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
            opened.take_if(|opened| Arc::ptr_eq(opened, log));
        }
        outcome
    }

    /// Deletes the log and its records.
    pub(crate) async fn remove(&self) -> Result<()> {
        self.store.remove(&self.id).await
    }

    async fn get_or(&self, open: impl AsyncFnOnce() -> Result<Arc<dyn Log>>) -> Result<Arc<dyn Log>> {
        let opened = || self.opened.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(log) = opened() {
            return Ok(log);
        }
        let _turn = self.opening.lock().await;
        if let Some(log) = opened() {
            return Ok(log);
        }
        let log = open().await?;
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&log));
        Ok(log)
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
        assert!(Arc::ptr_eq(&log.open().await.unwrap(), &log.open().await.unwrap()));
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
