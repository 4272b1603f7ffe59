//! What falls due by time and needs somebody to do it: a reshard, the end of a deleted stream or consumer.
//!
//! A timer settles a stream when something is due; so does every control-plane call that looks at it, so nobody ever
//! sees a transition that is overdue. Everything due is stored before and found again after a crash.
//!
//! A reshard keeps every record and the order per key: parents are sealed first, so their last record is decided; then
//! children and closed parents become durable in one commit; then writers who met the seal are let on to the children.
//! A crash in between leaves sealed parents and a reshard that is still due, and sealing twice is no error.

use std::sync::Arc;
use std::time::Duration;

use env::Timestamp;
use futures_util::future::try_join_all;

use crate::catalog::{Catalog, log_owner};
use crate::error::{Error, Result};
use crate::shard::{ShardHandle, ShardMap};
use crate::stream::{Phase, Stream, StreamState};

/// When to try again what failed, such as sealing on a full disk.
const RETRY: Duration = Duration::from_secs(1);

impl StreamState {
    /// When the next thing falls due that somebody has to do.
    fn due(&self) -> Option<Timestamp> {
        let phase = match self.settings.phase {
            Phase::Deleted(at) | Phase::Resharding { at, .. } => Some(at),
            Phase::Created(_) | Phase::Updated(_) => None,
        };
        let consumers = self.consumers.values().filter_map(|consumer| consumer.gone);
        phase.into_iter().chain(consumers).min()
    }
}

impl Catalog {
    /// Does what is due on a stream. Runs to its end even if the caller goes away.
    pub(crate) async fn settle(self: &Arc<Self>, stream: &Arc<Stream>) -> Result<()> {
        if stream.state().due().is_none_or(|due| self.now() < due) {
            return Ok(());
        }
        let (catalog, stream) = (Arc::clone(self), Arc::clone(stream));
        let settling = tokio::spawn(async move { catalog.do_what_is_due(&stream).await });
        settling.await.unwrap_or(Err(Error::Internal))
    }

    /// Sets a timer for what will be due on a stream.
    pub(crate) fn watch_over(self: &Arc<Self>, stream: &Arc<Stream>) {
        let Some(due) = stream.state().due() else { return };
        let (catalog, stream) = (Arc::downgrade(self), Arc::clone(stream));
        let clock = self.env.clock.clone();
        tokio::spawn(async move {
            let mut at = due;
            loop {
                clock.sleep_until(at).await;
                let Some(catalog) = catalog.upgrade() else { return };
                match catalog.settle(&stream).await {
                    Ok(()) => return,
                    Err(error) => {
                        tracing::warn!(stream = %stream.name, %error, "a transition failed and will be tried again");
                        at = clock.now() + RETRY;
                    }
                }
            }
        });
    }

    /// Takes up what a restart interrupted, and removes the logs of streams and shards that are no more.
    pub(crate) async fn resume(self: &Arc<Self>) -> Result<()> {
        for stream in self.everything() {
            self.watch_over(&stream);
        }
        let logs = self.logs.list().await?;
        let streams: std::collections::HashMap<_, _> =
            self.everything().into_iter().map(|stream| (stream.uid, stream)).collect();
        for log in logs {
            let Some((uid, shard)) = log_owner(log.as_str()) else { continue };
            if streams.get(&uid).is_none_or(|stream| stream.state().shards.get(shard).is_none()) {
                tracing::debug!(%log, "removing the log of a shard that is no more");
                self.logs.remove(&log).await?;
            }
        }
        Ok(())
    }

    async fn do_what_is_due(self: &Arc<Self>, stream: &Arc<Stream>) -> Result<()> {
        self.reshard_if_due(stream).await?;
        let now = self.now();
        if stream.state().consumers.values().any(|consumer| consumer.is_gone(now)) {
            let turn = Arc::clone(&stream.change).lock_owned().await;
            let mut state = (*stream.state()).clone();
            state.consumers.retain(|_, consumer| !consumer.is_gone(now));
            self.store(stream, turn, state).await?;
        }
        if stream.state().settings.is_gone(now) {
            self.remove_stream(stream).await?;
        }
        Ok(())
    }

    async fn reshard_if_due(self: &Arc<Self>, stream: &Arc<Stream>) -> Result<()> {
        let turn = Arc::clone(&stream.change).lock_owned().await;
        let before = stream.state();
        let now = self.now();
        let Phase::Resharding { at, reshard } = before.settings.phase else { return Ok(()) };
        if now < at {
            return Ok(());
        }
        let open = before.shards.open().cloned().collect();
        let changed = reshard.apply(open, before.settings.next_shard, now);
        let parents = changed.iter().filter_map(|shard| before.shards.get(shard.index));
        try_join_all(parents.map(|parent| seal(parent))).await?;

        let mut state = (*before).clone();
        let mut handles: std::collections::BTreeMap<_, ShardHandle> =
            before.shards.all().map(|handle| (handle.shard.index, (**handle).clone())).collect();
        for shard in changed {
            let next = crate::shard::ShardIndex(shard.index.0 + 1);
            state.settings.next_shard = state.settings.next_shard.max(next);
            match handles.get_mut(&shard.index) {
                Some(handle) => handle.shard = shard,
                None => drop(handles.insert(shard.index, self.handle(stream, shard))),
            }
        }
        state.settings.phase = Phase::Updated(now);
        state.shards = Arc::new(ShardMap::new(handles.into_values()));
        let open = state.shards.open_count();
        self.store(stream, turn, state).await?;
        tracing::info!(stream = %stream.name, open, "stream resharded");
        Ok(())
    }

    /// The catalog forgets first: a log without a stream is found and removed at the next start, a stream without its
    /// logs would have lost records.
    async fn remove_stream(self: &Arc<Self>, stream: &Arc<Stream>) -> Result<()> {
        self.forget(stream).await?;
        for handle in stream.state().shards.all() {
            if let Err(error) = handle.log.remove().await {
                tracing::warn!(stream = %stream.name, shard = %handle.shard.index, %error, "a log stays until the next start");
            }
        }
        tracing::info!(stream = %stream.name, "stream removed");
        Ok(())
    }
}

/// A shard that was never written to is sealed too: a writer may be on his way to it.
async fn seal(parent: &ShardHandle) -> Result<()> {
    parent.log.open().await?.seal().await?;
    Ok(())
}
