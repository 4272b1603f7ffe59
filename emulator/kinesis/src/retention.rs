//! Gives back the space of what is past its retention period, every now and then.
//!
//! Readers do not depend on it: they start at the horizon whether or not the sweep has been there. Invariant: the sweep
//! removes nothing that is readable now or will be after the retention period is raised.

use std::sync::{Arc, Weak};
use std::time::Duration;

use env::{Clock, Timestamp};
use shard_log::Trim;

use crate::catalog::Catalog;
use crate::error::Result;
use crate::shard::{ShardHandle, ShardMap};
use crate::stream::Stream;

/// How long after the start the first sweep begins: starting is for serving.
const FIRST: Duration = Duration::from_secs(30);
/// How long after each other sweeps begin.
const INTERVAL: Duration = Duration::from_secs(600);

/// Sweeps until the catalog is gone.
pub(crate) async fn keep_sweeping(clock: Clock, catalog: Weak<Catalog>) {
    clock.sleep(FIRST).await;
    while let Some(present) = catalog.upgrade() {
        present.sweep().await;
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
            if !handle.shard.is_expired(horizon) && handle.shard.opened < horizon {
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
        if state.settings.is_gone(self.now()) {
            return Ok(());
        }
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
        handle.log.after(&log, log.trim(Trim::Older(horizon)).await)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn trims_what_is_past_its_time() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "old", "").await;
        fixture.advance_secs(20 * 3600).await;
        fixture.put("s", "new", "").await;
        fixture.kinesis.catalog.sweep().await;
        assert_eq!(fixture.logs.record_count(), 2);
        fixture.advance_secs(5 * 3600).await;
        fixture.kinesis.catalog.sweep().await;
        assert_eq!(fixture.logs.record_count(), 1);
        assert_eq!(fixture.keys_in("s", "shardId-000000000000").await, ["new"]);
    }

    #[tokio::test]
    async fn closed_shards_go_when_nothing_of_them_is_left() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "a", "").await;
        let split = json!({"StreamName": "s", "ShardToSplit": "shardId-000000000000", "NewStartingHashKey": "1000"});
        fixture.ok("SplitShard", split).await;
        fixture.advance_secs(1).await;
        let shards = async |fixture: &Fixture| {
            fixture.ok("ListShards", json!({"StreamName": "s"})).await["Shards"].as_array().unwrap().len()
        };
        fixture.advance_secs(24 * 3600).await;
        fixture.kinesis.catalog.sweep().await;
        assert_eq!((shards(&fixture).await, fixture.logs.names().len()), (3, 1));
        fixture.advance_secs(1).await;
        assert_eq!((shards(&fixture).await, fixture.logs.names().len()), (2, 1));
        fixture.kinesis.catalog.sweep().await;
        assert_eq!((shards(&fixture).await, fixture.logs.names().len()), (2, 0));
        // What was removed does not seem to be kept when the period is raised, nor after a restart.
        fixture.ok("IncreaseStreamRetentionPeriod", json!({"StreamName": "s", "RetentionPeriodHours": 48})).await;
        fixture.restart().await;
        assert_eq!(shards(&fixture).await, 2);
        let gone = "ResourceNotFoundException: Shard shardId-000000000000 in stream s under account 000000000000 does \
                    not exist";
        let input = json!({"StreamName": "s", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"});
        fixture.refused("GetShardIterator", input, gone).await;
    }
}
