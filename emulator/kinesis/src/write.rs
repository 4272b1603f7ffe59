//! The way of records into shards: route, admit, append.
//!
//! Invariant: a record is acknowledged only by the shard that was open for its key when it was appended. A writer who
//! meets a sealed shard waits for the reshard to be published and goes to the child, so nothing is lost and records of
//! one key stay in order.

use std::sync::{Arc, PoisonError};

use env::Timestamp;
use futures_util::future::join_all;
use shard_log::{Appended, Batch, DataKey, Entry, Offset};

use crate::error::{Error, Result};
use crate::new_records::{NewRecords, PlacedRecords};
use crate::sequence::SequenceNumber;
use crate::service::Kinesis;
use crate::shard::{Shard, ShardHandle, ShardIndex};
use crate::stream::{Mode, Status, Stream, StreamState};

/// Where an acknowledged record stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Written {
    pub(crate) shard: ShardIndex,
    pub(crate) number: SequenceNumber,
}

/// What became of a call's records.
#[derive(Debug)]
pub(crate) struct Writing {
    /// In the order of the records.
    pub(crate) outcomes: Vec<Result<Written>>,
    /// Whether the stream was encrypted.
    pub(crate) encrypted: bool,
}

impl Kinesis {
    /// Puts records, those of one shard in one batch; each record succeeds or fails alone.
    pub(crate) async fn write(&self, stream: &Arc<Stream>, mut placed: PlacedRecords) -> Result<Writing> {
        let mut state = stream.state();
        check_sizes(stream, &state, &placed.records)?;
        let now = self.now();
        let key = self.data_key(stream, &state, now)?;
        if key.is_some() {
            placed.records.mark_encrypted();
        }
        let records = &placed.records;
        let mut outcomes: Vec<Option<Result<Written>>> = std::iter::repeat_with(|| None).take(records.len()).collect();
        let mut waiting = self.admit(stream, &state, &placed, now, &mut outcomes);
        loop {
            let routed = route(&state, &placed, &waiting);
            let groups = || routed.chunk_by(|left, right| left.shard == right.shard);
            let shard = |group: &[Routed]| state.shards.open_at(group[0].shard);
            let appended =
                join_all(groups().map(|group| append(shard(group), group, records, key.as_deref(), now))).await;
            let mut sealed = Vec::new();
            for (group, appended) in groups().zip(appended) {
                let members = group.iter().map(|routed| routed.record);
                match appended {
                    Ok(appended) => acknowledge(&mut outcomes, members, &shard(group).shard, appended),
                    Err(shard_log::Error::Sealed(_)) => sealed.extend(members),
                    // The stream went away meanwhile, with whatever of this call was in time.
                    Err(shard_log::Error::NotFound(_)) => return Err(stream.not_found()),
                    Err(error) => fail(&mut outcomes, members, &error.into()),
                }
            }
            if sealed.is_empty() {
                break;
            }
            sealed.sort_unstable();
            waiting = sealed;
            state = Self::next_state(stream, &state).await;
            if state.settings.status(self.now()) == Status::Deleting {
                return Err(stream.not_found());
            }
        }
        let outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap_or(Err(Error::Internal))).collect();
        Ok(Writing { outcomes, encrypted: key.is_some() })
    }

    /// What records are sealed with, if the stream is encrypted.
    pub(crate) fn data_key(
        &self,
        stream: &Stream,
        state: &StreamState,
        now: Timestamp,
    ) -> Result<Option<Arc<DataKey>>> {
        let Some(key_id) = &state.settings.key_id else { return Ok(None) };
        stream.sealing.data_key(&*self.keys, &stream.world, &stream.arn(), key_id, now).map(Some)
    }

    /// The state that follows `seen`. A reshard that sealed a shard publishes one with its children.
    async fn next_state(stream: &Stream, seen: &Arc<StreamState>) -> Arc<StreamState> {
        let mut changes = stream.watch();
        // It may have been published before we began to watch.
        while Arc::ptr_eq(&stream.state(), seen) && changes.changed().await.is_ok() {}
        stream.state()
    }

    /// Which records their shards have throughput for; the others get their refusal.
    fn admit(
        &self,
        stream: &Stream,
        state: &StreamState,
        placed: &PlacedRecords,
        now: Timestamp,
        outcomes: &mut [Option<Result<Written>>],
    ) -> Vec<usize> {
        // The traffic of on-demand streams is counted, limits or not.
        if !self.config().limits && state.settings.mode == Mode::Provisioned {
            return (0..placed.records.len()).collect();
        }
        let largest = state.settings.max_record_bytes();
        let admitted = |index: &usize| {
            let Some(handle) = state.shards.route(placed.hash_key(*index)) else { return true };
            // A panic while counting leaves a throttle as good as before.
            let mut throttle = handle.throttle.lock().unwrap_or_else(PoisonError::into_inner);
            let admitted = throttle.write.admit(placed.records.size(*index), largest, now);
            if !admitted {
                let refusal = Error::Throughput { shard: handle.shard.index, stream: stream.label() };
                outcomes[*index] = Some(Err(refusal));
            }
            admitted
        };
        (0..placed.records.len()).filter(admitted).collect()
    }
}

