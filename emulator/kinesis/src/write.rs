//! The way of records into shards: route, admit, append.
//!
//! Invariant: a record is acknowledged only by the shard that was open for its key when it was appended. A writer who
//! meets a sealed shard waits for the reshard to be published and goes to the child, so nothing is lost and records of
//! one key stay in order.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use env::Timestamp;
use futures_util::future::join_all;
use shard_log::{Appended, Batch, Entry, Offset};

use crate::error::{Error, Result};
use crate::hash_key::HashKey;
use crate::sequence::SequenceNumber;
use crate::service::Kinesis;
use crate::shard::{Shard, ShardHandle, ShardIndex};
use crate::stored_record::RecordKey;
use crate::stream::{Status, Stream, StreamState};

/// A record on its way in.
#[derive(Debug)]
pub(crate) struct NewRecord {
    pub(crate) partition_key: String,
    pub(crate) hash_key: HashKey,
    pub(crate) data: bytes::Bytes,
}

impl NewRecord {
    /// A record whose hash key is its partition key's, or the explicit one.
    pub(crate) fn new(partition_key: String, explicit_hash_key: Option<&str>, data: bytes::Bytes) -> Result<Self> {
        let hash_key = match explicit_hash_key {
            None => HashKey::of_partition_key(&partition_key),
            Some(key) => HashKey::parse(key).ok_or_else(|| Error::ExplicitHashKey { key: key.to_owned() })?,
        };
        Ok(Self { partition_key, hash_key, data })
    }

    /// What counts towards limits.
    pub(crate) fn size(&self) -> u64 {
        (self.data.len() + self.partition_key.len()) as u64
    }
}

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
    pub(crate) async fn write(&self, stream: &Arc<Stream>, records: Vec<NewRecord>) -> Result<Writing> {
        let mut state = stream.state();
        let limit = state.settings.max_record_bytes();
        if let Some(record) = records.iter().find(|record| record.size() > limit) {
            return Err(Error::RecordTooLarge { size: record.size(), limit, stream: stream.label() });
        }
        let now = self.now();
        let encrypted = state.settings.key_id.is_some();
        let mut outcomes: Vec<Option<Result<Written>>> = records.iter().map(|_| None).collect();
        let mut waiting = self.admit(stream, &state, &records, now, &mut outcomes);
        loop {
            let groups = group_by_shard(&state, &records, &waiting);
            let appends = groups.iter().map(|(shard, members)| append(shard, members, &records, encrypted, now));
            let mut sealed = Vec::new();
            for ((shard, members), appended) in groups.iter().zip(join_all(appends).await) {
                match appended {
                    Ok(appended) => acknowledge(&mut outcomes, members, &shard.shard, appended),
                    Err(shard_log::Error::Sealed(_)) => sealed.extend(members),
                    Err(shard_log::Error::NotFound(_)) => fail(&mut outcomes, members, &stream.not_found()),
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
                fail(&mut outcomes, &waiting, &stream.not_found());
                break;
            }
        }
        let outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap_or(Err(Error::Internal))).collect();
        Ok(Writing { outcomes, encrypted })
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
        records: &[NewRecord],
        now: Timestamp,
        outcomes: &mut [Option<Result<Written>>],
    ) -> Vec<usize> {
        if !self.config().limits {
            return (0..records.len()).collect();
        }
        let largest = state.settings.max_record_bytes();
        let admitted = |index: &usize| {
            let record = &records[*index];
            let Some(handle) = state.shards.route(record.hash_key) else { return true };
            // A panic while counting leaves a throttle as good as before.
            let mut throttle = handle.throttle.lock().unwrap_or_else(PoisonError::into_inner);
            let admitted = throttle.write.admit(record.size(), largest, now);
            if !admitted {
                let refusal = Error::Throughput { shard: handle.shard.index, stream: stream.label() };
                outcomes[*index] = Some(Err(refusal));
            }
            admitted
        };
        (0..records.len()).filter(admitted).collect()
    }
}

fn acknowledge(outcomes: &mut [Option<Result<Written>>], members: &[usize], shard: &Shard, appended: Appended) {
    for (member, index) in members.iter().zip(0..) {
        let offset = Offset(appended.first.0 + index);
        let number = SequenceNumber::of_record(shard.index, shard.created, offset, appended.arrival);
        outcomes[*member] = Some(Ok(Written { shard: shard.index, number }));
    }
}

fn fail(outcomes: &mut [Option<Result<Written>>], members: &[usize], error: &Error) {
    for member in members {
        outcomes[*member] = Some(Err(error.clone()));
    }
}

/// The records by the shard that is open for them, in their order within each.
fn group_by_shard<'a>(
    state: &'a StreamState,
    records: &[NewRecord],
    waiting: &[usize],
) -> Vec<(&'a Arc<ShardHandle>, Vec<usize>)> {
    let mut groups: Vec<(&Arc<ShardHandle>, Vec<usize>)> = Vec::new();
    let mut position = HashMap::new();
    for member in waiting {
        let Some(handle) = state.shards.route(records[*member].hash_key) else { continue };
        let group = *position.entry(handle.shard.index).or_insert_with(|| {
            groups.push((handle, Vec::new()));
            groups.len() - 1
        });
        groups[group].1.push(*member);
    }
    groups
}

async fn append(
    handle: &ShardHandle,
    members: &[usize],
    records: &[NewRecord],
    encrypted: bool,
    arrival: Timestamp,
) -> shard_log::Result<Appended> {
    let keys: Vec<Vec<u8>> =
        members.iter().map(|member| RecordKey::encode(encrypted, &records[*member].partition_key)).collect();
    let entries: Vec<Entry<'_>> =
        members.iter().zip(&keys).map(|(member, key)| Entry { key, payload: &records[*member].data }).collect();
    let log = handle.log.open().await?;
    log.append(Batch { arrival, at_least: Offset::ZERO, entries: &entries }).await
}
