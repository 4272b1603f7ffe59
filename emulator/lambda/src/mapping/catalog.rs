//! All mappings of all worlds: in memory to be looked at, in the store to outlive the emulator.
//!
//! Every change is durable before anyone sees it, and everyone who follows a mapping sees it at once: each is a watched
//! value, so pollers and workers need not be told. What the changes mean is [`definition`](super::definition)'s.
//!
//! Invariant: a mapping and the progress of its shards come and go together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_wire::World;
use state_store::{Store, Table};
use tokio::sync::watch;

use crate::mapping::definition::{Mapping, State, key};
use crate::mapping::error::Error;
use crate::mapping::progress::{Progress, Shards};

/// The mappings and how far each of them is.
pub(crate) struct Catalog {
    store: Store,
    mappings: Table<Mapping>,
    progress: Table<Progress>,
    /// By key, which begins with the world.
    live: Mutex<BTreeMap<String, watch::Sender<Arc<Mapping>>>>,
    /// Held by whoever changes a mapping, so that the store and `live` agree on the last change. Readers need not wait.
    changing: Mutex<()>,
}

/// A mapping that somebody follows.
pub(crate) type Followed = watch::Receiver<Arc<Mapping>>;

impl Catalog {
    /// Opens what `store` holds.
    pub(crate) fn open(store: Store) -> Result<Self, Error> {
        let mappings: Table<Mapping> = store.table("lambda.mappings");
        let progress = store.table("lambda.mapping-progress");
        let live = mappings.all()?.into_iter().map(|(key, mapping)| (key, watch::Sender::new(Arc::new(mapping))));
        let live = Mutex::new(live.collect());
        Ok(Self { store, mappings, progress, live, changing: Mutex::default() })
    }

    /// The mapping `uuid` of `world`.
    pub(crate) fn get(&self, world: &World, uuid: &str) -> Result<Arc<Mapping>, Error> {
        let live = self.live();
        let sender = live.get(&key(world, uuid)).ok_or(Error::NotFound)?;
        Ok(sender.borrow().clone())
    }

    /// The mappings of `world`, by id.
    pub(crate) fn list(&self, world: &World) -> Vec<Arc<Mapping>> {
        let prefix = key(world, "");
        let live = self.live();
        let of_world = live.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        of_world.map(|(_, sender)| sender.borrow().clone()).collect()
    }

    /// Every mapping there is, to be followed.
    pub(crate) fn follow_all(&self) -> Vec<Followed> {
        self.live().values().map(watch::Sender::subscribe).collect()
    }

    /// Adds `mapping` unless another feeds the same function from the same source.
    pub(crate) fn add(&self, mapping: Mapping) -> Result<Followed, Error> {
        let _changing = self.changing();
        self.refuse_duplicate(&mapping)?;
        let key = mapping.key();
        self.mappings.put(&key, &mapping)?;
        let (sender, followed) = watch::channel(Arc::new(mapping));
        self.live().insert(key, sender);
        Ok(followed)
    }

    /// Changes a mapping and returns what it has become. Nothing happens if `change` fails.
    pub(crate) fn change(
        &self,
        world: &World,
        uuid: &str,
        change: impl FnOnce(&mut Mapping) -> Result<(), Error>,
    ) -> Result<Arc<Mapping>, Error> {
        let _changing = self.changing();
        let mut mapping = Mapping::clone(&*self.get(world, uuid)?);
        change(&mut mapping)?;
        self.refuse_duplicate(&mapping)?;
        self.mappings.put(&mapping.key(), &mapping)?;
        self.publish(mapping)
    }

    /// One source feeds one function once.
    fn refuse_duplicate(&self, mapping: &Mapping) -> Result<(), Error> {
        let is_same = |other: &Arc<Mapping>| {
            other.uuid != mapping.uuid
                && other.event_source_arn == mapping.event_source_arn
                && other.function == mapping.function
        };
        match self.list(&mapping.world.0).into_iter().find(is_same) {
            None => Ok(()),
            Some(other) => Err(Error::Duplicate {
                source_arn: mapping.event_source_arn.clone(),
                function: mapping.function.name.clone(),
                uuid: other.uuid.clone(),
            }),
        }
    }

