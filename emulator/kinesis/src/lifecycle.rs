//! What falls due by time and needs somebody to do it: a reshard, the end of a deleted stream or consumer.
//!
//! A timer settles a stream when something is due; so does every control-plane call that looks at it, so nobody ever
//! sees a transition that is overdue. Everything due is stored before and found again after a crash.
//!
//! A reshard keeps every record and the order per key: parents are sealed first, so their last record is decided; then
//! children and closed parents become durable in one commit; then writers who met the seal are let on to the children.
//! A crash in between leaves sealed parents and a reshard that is still due, and sealing twice is no error.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use env::Timestamp;
use futures_util::future::try_join_all;

use crate::catalog::{Catalog, log_owner};
use crate::error::{Error, Result};
use crate::shard::{ShardHandle, ShardIndex, ShardMap};
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

    /// Whether something is due that somebody has to do.
    fn is_due(&self, now: Timestamp) -> bool {
        self.due().is_some_and(|due| due <= now)
    }
}

impl Catalog {
    /// Does what is due on a stream. Runs to its end even if the caller goes away.
    pub(crate) async fn settle(self: &Arc<Self>, stream: &Arc<Stream>) -> Result<()> {
        if !stream.state().is_due(self.now()) {
            return Ok(());
        }
        let (catalog, stream) = (Arc::clone(self), Arc::clone(stream));
        let settling = tokio::spawn(async move { catalog.do_what_is_due(&stream).await });
        settling.await.unwrap_or(Err(Error::Internal))
    }

