//! Which streams exist, and how what is known of them changes.
//!
//! Left to others: the tables ([`store`]), transitions that fall due ([`crate::lifecycle`]). Invariants: a change is
//! durable before anybody sees it; changes to one stream happen one after the other; a change writes what it changed and
//! nothing else.

mod store;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use aws_wire::World;
use env::{Env, Timestamp};
use shard_log::{LogId, LogStore};
use state_store::Store;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::name::StreamName;
use crate::shard::{Shard, ShardHandle, ShardIndex, ShardLog, ShardMap};
use crate::stream::{Phase, Status, Stream, StreamState, StreamUid};
use crate::throttle::ShardThrottle;

use store::Tables;
pub(crate) use store::log_owner;

type Streams = BTreeMap<StreamName, Arc<Stream>>;

/// The streams of all worlds.
#[derive(Debug)]
pub(crate) struct Catalog {
    pub(crate) env: Env,
    pub(crate) config: Config,
    pub(crate) logs: Arc<dyn LogStore>,
    tables: Tables,
    worlds: RwLock<HashMap<World, Streams>>,
    /// Held while a stream is created or removed, so that a name is taken once.
    naming: Arc<Mutex<()>>,
}

impl Catalog {
    /// Loads what is stored. Logs are opened when they are needed.
    pub(crate) fn load(env: Env, store: &Store, logs: Arc<dyn LogStore>, config: Config) -> Result<Arc<Self>> {
        let tables = Tables::open(store)?;
        let mut worlds: HashMap<World, Streams> = HashMap::new();
        for loaded in tables.load()? {
            let shards = loaded
                .shards
                .into_iter()
                .map(|shard| handle(&logs, &config, &loaded.world, loaded.settings.uid, shard));
            let shards = Arc::new(ShardMap::new(shards));
            let state = StreamState { settings: loaded.settings, shards, consumers: loaded.consumers };
            let stream = Stream::new(loaded.world.clone(), loaded.name.clone(), state);
            worlds.entry(loaded.world).or_default().insert(loaded.name, Arc::new(stream));
        }
        let worlds = RwLock::new(worlds);
        Ok(Arc::new(Self { env, config, logs, tables, worlds, naming: Arc::default() }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.env.clock.now()
    }

    /// The stream of that name, unless it is gone. It may not be usable yet.
    pub(crate) fn find(&self, world: &World, name: &StreamName) -> Option<Arc<Stream>> {
        let stream = self.read(|worlds| worlds.get(world)?.get(name).cloned())?;
        let gone = stream.state().settings.is_gone(self.now());
        (!gone).then_some(stream)
    }

    /// The streams of a world by name.
    pub(crate) fn in_world(&self, world: &World) -> Vec<Arc<Stream>> {
        let now = self.now();
        let mut streams: Vec<_> = self
            .read(|worlds| worlds.get(world).map(|streams| streams.values().cloned().collect()).unwrap_or_default());
        streams.retain(|stream: &Arc<Stream>| !stream.state().settings.is_gone(now));
        streams
    }

    /// Every stream there is, also those that are gone but not yet removed.
    pub(crate) fn everything(&self) -> Vec<Arc<Stream>> {
        self.read(|worlds| worlds.values().flat_map(BTreeMap::values).cloned().collect())
    }

    /// Whether this very stream has not been forgotten.
    pub(crate) fn knows(&self, stream: &Stream) -> bool {
        let named = self.read(|worlds| worlds.get(&stream.world)?.get(&stream.name).map(|named| named.uid));
        named == Some(stream.uid)
    }

    /// Makes `name` known. `quota` looks at the streams of the world that are there at that moment.
    pub(crate) async fn create(
        self: &Arc<Self>,
        world: &World,
        name: &StreamName,
        settings: crate::stream::Settings,
        shards: Vec<Shard>,
        quota: impl FnOnce(&[Arc<Stream>]) -> Result<()>,
    ) -> Result<()> {
        if let Some(leftover) = self.read(|worlds| worlds.get(world)?.get(name).cloned()) {
            self.settle(&leftover).await?;
        }
        let naming = Arc::clone(&self.naming).lock_owned().await;
        if self.find(world, name).is_some() {
            return Err(Error::StreamExists { stream: name.label(world) });
        }
        quota(&self.in_world(world))?;
        let handles = shards.into_iter().map(|shard| handle(&self.logs, &self.config, world, settings.uid, shard));
        let shards = Arc::new(ShardMap::new(handles));
        let state = StreamState { settings, shards, consumers: BTreeMap::new() };
        let stream = Arc::new(Stream::new(world.clone(), name.clone(), state));
        let catalog = Arc::clone(self);
        blocking(move || {
            catalog.tables.insert(&stream)?;
            catalog.write(|worlds| {
                let streams = worlds.entry(stream.world.clone()).or_default();
                streams.insert(stream.name.clone(), Arc::clone(&stream));
            });
            drop(naming);
            Ok(())
        })
        .await
    }

    /// Changes an ACTIVE stream: `edit` gets a copy of its state, which is stored and then published.
    pub(crate) async fn change<R>(
        self: &Arc<Self>,
        stream: &Arc<Stream>,
        edit: impl FnOnce(&mut StreamState, Timestamp) -> Result<R>,
    ) -> Result<R> {
        self.settle(stream).await?;
        self.change_in_any_state(stream, |state, now| match state.settings.status(now) {
            Status::Active => edit(state, now),
            status @ (Status::Creating | Status::Updating | Status::Deleting) => {
                Err(Error::StreamNotActive { stream: stream.label(), status })
            }
        })
        .await
    }

    /// Changes a stream whatever it is doing.
    pub(crate) async fn change_in_any_state<R>(
        self: &Arc<Self>,
        stream: &Arc<Stream>,
        edit: impl FnOnce(&mut StreamState, Timestamp) -> Result<R>,
    ) -> Result<R> {
        let turn = Arc::clone(&stream.change).lock_owned().await;
        let now = self.now();
        let mut state = (*stream.state()).clone();
        if state.settings.is_gone(now) {
            return Err(stream.not_found());
        }
        let outcome = edit(&mut state, now)?;
        let reshards = matches!(state.settings.phase, Phase::Resharding { .. });
        self.store(stream, turn, state).await?;
        // First of all, so that a reshard that fails now is tried again.
        self.watch_over(stream);
        if reshards && self.config.lifecycle_delay.is_zero() {
            self.settle(stream).await?;
        }
        Ok(outcome)
    }

    /// Stores what differs from the present state, then publishes it. Runs to its end even if the caller goes away.
    pub(crate) async fn store(
        self: &Arc<Self>,
        stream: &Arc<Stream>,
        turn: OwnedMutexGuard<()>,
        state: StreamState,
    ) -> Result<()> {
        let (catalog, stream) = (Arc::clone(self), Arc::clone(stream));
        blocking(move || {
            catalog.tables.update(&stream, &state)?;
            stream.publish(state);
            drop(turn);
            Ok(())
        })
        .await
    }

    /// Forgets a stream that is gone, with everything that is stored of it.
    pub(crate) async fn forget(self: &Arc<Self>, stream: &Arc<Stream>) -> Result<()> {
        let naming = Arc::clone(&self.naming).lock_owned().await;
        let (catalog, stream) = (Arc::clone(self), Arc::clone(stream));
        blocking(move || {
            // Somebody else may have been faster, and the name may be another stream's by now.
            if catalog.knows(&stream) {
                catalog.tables.remove(&stream)?;
                catalog.write(|worlds| worlds.get_mut(&stream.world).map(|streams| streams.remove(&stream.name)));
            }
            drop(naming);
            Ok(())
        })
        .await
    }

    /// What this process keeps for a shard that came to be.
    pub(crate) fn handle(&self, stream: &Stream, shard: Shard) -> ShardHandle {
        handle(&self.logs, &self.config, &stream.world, stream.uid, shard)
    }

    fn read<R>(&self, look: impl FnOnce(&HashMap<World, Streams>) -> R) -> R {
        look(&self.worlds.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<R>(&self, change: impl FnOnce(&mut HashMap<World, Streams>) -> R) -> R {
        change(&mut self.worlds.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Runs what waits for the disk where it holds up nobody.
async fn blocking<R: Send + 'static>(work: impl FnOnce() -> Result<R> + Send + 'static) -> Result<R> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a change to the catalog did not run to its end");
        Err(Error::Internal)
    })
}

fn handle(logs: &Arc<dyn LogStore>, config: &Config, world: &World, uid: StreamUid, shard: Shard) -> ShardHandle {
    let log = ShardLog::new(log_id(world, uid, shard.index), Arc::clone(logs));
    let throttle = Arc::new(std::sync::Mutex::new(ShardThrottle::new(config.shard_rates())));
    ShardHandle { shard, log: Arc::new(log), throttle }
}

/// `ACCOUNT.REGION.UID.SHARD`: the world is there for people, the uid and the shard make it unique. Persisted.
fn log_id(world: &World, uid: StreamUid, shard: ShardIndex) -> LogId {
    let plain =
        |text: &str| -> String { text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect() };
    let name = format!("{}.{}.{uid}.{}", plain(&world.account), plain(&world.region), shard.0);
    LogId::new(format!("kinesis.{name}")).expect("ASCII letters, digits, hyphens and dots, far below 200 of them")
}
