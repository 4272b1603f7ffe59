//! The groups and streams of all worlds: in memory, and durable in the state store.
//!
//! Invariant: what is in memory is in the store. One change of groups and streams has its turn at a time.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aws_wire::World;
use env::{Env, Timestamp};
use shard_log::{Log, LogId, LogStore, Trim};
use state_store::{Store, Table};

use crate::error::{Error, Result};
use crate::group::{Group, Record, Stream};

/// What the names of our logs begin with, in a store that others use too. Persisted.
const LOG_PREFIX: &str = "cwl-";

/// All groups.
pub(crate) struct Catalog {
    env: Env,
    store: Store,
    logs: Arc<dyn LogStore>,
    records: Table<Record>,
    streams: Table<Stream>,
    groups: RwLock<BTreeMap<String, Arc<Group>>>,
    turn: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog").finish_non_exhaustive()
    }
}

impl Catalog {
    /// Loads what `store` knows, and removes the logs of groups that are no more.
    pub(crate) async fn open(env: Env, store: &Store, logs: Arc<dyn LogStore>) -> Result<Self> {
        let (records, streams) = (store.table::<Record>("logs.groups"), store.table::<Stream>("logs.streams"));
        let mut groups = BTreeMap::new();
        let mut known = HashSet::new();
        for (place, record) in records.all()? {
            let of_group = streams.scan(&format!("{}/", record.log))?.into_iter();
            let of_group = of_group.map(|(_, stream)| (stream.name.clone(), stream)).collect();
            known.insert(record.log.clone());
            groups.insert(place, Group::new(record, of_group));
        }
        for log in logs.list().await? {
            if log.as_str().starts_with(LOG_PREFIX) && !known.contains(log.as_str()) {
                logs.remove(&log).await?;
            }
        }
        let (groups, turn) = (RwLock::new(groups), tokio::sync::Mutex::new(()));
        Ok(Self { env, store: store.clone(), logs, records, streams, groups, turn })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.env.clock.now()
    }

    /// The group of that name.
    pub(crate) fn group(&self, world: &World, name: &str) -> Result<Arc<Group>> {
        let groups = self.groups.read().unwrap_or_else(PoisonError::into_inner);
        groups.get(&place(world, name)).cloned().ok_or(Error::GroupNotFound)
    }

    /// All groups of a world, by name.
    pub(crate) fn groups(&self, world: &World) -> Vec<Arc<Group>> {
        let prefix = place(world, "");
        let groups = self.groups.read().unwrap_or_else(PoisonError::into_inner);
        let within = groups.range(prefix.clone()..).take_while(|(place, _)| place.starts_with(&prefix));
        within.map(|(_, group)| Arc::clone(group)).collect()
    }

    /// The log of a group. It is asked for every time: one that failed is opened anew.
    pub(crate) async fn log(&self, group: &Group) -> Result<Arc<dyn Log>> {
        let log = self.logs.open(&log_id(&group.record().log)?).await?;
        group.count(&*log).await?;
        Ok(log)
    }

    /// Makes a group. `draft` says what it is like.
    pub(crate) async fn create_group(&self, world: &World, draft: Record) -> Result<Arc<Group>> {
        let _turn = self.turn.lock().await;
        if self.group(world, &draft.name).is_ok() {
            return Err(Error::GroupExists);
        }
        let log = format!("{LOG_PREFIX}{}", self.env.random.hex::<8>());
        // A log without a group is removed at the next start; a group without a log would be a broken promise.
        self.logs.create(&log_id(&log)?).await?;
        let (place, record) = (place(world, &draft.name), Record { log, ..draft });
        self.records.put(&place, &record)?;
        let group = Group::new(record, BTreeMap::new());
        self.change(|groups| drop(groups.insert(place, Arc::clone(&group))));
        Ok(group)
    }

    /// Changes what is known about a group.
    pub(crate) async fn change_group(
        &self,
        world: &World,
        name: &str,
        change: impl FnOnce(&mut Record) -> Result<()>,
    ) -> Result<()> {
        let _turn = self.turn.lock().await;
        let group = self.group(world, name)?;
        let mut record = Record::clone(&group.record());
        change(&mut record)?;
        self.records.put(&place(world, name), &record)?;
        let horizon = record.horizon(self.now());
        group.state().record = Arc::new(record);
        self.log(&group).await?.trim(Trim::Older(horizon)).await?;
        Ok(())
    }

    /// Removes a group with all its streams and events.
    pub(crate) async fn delete_group(&self, world: &World, name: &str) -> Result<()> {
        let _turn = self.turn.lock().await;
        let group = self.group(world, name)?;
        let record = group.record();
        if record.protected {
            return Err(Error::Protected);
        }
        let place = place(world, name);
        let streams: Vec<_> = group.state().streams.keys().map(|stream| stream_place(&record.log, stream)).collect();
        self.store.commit(|transaction| {
            transaction.remove(&self.records, &place)?;
            streams.iter().try_for_each(|stream| transaction.remove(&self.streams, stream))
        })?;
        self.change(|groups| drop(groups.remove(&place)));
        self.logs.remove(&log_id(&record.log)?).await?;
        Ok(())
    }

    /// Makes a stream.
    pub(crate) async fn create_stream(&self, group: &Group, name: &str) -> Result<Stream> {
        let _turn = self.turn.lock().await;
        if group.state().streams.contains_key(name) {
            return Err(Error::StreamExists);
        }
        let number = u64::from_be_bytes(self.env.random.bytes());
        let stream = Stream { name: name.to_owned(), number, created: self.now() };
        self.streams.put(&stream_place(&group.record().log, name), &stream)?;
        group.state().streams.insert(name.to_owned(), stream.clone());
        Ok(stream)
    }

    /// Removes a stream. Its events are nobody's from now on; their space comes back with retention.
    pub(crate) async fn delete_stream(&self, group: &Group, name: &str) -> Result<()> {
        let _turn = self.turn.lock().await;
        if !group.state().streams.contains_key(name) {
            return Err(Error::StreamNotFound);
        }
        self.streams.remove(&stream_place(&group.record().log, name))?;
        group.state().streams.remove(name);
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Arc<Group>>)) {
        change(&mut self.groups.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The key of a group's record. Persisted. Neither accounts nor regions have a slash.
fn place(world: &World, name: &str) -> String {
    format!("{world}/{name}")
}

/// The key of a stream's record. Persisted.
fn stream_place(log: &str, name: &str) -> String {
    format!("{log}/{name}")
}

fn log_id(name: &str) -> Result<LogId> {
    LogId::new(name).ok_or(Error::Internal)
}