    /// Sets a timer for what will be due on a stream.
    pub(crate) fn watch_over(self: &Arc<Self>, stream: &Arc<Stream>) {
        if stream.state().due().is_none() {
            return;
        }
        let (catalog, stream) = (Arc::downgrade(self), Arc::clone(stream));
        let clock = self.env.clock.clone();
        tokio::spawn(async move {
            while let Some(due) = stream.state().due() {
                clock.sleep_until(due).await;
                let Some(catalog) = catalog.upgrade() else { return };
                match catalog.settle(&stream).await {
                    Ok(()) if !catalog.knows(&stream) => return,
                    Ok(()) => {}
                    Err(error) => {
                        tracing::warn!(stream = %stream.name, %error, "a transition failed and will be tried again");
                        clock.sleep(RETRY).await;
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
        let streams: HashMap<_, _> = self.everything().into_iter().map(|stream| (stream.uid, stream)).collect();
        for log in logs {
            let Some((uid, shard)) = log_owner(log.as_str()) else { continue };
            if streams.get(&uid).is_none_or(|stream| stream.state().shards.get(shard).is_none()) {
                tracing::debug!(%log, "removing the log of a shard that is no more");
                if let Err(error) = self.logs.remove(&log).await {
                    tracing::warn!(%log, %error, "the log of a shard that is no more stays until the next start");
                }
            }
        }
        Ok(())
    }

    async fn do_what_is_due(self: &Arc<Self>, stream: &Arc<Stream>) -> Result<()> {
        let now = self.now();
        if stream.state().settings.is_gone(now) {
            return self.remove_stream(stream).await;
        }
        self.reshard_if_due(stream).await?;
        if stream.state().consumers.values().any(|consumer| consumer.is_gone(now)) {
            let turn = Arc::clone(&stream.change).lock_owned().await;
            let mut state = (*stream.state()).clone();
            state.consumers.retain(|_, consumer| !consumer.is_gone(now));
            self.store(stream, turn, state).await?;
        }
        Ok(())
    }

    async fn reshard_if_due(self: &Arc<Self>, stream: &Arc<Stream>) -> Result<()> {
        let turn = Arc::clone(&stream.change).lock_owned().await;
        let before = stream.state();
        let now = self.now();
        let Phase::Resharding { at, reshard } = &before.settings.phase else { return Ok(()) };
        if now < *at {
            return Ok(());
        }
        let open = before.shards.open().cloned().collect();
        let changed = reshard.apply(open, before.settings.next_shard, now);
        let parents = changed.iter().filter_map(|shard| before.shards.get(shard.index));
        try_join_all(parents.map(|parent| parent.log.seal())).await?;

        let mut state = (*before).clone();
        let mut handles: BTreeMap<_, ShardHandle> =
            before.shards.all().map(|handle| (handle.shard.index, (**handle).clone())).collect();
        for shard in changed {
            let next = ShardIndex(shard.index.0 + 1);
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
        // Held to the end: a change that began in time must not put back a row of what is removed.
        let _turn = stream.change.lock().await;
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::config::Config;
    use crate::test::Fixture;

    /// Every record of the stream by key, parents before children.
    async fn records_by_key(fixture: &Fixture) -> BTreeMap<String, Vec<String>> {
        let mut by_key: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let shards = fixture.ok("ListShards", json!({"StreamName": "s"})).await["Shards"].clone();
        for shard in shards.as_array().unwrap() {
            let mut iterator = fixture.iterator("s", shard["ShardId"].as_str().unwrap(), "TRIM_HORIZON").await;
            loop {
                let page = fixture.ok("GetRecords", json!({"ShardIterator": iterator})).await;
                let records = page["Records"].as_array().unwrap();
                let text = |record: &Value, member: &str| record[member].as_str().unwrap().to_owned();
                for record in records {
                    by_key.entry(text(record, "PartitionKey")).or_default().push(text(record, "SequenceNumber"));
                }
                match page["NextShardIterator"].as_str() {
                    Some(next) if !records.is_empty() => iterator = next.to_owned(),
                    _ => break,
                }
            }
        }
        by_key
    }

    #[tokio::test]
    async fn what_falls_due_later_is_not_forgotten() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "k", "").await;
        let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
        let named = json!({"StreamARN": stream, "ConsumerName": "c"});
        fixture.ok("RegisterStreamConsumer", named.clone()).await;
        fixture.ok("DeregisterStreamConsumer", named).await;
        fixture.advance(Duration::from_millis(500)).await;
        fixture.ok("DeleteStream", json!({"StreamName": "s", "EnforceConsumerDeletion": true})).await;
        // Nobody asks; timers alone see to it, on threads of their own.
        for _ in 0..2 {
            fixture.env.clock.advance(Duration::from_millis(500));
            while fixture
                .kinesis
                .catalog
                .everything()
                .iter()
                .any(|stream| stream.state().is_due(fixture.env.clock.now()))
            {
                tokio::task::yield_now().await;
            }
        }
        assert!(fixture.kinesis.catalog.everything().is_empty());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn writers_lose_nothing_and_keep_their_order_during_reshards() {
        let fixture = Arc::new(
            Fixture::with(Config { lifecycle_delay: Duration::ZERO, limits: false, ..Config::default() }).await,
        );
        fixture.ok("CreateStream", json!({"StreamName": "s", "ShardCount": 2})).await;
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let fixture = Arc::clone(&fixture);
                tokio::spawn(async move {
                    let mut acknowledged = Vec::new();
                    for _ in 0..100 {
                        let keys = (0..5).map(|key| json!({"PartitionKey": format!("{writer}-{key}"), "Data": ""}));
                        let input = json!({"StreamName": "s", "Records": keys.collect::<Vec<_>>()});
                        let answer = fixture.ok("PutRecords", input).await;
                        assert_eq!(answer["FailedRecordCount"], 0, "{answer}");
                        for (key, record) in answer["Records"].as_array().unwrap().iter().enumerate() {
                            let number = record["SequenceNumber"].as_str().unwrap().to_owned();
                            acknowledged.push((format!("{writer}-{key}"), number));
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        for target in [4, 3, 6, 5, 3, 2, 4, 8, 4, 2] {
            let input = json!({"StreamName": "s", "TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"});
            fixture.ok("UpdateShardCount", input).await;
            fixture.env.clock.advance(Duration::from_secs(1));
        }
        let mut acknowledged: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for writer in writers {
            for (key, number) in writer.await.unwrap() {
                acknowledged.entry(key).or_default().push(number);
            }
        }
        assert!(acknowledged.values().all(|numbers| numbers.is_sorted_by(|earlier, later| earlier < later)));
        assert_eq!(records_by_key(&fixture).await, acknowledged);
    }
}
