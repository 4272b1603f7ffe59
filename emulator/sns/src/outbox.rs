//! Deliveries over HTTP, which may take several attempts: each is stored until its endpoint took it or it was given up, and goes
//! on after a restart.

use std::sync::Arc;

use aws_wire::World;
use env::{Env, Timestamp};
use serde::{Deserialize, Serialize};
use state_store::{Store, Table};
use tokio::sync::Semaphore;

use crate::error::Result;
use crate::retry::Retry;
use crate::target::{QueueMessage, Targets};

/// Deliveries at a time.
const MOST: usize = 64;

/// A document on its way. Persisted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) retry: Retry,
    pub(crate) failures: u32,
    pub(crate) due: Timestamp,
    /// The queue that it goes to when it is given up.
    pub(crate) dead_letters: Option<String>,
}

/// What is on its way. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Outbox(Arc<Parts>);

struct Parts {
    env: Env,
    store: Store,
    table: Table<Pending>,
    targets: Arc<dyn Targets>,
    turns: Semaphore,
}

impl Outbox {
    pub(crate) fn open(env: Env, store: &Store, targets: Arc<dyn Targets>) -> Self {
        let (store, table) = (store.clone(), store.table("sns.outbox"));
        Self(Arc::new(Parts { env, store, table, targets, turns: Semaphore::new(MOST) }))
    }

    /// Goes on with what a restart interrupted.
    pub(crate) fn start(&self) -> Result<()> {
        for (_, pending) in self.0.table.all()? {
            tokio::spawn(Arc::clone(&self.0).deliver(pending));
        }
        Ok(())
    }

    /// Takes documents. They are durable when this returns.
    pub(crate) fn take(&self, all: Vec<Pending>) -> Result<()> {
        if all.is_empty() {
            return Ok(());
        }
        let parts = &self.0;
        parts.store.commit(|transaction| {
            all.iter().try_for_each(|pending| transaction.put(&parts.table, &pending.id, pending))
        })?;
        for pending in all {
            tokio::spawn(Arc::clone(parts).deliver(pending));
        }
        Ok(())
    }
}

impl Parts {
    async fn deliver(self: Arc<Self>, mut pending: Pending) {
        loop {
            self.env.clock.sleep_until(pending.due).await;
            let answer = {
                let _turn = self.turns.acquire().await;
                self.targets.post(&pending.url, &pending.headers, &pending.body).await
            };
            let (reason, may_retry) = match answer {
                Ok(200..=299) => return self.forget(&pending),
                // What the endpoint does not want it will not want later; too many requests it may.
                Ok(status @ 400..=499) => (format!("status {status}"), status == 429),
                Ok(status) => (format!("status {status}"), true),
                Err(error) => (error.to_string(), true),
            };
            pending.failures += 1;
            let Some(pause) = pending.retry.pause(pending.failures).filter(|_| may_retry) else {
                self.give_up(&pending, &reason).await;
                return self.forget(&pending);
            };
            tracing::debug!(url = pending.url, reason, failures = pending.failures, "a delivery failed");
            pending.due = self.env.clock.now() + pause;
            if let Err(error) = self.table.put(&pending.id, &pending) {
                tracing::error!(%error, "a delivery's state cannot be stored");
            }
        }
    }

    async fn give_up(&self, pending: &Pending, reason: &str) {
        tracing::warn!(url = pending.url, reason, failures = pending.failures, "a delivery is given up");
        let Some(queue) = &pending.dead_letters else { return };
        let world = World::new(&pending.account, &pending.region);
        let message =
            QueueMessage { body: pending.body.clone(), attributes: [].into(), group: None, deduplication: None };
        if let Err(error) = self.targets.send(&world, queue, message).await {
            tracing::warn!(queue, %error, "a dead letter is lost");
        }
    }

    fn forget(&self, pending: &Pending) {
        // It is delivered once more after a restart, which endpoints must bear anyway.
        if let Err(error) = self.table.remove(&pending.id) {
            tracing::error!(%error, "a delivery cannot be forgotten");
        }
    }
}
