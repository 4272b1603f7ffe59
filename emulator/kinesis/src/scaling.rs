//! Looks once a minute at what on-demand streams took in, and lets them grow and shrink.
//!
//! What to do is decided by [`crate::on_demand`]; doing it is a reshard like any other. Invariant: a peak is stored before
//! a stream grows because of it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use env::{Clock, Timestamp};

use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::on_demand::{self, Loaded};
use crate::shard::{Shard, ShardIndex, ShardMap};
use crate::stream::{Mode, Phase, Settings, Status, Stream};

/// Traffic is counted by the minute.
const INTERVAL: Duration = Duration::from_secs(60);

/// Looks until the catalog is gone.
pub(crate) async fn keep_scaling(clock: Clock, catalog: Weak<Catalog>) {
    loop {
        clock.sleep(INTERVAL).await;
        let Some(present) = catalog.upgrade() else { return };
        present.scale_on_demand_streams().await;
    }
}

impl Catalog {
    /// Scales every on-demand stream as its traffic asks for.
    pub(crate) async fn scale_on_demand_streams(self: &Arc<Self>) {
        for stream in self.everything() {
            match self.scale_stream(&stream).await {
                // It went away, or began to change, just now: the next look will see.
                Ok(()) | Err(Error::StreamNotActive { .. } | Error::StreamNotFound { .. }) => {}
                Err(error) => tracing::warn!(stream = %stream.name, %error, "an on-demand stream was not scaled"),
            }
        }
    }

