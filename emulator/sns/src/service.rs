//! The service as one value: what it is reached by, and what other services ask of it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_wire::{Actions, Call, Endpoint, Reply, Service, World, query};
use bytes::Bytes;
use env::Env;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Request;
use state_store::Store;

use crate::action;
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::message::Publication;
use crate::outbox::Outbox;
use crate::target::Targets;

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
/// AWS's sequence numbers have twenty digits.
const FIRST_SEQUENCE_NUMBER: u64 = 10_000_000_000_000_000_000;

/// What SNS is told at its start.
pub struct Config {
    /// Where clients reach the emulator: links in messages begin with it.
    pub origin: String,
    /// Who has what subscriptions name.
    pub targets: Arc<dyn Targets>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// The topics of all worlds. Cheap to clone.
#[derive(Clone)]
pub struct Sns(Arc<Parts>);

struct Parts {
    env: Env,
    config: Config,
    directory: Directory,
    outbox: Outbox,
    actions: Actions<Sns>,
    last_sequence: AtomicU64,
}

impl fmt::Debug for Sns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sns").field("config", &self.0.config).finish_non_exhaustive()
    }
}

impl Sns {
    /// Opens what `store` holds.
    pub fn open(env: Env, store: &Store, config: Config) -> Result<Self, state_store::Error> {
        let directory = Directory::open(store)?;
        let outbox = Outbox::open(env.clone(), store, Arc::clone(&config.targets));
        let (actions, last_sequence) = (action::registry(), AtomicU64::new(0));
        Ok(Self(Arc::new(Parts { env, config, directory, outbox, actions, last_sequence })))
    }

    /// Goes on with deliveries that a restart interrupted.
    pub fn start(&self) -> Result<()> {
        self.outbox().start()
    }

    /// Publishes a message for another service, which runs in `world`; the message's id, once its deliveries are durable.
    pub async fn deliver(&self, world: &World, topic_arn: &str, publication: Publication) -> Result<String> {
        let topic = self.directory().topic(world, topic_arn)?;
        self.publish(&topic, &publication).await.map(|published| published.message_id)
    }

    /// The next number of a message on a FIFO topic. It goes with the clock, so it rises across restarts.
    pub(crate) fn next_sequence(&self) -> String {
        let least = self.env().clock.now().as_millis().saturating_mul(4096);
        let next = |last: u64| Some((last + 1).max(least));
        let last = self.0.last_sequence.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        (FIRST_SEQUENCE_NUMBER + (last.unwrap_or_default() + 1).max(least)).to_string()
    }

    pub(crate) fn env(&self) -> &Env {
        &self.0.env
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.0.directory
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    pub(crate) fn targets(&self) -> &dyn Targets {
        &*self.0.config.targets
    }

    pub(crate) fn origin(&self) -> &str {
        &self.0.config.origin
    }
}

impl Service for Sns {
    type Error = Error;
}

impl Endpoint for Sns {
    fn serve(&self, call: Call, request: Request<Bytes>) -> BoxFuture<'_, Reply> {
        async move { query::serve(&self.0.actions, self, NAMESPACE, &call, request).await }.boxed()
    }
}

#[cfg(test)]
mod tests;