/// Whether each record is as small as the stream wants it.
pub(crate) fn check_sizes(stream: &Stream, state: &StreamState, records: &NewRecords) -> Result<()> {
    let limit = state.settings.max_record_bytes();
    match records.sizes().find(|size| *size > limit) {
        Some(size) => Err(Error::RecordTooLarge { size, limit, stream: stream.label() }),
        None => Ok(()),
    }
}

fn acknowledge(
    outcomes: &mut [Option<Result<Written>>],
    members: impl Iterator<Item = usize>,
    shard: &Shard,
    appended: Appended,
) {
    for (member, index) in members.zip(0..) {
        let offset = Offset(appended.first.0 + index);
        let number = SequenceNumber::of_record(shard.index, shard.created, offset, appended.arrival);
        outcomes[member] = Some(Ok(Written { shard: shard.index, number }));
    }
}

fn fail(outcomes: &mut [Option<Result<Written>>], members: impl IntoIterator<Item = usize>, error: &Error) {
    for member in members {
        outcomes[member] = Some(Err(error.clone()));
    }
}

/// A record and the shard that is open for it, both by their places.
#[derive(Clone, Copy, Debug)]
struct Routed {
    shard: usize,
    record: usize,
}

/// The records by shard, in their order within each. Sorting groups them without a table of shards, of which a stream may
/// have thousands.
fn route(state: &StreamState, placed: &PlacedRecords, waiting: &[usize]) -> Vec<Routed> {
    let routed = |record: &usize| {
        let shard = state.shards.position_of(placed.hash_key(*record))?;
        Some(Routed { shard, record: *record })
    };
    let mut routed: Vec<_> = waiting.iter().filter_map(routed).collect();
    routed.sort_by_key(|routed| routed.shard);
    routed
}

async fn append(
    handle: &ShardHandle,
    group: &[Routed],
    records: &NewRecords,
    key: Option<&DataKey>,
    arrival: Timestamp,
) -> shard_log::Result<Appended> {
    let entries: Vec<Entry<'_>> = group.iter().map(|routed| records.entry(routed.record)).collect();
    let log = handle.log.open().await?;
    let batch = Batch { arrival, at_least: Offset::ZERO, entries: &entries };
    let appended = match key {
        Some(key) => log.append_sealed(batch, key).await,
        None => log.append(batch).await,
    };
    handle.log.after(&log, appended)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::read::StartingPosition;
    use crate::shard::ShardIndex;
    use crate::test::Fixture;

    #[tokio::test]
    async fn a_log_that_failed_is_recovered_for_the_next_call_and_its_readers_go_on() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "before", "").await;
        let source = fixture.kinesis.reader(fixture.world.clone());
        let source = source.source("arn:aws:kinesis:us-east-1:000000000000:stream/s").unwrap();
        let latest = source.position(ShardIndex(0), StartingPosition::Latest).await.unwrap();
        let waiting = tokio::spawn(async move { source.wait(ShardIndex(0), latest).await });
        tokio::task::yield_now().await;
        fixture.logs.poison();
        let record = || json!({"PartitionKey": "k", "Data": ""});
        let failed = fixture.ok("PutRecords", json!({"StreamName": "s", "Records": [record()]})).await;
        assert_eq!(
            failed["Records"][0],
            json!({"ErrorCode": "InternalFailure", "ErrorMessage": "Internal Service Failure"})
        );
        fixture.put("s", "after", "").await;
        waiting.await.unwrap().unwrap();
        assert_eq!(fixture.keys_in("s", "shardId-000000000000").await, ["before", "after"]);
    }
}
