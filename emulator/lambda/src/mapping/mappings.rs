//! Event source mappings as one value: what the API's actions change and the server starts and stops.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_wire::{Service, World};
use env::{Env, Timestamp};
use state_store::Store;

use crate::destination::Destinations;
use crate::keys::Keys;
use crate::mapping::catalog::Catalog;
use crate::mapping::definition::Mapping;
use crate::mapping::error::Error;
use crate::mapping::pollers::Pollers;
use crate::mapping::site::{Functions, Site};
use crate::mapping::source::{RecordSource, SourceError, Stream};

/// A service whose actions make and change mappings.
pub(crate) trait Feeding: Service<Error: From<Error>> {
    /// Its mappings.
    fn mappings(&self) -> &Mappings;

    /// The functions that they may feed.
    fn functions(&self) -> &dyn Functions;
}

/// The mappings of all worlds, and their pollers once they are started.
pub(crate) struct Mappings {
    env: Env,
    catalog: Arc<Catalog>,
    source: Arc<dyn RecordSource>,
    keys: Arc<dyn Keys>,
    lifecycle_delay: Duration,
    pollers: Pollers,
}

impl Mappings {
    /// Opens what `store` holds. Transitions take `lifecycle_delay`.
    pub(crate) fn open(
        env: Env,
        store: Store,
        source: Arc<dyn RecordSource>,
        keys: Arc<dyn Keys>,
        lifecycle_delay: Duration,
    ) -> Result<Self, Error> {
        let catalog = Arc::new(Catalog::open(store)?);
        Ok(Self { env, catalog, source, keys, lifecycle_delay, pollers: Pollers::default() })
    }

    /// Lets the mappings work. Until then they only stand in the catalog.
    pub(crate) fn start(&self, functions: Arc<dyn Functions>, destinations: Arc<dyn Destinations>) {
        let (env, catalog) = (self.env.clone(), Arc::clone(&self.catalog));
        let (source, keys) = (Arc::clone(&self.source), Arc::clone(&self.keys));
        self.pollers.start(Site { env, catalog, source, functions, destinations, keys });
    }

    /// Stops all work; waits a while for invocations under way.
    pub(crate) async fn stop(&self) {
        self.pollers.stop().await;
    }

    /// The keys that filters may be under.
    pub(crate) fn keys(&self) -> &Arc<dyn Keys> {
        &self.keys
    }

    /// The time, of which mappings remember some moments.
    pub(crate) fn now(&self) -> Timestamp {
        self.env.clock.now()
    }

    /// An id for another mapping.
    pub(crate) fn new_id(&self) -> String {
        self.env.random.uuid()
    }

    /// When a transition that begins now may end.
    pub(crate) fn settles_at(&self) -> Timestamp {
        self.env.clock.now() + self.lifecycle_delay
    }

    /// The stream behind `source_arn`.
    pub(crate) async fn stream(&self, world: &World, source_arn: &str) -> Result<Stream, Error> {
        self.source.stream(world, source_arn).await.map_err(|error| match error {
            SourceError::NotFound => Error::StreamNotFound(source_arn.to_owned()),
            SourceError::Unavailable(_) => Error::StreamUnreadable(source_arn.to_owned()),
        })
    }

    /// Adds a mapping and sets it to work.
    pub(crate) async fn create(&self, mapping: Mapping) -> Result<Arc<Mapping>, Error> {
        let created = self.durably(|catalog| catalog.add(mapping)).await?;
        let mapping = created.borrow().clone();
        self.pollers.follow(created);
        Ok(mapping)
    }

    /// The mapping `uuid` of `world`.
    pub(crate) fn get(&self, world: &World, uuid: &str) -> Result<Arc<Mapping>, Error> {
        self.catalog.get(world, uuid)
    }

    /// The mappings of `world`, by id.
    pub(crate) fn list(&self, world: &World) -> Vec<Arc<Mapping>> {
        self.catalog.list(world)
    }

    /// Changes a mapping; nothing happens if `change` fails.
    pub(crate) async fn change<F>(&self, world: &World, uuid: &str, change: F) -> Result<Arc<Mapping>, Error>
    where
        F: FnOnce(&mut Mapping) -> Result<(), Error> + Send + 'static,
    {
        let (world, uuid) = (world.clone(), uuid.to_owned());
        self.durably(move |catalog| catalog.change(&world, &uuid, change)).await
    }

    /// The tags of the mapping `uuid`.
    pub(crate) fn tags(&self, world: &World, uuid: &str) -> Result<BTreeMap<String, String>, Error> {
        Ok(self.get(world, uuid)?.tags.clone())
    }

    /// Changes the tags of the mapping `uuid`. Its state stays as it is.
    pub(crate) async fn change_tags<F>(&self, world: &World, uuid: &str, change: F) -> Result<(), Error>
    where
        F: FnOnce(&mut BTreeMap<String, String>) + Send + 'static,
    {
        self.change(world, uuid, |mapping| {
            change(&mut mapping.tags);
            Ok(())
        })
        .await
        .map(drop)
    }

    /// Runs `write` where waiting for the disk holds up nobody else.
    async fn durably<R, F>(&self, write: F) -> Result<R, Error>
    where
        R: Send + 'static,
        F: FnOnce(&Catalog) -> Result<R, Error> + Send + 'static,
    {
        let catalog = Arc::clone(&self.catalog);
        let written = tokio::task::spawn_blocking(move || write(&catalog)).await;
        written.unwrap_or_else(|error| Err(Error::State(error.to_string())))
    }
}