    /// The source's shards got their positions: from now on `progress` says where each is.
    pub(crate) fn begin(&self, mapping: &Mapping, incarnation: &str, progress: &Shards) -> Result<(), Error> {
        let _changing = self.changing();
        let mut mapping = Mapping::clone(&*self.get(&mapping.world.0, &mapping.uuid)?);
        mapping.incarnation = Some(incarnation.to_owned());
        let key = mapping.key();
        let before = self.progress.scan(&shard_key(&key, ""))?;
        self.store.commit(|write| {
            before.iter().try_for_each(|(key, _)| write.remove(&self.progress, key))?;
            progress.iter().try_for_each(|(shard, at)| write.put(&self.progress, &shard_key(&key, shard), at))?;
            write.put(&self.mappings, &key, &mapping)
        })?;
        self.publish(mapping).map(drop)
    }

    /// The transition of a mapping into `state` is over.
    pub(crate) fn settle(&self, mapping: &Mapping, state: State) -> Result<(), Error> {
        let change = |changed: &mut Mapping| {
            // Only the transition that was waited for may end.
            if changed.state == mapping.state {
                changed.state = state;
            }
            Ok(())
        };
        self.change(&mapping.world.0, &mapping.uuid, change).map(drop)
    }

    /// The last batch went as `result` says.
    pub(crate) fn report(&self, mapping: &Mapping, result: String) -> Result<(), Error> {
        self.change(&mapping.world.0, &mapping.uuid, |mapping| {
            mapping.last_processing_result = result;
            Ok(())
        })
        .map(drop)
    }

    /// Removes a mapping and all its positions.
    pub(crate) fn remove(&self, mapping: &Mapping) -> Result<(), Error> {
        let _changing = self.changing();
        let key = mapping.key();
        let progress = self.progress.scan(&shard_key(&key, ""))?;
        self.store.commit(|write| {
            progress.iter().try_for_each(|(key, _)| write.remove(&self.progress, key))?;
            write.remove(&self.mappings, &key)
        })?;
        self.live().remove(&key);
        Ok(())
    }

    /// How far a mapping is with each shard that it has met.
    pub(crate) fn progress(&self, mapping: &Mapping) -> Result<Shards, Error> {
        let prefix = shard_key(&mapping.key(), "");
        let found = self.progress.scan(&prefix)?.into_iter();
        Ok(found.map(|(key, progress)| (key[prefix.len()..].to_owned(), progress)).collect())
    }

    /// Stores how far a mapping is with one shard.
    pub(crate) fn record(&self, mapping: &Mapping, shard: &str, progress: &Progress) -> Result<(), Error> {
        Ok(self.progress.put(&shard_key(&mapping.key(), shard), progress)?)
    }

    /// Forgets shards that the stream no longer has.
    pub(crate) fn forget(&self, mapping: &Mapping, shards: &[String]) -> Result<(), Error> {
        let key = mapping.key();
        Ok(self.store.commit(|write| {
            shards.iter().try_for_each(|shard| write.remove(&self.progress, &shard_key(&key, shard)))
        })?)
    }

    fn publish(&self, mapping: Mapping) -> Result<Arc<Mapping>, Error> {
        let mapping = Arc::new(mapping);
        let live = self.live();
        live.get(&mapping.key()).ok_or(Error::NotFound)?.send_replace(Arc::clone(&mapping));
        Ok(mapping)
    }

    fn live(&self) -> MutexGuard<'_, BTreeMap<String, watch::Sender<Arc<Mapping>>>> {
        // The map is changed by single calls that leave it whole, so a panic elsewhere did not harm it.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shard_key(mapping: &str, shard: &str) -> String {
    format!("{mapping}/{shard}")
}