    async fn scale_stream(self: &Arc<Self>, stream: &Arc<Stream>) -> Result<()> {
        let (state, now) = (stream.state(), self.now());
        if state.settings.mode != Mode::OnDemand || state.settings.status(now) != Status::Active {
            return Ok(());
        }
        let loads: HashMap<ShardIndex, u64> = state
            .shards
            .open_handles()
            .map(|handle| {
                // A panic while counting leaves a throttle as good as before.
                let mut throttle = handle.throttle.lock().unwrap_or_else(PoisonError::into_inner);
                (handle.shard.index, throttle.write.take_load(now))
            })
            .collect();
        let most = self.config.on_demand_shard_limit(&stream.world.region);
        let look = |settings: &mut Settings, shards: &ShardMap, now: Timestamp| {
            let is_news = settings.traffic.note(loads.values().sum(), now);
            let load = |shard: &Shard| loads.get(&shard.index).copied().unwrap_or_default();
            let open: Vec<_> = shards.open().map(|shard| Loaded { shard, load: load(shard) }).collect();
            (is_news, on_demand::plan(settings, &open, most, now))
        };
        // Nearly every look finds nothing to do, and stores nothing.
        if let (false, None) = look(&mut state.settings.clone(), &state.shards, now) {
            return Ok(());
        }
        let delay = self.config.lifecycle_delay;
        let planned = self.change(stream, |state, now| {
            let (_, reshard) = look(&mut state.settings, &state.shards, now);
            if let Some(reshard) = &reshard {
                state.settings.phase = Phase::Resharding { at: now + delay, reshard: reshard.clone() };
            }
            Ok(reshard)
        });
        if let Some(reshard) = planned.await? {
            tracing::info!(stream = %stream.name, ?reshard, "on-demand stream scales");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::Engine as _;
    use serde_json::{Value, json};

    use crate::config::{Config, LimitScale};
    use crate::test::{Fixture, START};

    /// An on-demand stream at the beginning of a minute, of shards that take a hundredth of what AWS's take.
    async fn on_demand() -> Fixture {
        let scale = LimitScale::parse("0.01").unwrap();
        let lifecycle_delay = Duration::from_secs(1);
        let fixture = Fixture::with(Config { lifecycle_delay, limit_scale: scale, ..Config::default() }).await;
        let mode = json!({"StreamMode": "ON_DEMAND"});
        fixture.ok("CreateStream", json!({"StreamName": "s", "StreamModeDetails": mode})).await;
        fixture.advance_secs(60 - (START.as_secs() % 60)).await;
        fixture
    }

    fn open_shards(fixture: &Fixture) -> usize {
        fixture.kinesis.catalog.everything()[0].state().shards.open_count()
    }

    /// Writes as much as a shard takes, in each of `seconds`, to the shards whose hash keys begin with these digits.
    async fn write(fixture: &Fixture, starts: &[u128], seconds: u64) {
        let data = base64::engine::general_purpose::STANDARD.encode(vec![0; 10_000]);
        for _ in 0..seconds {
            let entry = |start: &u128| json!({"PartitionKey": "k", "ExplicitHashKey": (start << 124).to_string(), "Data": data});
            let records: Vec<Value> = starts.iter().map(entry).collect();
            let answer = fixture.ok("PutRecords", json!({"StreamName": "s", "Records": records})).await;
            assert_eq!(answer["FailedRecordCount"], 0, "{answer}");
            fixture.env.clock.advance(Duration::from_secs(1));
        }
    }

    async fn look(fixture: &Fixture) {
        fixture.advance_secs(60).await;
        fixture.kinesis.catalog.scale_on_demand_streams().await;
        // If the timer was faster, its change is under way.
        drop(fixture.kinesis.catalog.everything()[0].change.lock().await);
        fixture.advance_secs(1).await;
    }

    #[tokio::test]
    async fn a_busy_stream_doubles_and_keeps_what_it_has() {
        let mut fixture = on_demand().await;
        write(&fixture, &[0, 4, 8, 12], 40).await;
        look(&fixture).await;
        assert_eq!(open_shards(&fixture), 8);
        fixture.restart().await;
        for _ in 0..5 {
            look(&fixture).await;
        }
        assert_eq!(open_shards(&fixture), 8);
        // After thirty days without that traffic, half of it goes.
        fixture.advance_secs(29 * 86_400).await;
        look(&fixture).await;
        assert_eq!(open_shards(&fixture), 8);
        fixture.advance_secs(2 * 86_400).await;
        look(&fixture).await;
        assert_eq!(open_shards(&fixture), 4);
    }

    #[tokio::test]
    async fn a_hot_shard_is_split_evenly_and_the_others_stay() {
        let fixture = on_demand().await;
        write(&fixture, &[4], 40).await;
        look(&fixture).await;
        let shards = fixture.ok("ListShards", json!({"StreamName": "s"})).await["Shards"].clone();
        let shards = shards.as_array().unwrap();
        assert_eq!((open_shards(&fixture), shards.len()), (5, 6));
        assert!(shards[4..].iter().all(|shard| shard["ParentShardId"] == "shardId-000000000001"));
        assert_eq!(shards[5]["HashKeyRange"]["StartingHashKey"], (6_u128 << 124).to_string());
    }

    #[tokio::test]
    async fn little_traffic_and_provisioned_streams_change_nothing() {
        let fixture = on_demand().await;
        write(&fixture, &[0, 4, 8, 12], 20).await;
        look(&fixture).await;
        assert_eq!(open_shards(&fixture), 4);
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
        let provisioned = json!({"StreamARN": arn, "StreamModeDetails": {"StreamMode": "PROVISIONED"}});
        fixture.ok("UpdateStreamMode", provisioned).await;
        fixture.advance_secs(1).await;
        write(&fixture, &[0, 4, 8, 12], 50).await;
        look(&fixture).await;
        assert_eq!(open_shards(&fixture), 4);
    }

    #[tokio::test]
    async fn traffic_counts_without_limits_too() {
        let fixture = Fixture::new().await;
        let mode = json!({"StreamMode": "ON_DEMAND"});
        fixture.ok("CreateStream", json!({"StreamName": "s", "StreamModeDetails": mode})).await;
        fixture.advance_secs(60).await;
        // A whole minute's worth at once: shards take anything.
        let data = base64::engine::general_purpose::STANDARD.encode(vec![0; 1 << 20 >> 1]);
        for _ in 0..64 {
            let input = json!({"StreamName": "s", "PartitionKey": "k", "ExplicitHashKey": "0", "Data": data});
            fixture.ok("PutRecord", input).await;
        }
        look(&fixture).await;
        assert_eq!(open_shards(&fixture), 5);
    }

    #[tokio::test]
    async fn the_timer_does_it_alone() {
        let fixture = on_demand().await;
        write(&fixture, &[0, 4, 8, 12], 40).await;
        while open_shards(&fixture) == 4 {
            fixture.advance_secs(60).await;
        }
        assert_eq!(open_shards(&fixture), 8);
    }
}
