//! The tables of the catalog: one row per stream, per shard and per consumer.
//!
//! Invariant: what is written is the difference between two states, all of it in one commit.
//!
//! ```text
//! kinesis.streams    ACCOUNT/REGION/NAME → settings
//! kinesis.shards     UID/INDEX           → shard
//! kinesis.consumers  UID/NAME            → consumer
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_wire::World;
use state_store::{Store, Table};

use crate::consumer::Consumer;
use crate::error::{Error, Result};
use crate::name::StreamName;
use crate::shard::{Shard, ShardIndex};
use crate::stream::{Settings, Stream, StreamState, StreamUid};

/// The tables.
#[derive(Debug)]
pub(super) struct Tables {
    store: Store,
    streams: Table<Settings>,
    shards: Table<Shard>,
    consumers: Table<Consumer>,
}

/// A stream as it was stored.
pub(super) struct Loaded {
    pub(super) world: World,
    pub(super) name: StreamName,
    pub(super) settings: Settings,
    pub(super) shards: Vec<Shard>,
    pub(super) consumers: BTreeMap<String, Consumer>,
}

impl Tables {
    pub(super) fn open(store: &Store) -> Result<Self> {
        Ok(Self {
            streams: store.table("kinesis.streams"),
            shards: store.table("kinesis.shards"),
            consumers: store.table("kinesis.consumers"),
            store: store.clone(),
        })
    }

    /// Everything that is stored. A row that cannot be read stops the start: leaving it out would lose its records.
    pub(super) fn load(&self) -> Result<Vec<Loaded>> {
        let mut shards = by_stream(self.shards.all()?)?;
        let mut consumers = by_stream(self.consumers.all()?)?;
        let mut loaded = Vec::new();
        for (key, settings) in self.streams.all()? {
            let (world, name) = world_and_name(&key).ok_or_else(|| unreadable(&key))?;
            let shards = shards.remove(&settings.uid).unwrap_or_default().into_iter().map(|(_, shard)| shard).collect();
            let consumers = consumers.remove(&settings.uid).unwrap_or_default().into_iter().collect();
            loaded.push(Loaded { world, name, settings, shards, consumers });
        }
        Ok(loaded)
    }

    /// Stores a new stream.
    pub(super) fn insert(&self, stream: &Stream) -> Result<()> {
        let state = stream.state();
        self.store.commit(|tx| {
            tx.put(&self.streams, &stream_key(stream), &state.settings)?;
            state
                .shards
                .all()
                .try_for_each(|handle| tx.put(&self.shards, &shard_key(stream.uid, handle.shard.index), &handle.shard))
        })?;
        Ok(())
    }

    /// Stores where `next` differs from the stream's present state.
    pub(super) fn update(&self, stream: &Stream, next: &StreamState) -> Result<()> {
        let before = stream.state();
        let same_shards = Arc::ptr_eq(&before.shards, &next.shards);
        if before.settings == next.settings && before.consumers == next.consumers && same_shards {
            return Ok(());
        }
        self.store.commit(|tx| {
            if before.settings != next.settings {
                tx.put(&self.streams, &stream_key(stream), &next.settings)?;
            }
            if !same_shards {
                for handle in next.shards.all() {
                    let index = handle.shard.index;
                    if before.shards.get(index).is_none_or(|known| known.shard != handle.shard) {
                        tx.put(&self.shards, &shard_key(stream.uid, index), &handle.shard)?;
                    }
                }
                for handle in before.shards.all().filter(|handle| next.shards.get(handle.shard.index).is_none()) {
                    tx.remove(&self.shards, &shard_key(stream.uid, handle.shard.index))?;
                }
            }
            for (name, consumer) in &next.consumers {
                if before.consumers.get(name) != Some(consumer) {
                    tx.put(&self.consumers, &consumer_key(stream.uid, name), consumer)?;
                }
            }
            for name in before.consumers.keys().filter(|name| !next.consumers.contains_key(*name)) {
                tx.remove(&self.consumers, &consumer_key(stream.uid, name))?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Removes everything that is stored of a stream.
    pub(super) fn remove(&self, stream: &Stream) -> Result<()> {
        let state = stream.state();
        self.store.commit(|tx| {
            tx.remove(&self.streams, &stream_key(stream))?;
            for handle in state.shards.all() {
                tx.remove(&self.shards, &shard_key(stream.uid, handle.shard.index))?;
            }
            state.consumers.keys().try_for_each(|name| tx.remove(&self.consumers, &consumer_key(stream.uid, name)))
        })?;
        Ok(())
    }
}

/// The stream and the shard that a log of ours belongs to.
pub(crate) fn log_owner(log: &str) -> Option<(StreamUid, ShardIndex)> {
    let (rest, shard) = log.strip_prefix("kinesis.")?.rsplit_once('.')?;
    let (_, uid) = rest.rsplit_once('.')?;
    Some((StreamUid::parse(uid)?, ShardIndex(shard.parse().ok()?)))
}

fn stream_key(stream: &Stream) -> String {
    format!("{}/{}", stream.world, stream.name)
}

fn shard_key(uid: StreamUid, index: ShardIndex) -> String {
    format!("{uid}/{:010}", index.0)
}

fn consumer_key(uid: StreamUid, name: &str) -> String {
    format!("{uid}/{name}")
}

fn world_and_name(key: &str) -> Option<(World, StreamName)> {
    let (world, name) = key.rsplit_once('/')?;
    let (account, region) = world.split_once('/')?;
    Some((World::new(account, region), StreamName::new(name)?))
}

fn uid_and_rest(key: &str) -> Option<(StreamUid, &str)> {
    let (uid, rest) = key.split_once('/')?;
    Some((StreamUid::parse(uid)?, rest))
}

/// Rows by stream, with the rest of their key.
fn by_stream<T>(rows: Vec<(String, T)>) -> Result<BTreeMap<StreamUid, Vec<(String, T)>>> {
    let mut grouped: BTreeMap<StreamUid, Vec<(String, T)>> = BTreeMap::new();
    for (key, row) in rows {
        let (uid, rest) = uid_and_rest(&key).ok_or_else(|| unreadable(&key))?;
        grouped.entry(uid).or_default().push((rest.to_owned(), row));
    }
    Ok(grouped)
}

fn unreadable(key: &str) -> Error {
    tracing::error!(key, "the state has a row whose key cannot be read");
    Error::Internal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        let world = World::new("000000000000", "eu-west-1");
        assert_eq!(world_and_name("000000000000/eu-west-1/a.b"), Some((world, StreamName::new("a.b").unwrap())));
        let uid = StreamUid(0xab);
        assert_eq!(uid_and_rest(&consumer_key(uid, "app")), Some((uid, "app")));
        assert_eq!(log_owner("kinesis.000000000000.eu-west-1.00000000000000ab.7"), Some((uid, ShardIndex(7))));
        assert_eq!(log_owner("somebody.else"), None);
    }
}
