//! Gives back the space of what is past its retention period, every now and then.
//!
//! Readers do not depend on it: they start at the horizon whether or not the sweep has been there. Invariant: the sweep
//! removes nothing that is readable now or will be after the retention period is raised.

use std::sync::{Arc, Weak};
use std::time::Duration;

use env::Timestamp;
use shard_log::Trim;

use crate::catalog::Catalog;
use crate::error::Result;
use crate::shard::{ShardHandle, ShardMap};
use crate::stream::Stream;

/// How long after each other sweeps begin.
const INTERVAL: Duration = Duration::from_secs(600);

/// Sweeps until the catalog is gone.
pub(crate) async fn keep_sweeping(catalog: Weak<Catalog>) {
    while let Some(present) = catalog.upgrade() {
        present.sweep().await;
        let clock = present.env.clock.clone();
        drop(present);
        clock.sleep(INTERVAL).await;
    }
}

impl Catalog {
    /// Trims every log and removes closed shards of which nothing is left.
    pub(crate) async fn sweep(self: &Arc<Self>) {
        for stream in self.everything() {
            if let Err(error) = self.sweep_stream(&stream).await {
                tracing::warn!(stream = %stream.name, %error, "a stream was not swept");
            }
        }
    }

    async fn sweep_stream(self: &Arc<Self>, stream: &Arc<Stream>) -> Result<()> {
        let state = stream.state();
        let horizon = state.settings.horizon(self.now());
        for handle in state.shards.all() {
            // A shard younger than the horizon has nothing to trim: its log need not even be opened.
            if !handle.shard.is_expired(horizon) && Timestamp::from_secs(handle.shard.created) < horizon {
                trim(handle, horizon).await?;
            }
        }
        if state.shards.all().any(|handle| handle.shard.is_expired(horizon)) {
            self.remove_expired(stream, horizon).await?;
        }
        Ok(())
    }

    async fn remove_expired(self: &Arc<Self>, stream: &Arc<Stream>, horizon: Timestamp) -> Result<()> {
        let turn = Arc::clone(&stream.change).lock_owned().await;
        let mut state = (*stream.state()).clone();
        let (expired, kept): (Vec<_>, Vec<_>) =
            state.shards.all().cloned().partition(|handle| handle.shard.is_expired(horizon));
        state.shards = Arc::new(ShardMap::new(kept.into_iter().map(|handle| (*handle).clone())));
        // What is removed now must not seem to be kept once the retention period is raised.
        state.settings.trimmed_before = state.settings.trimmed_before.max(horizon);
        self.store(stream, turn, state).await?;
        for handle in expired {
            handle.log.remove().await?;
        }
        Ok(())
    }
}

async fn trim(handle: &ShardHandle, horizon: Timestamp) -> Result<()> {
    if let Some(log) = handle.log.open_existing().await? {
        log.trim(Trim::Older(horizon)).await?;
    }
    Ok(())
}
