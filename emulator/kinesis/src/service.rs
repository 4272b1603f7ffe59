//! The service: what its actions run on, and its place in the server.
//!
//! Left to others: sockets and routing (the server), protocols (aws-wire), storage (shard-log, state-store). Invariant:
//! an action sees the streams of its caller's world and no others.

use std::fmt;
use std::sync::Arc;

use aws_wire::{Actions, Call, Endpoint, Reply, Service, World};
use bytes::Bytes;
use env::{Env, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use shard_log::LogStore;
use state_store::Store;

use crate::account::Accounts;
use crate::call_rate::CallRates;
use crate::catalog::Catalog;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::name::{Resource, StreamName};
use crate::seal::Secret;
use crate::stream::{Status, Stream};
use crate::subscription::Subscriptions;
use crate::{action, retention, scaling};

/// What the targets of this service's actions begin with.
const TARGET_PREFIX: &str = "Kinesis_20131202";

/// Kinesis Data Streams. Clones are the same service.
#[derive(Clone)]
pub struct Kinesis {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) keys: Arc<dyn Keys>,
    pub(crate) secret: Secret,
    call_rates: Arc<CallRates>,
    pub(crate) subscriptions: Arc<Subscriptions>,
    actions: Arc<Actions<Self>>,
}

impl fmt::Debug for Kinesis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kinesis").field("actions", &self.actions).finish_non_exhaustive()
    }
}

impl Kinesis {
    /// Loads what `store` knows, takes up what a restart interrupted, and begins to look after retention periods. Needs
    /// to run inside a Tokio runtime; its tasks end with the last clone.
    pub async fn open(
        env: Env,
        store: &Store,
        logs: Arc<dyn LogStore>,
        keys: Arc<dyn Keys>,
        config: Config,
    ) -> Result<Self> {
        let secret = Secret::load(store, &env)?;
        let accounts = Arc::new(Accounts::load(store)?);
        let clock = env.clock.clone();
        let catalog = Catalog::load(env, store, logs, config)?;
        catalog.resume().await?;
        tokio::spawn(retention::keep_sweeping(clock.clone(), Arc::downgrade(&catalog)));
        tokio::spawn(scaling::keep_scaling(clock, Arc::downgrade(&catalog)));
        Ok(Self {
            catalog,
            accounts,
            keys,
            secret,
            call_rates: Arc::default(),
            subscriptions: Arc::default(),
            actions: Arc::new(action::all()),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.catalog.now()
    }

    pub(crate) fn config(&self) -> &Config {
        &self.catalog.config
    }

    /// Counts a call of an action of the control plane, or refuses it.
    pub(crate) fn admit_call(&self, call: &Call, action: &'static str, stream: Option<&StreamName>) -> Result<()> {
        let scaled = |figure| self.config().calls_per_second(figure);
        if !self.config().limits || self.call_rates.admit(action, &call.world, stream, self.now(), scaled) {
            return Ok(());
        }
        // Clients know that they may try again by the first words, and in some by the stream.
        let account = &call.world.account;
        let whom = match stream {
            Some(stream) => format!("stream {}", stream.label(&call.world)),
            None => format!("account {account}"),
        };
        Err(Error::CallRate { whom })
    }

    /// The stream that a request names, as it is; what is due on it is done first. For the control plane.
    pub(crate) async fn stream(
        &self,
        call: &Call,
        action: &'static str,
        name: Option<&str>,
        arn: Option<&str>,
    ) -> Result<Arc<Stream>> {
        let name = stream_name(&call.world, name, arn)?;
        self.admit_call(call, action, Some(&name))?;
        self.stream_named(&call.world, &name).await
    }

    /// Likewise by name.
    pub(crate) async fn stream_named(&self, world: &World, name: &StreamName) -> Result<Arc<Stream>> {
        let not_found = || Error::StreamNotFound { stream: name.label(world) };
        let stream = self.catalog.find(world, name).ok_or_else(not_found)?;
        self.catalog.settle(&stream).await?;
        Ok(stream)
    }

    /// The stream that a request reads or writes. One that is CREATING or DELETING counts as not there.
    pub(crate) fn usable_stream(&self, call: &Call, name: Option<&str>, arn: Option<&str>) -> Result<Arc<Stream>> {
        let name = stream_name(&call.world, name, arn)?;
        self.usable_stream_named(&call.world, &name)
            .ok_or_else(|| Error::StreamNotFound { stream: name.label(&call.world) })
    }

    /// Likewise by name.
    pub(crate) fn usable_stream_named(&self, world: &World, name: &StreamName) -> Option<Arc<Stream>> {
        let stream = self.catalog.find(world, name)?;
        match stream.state().settings.status(self.now()) {
            Status::Active | Status::Updating => Some(stream),
            Status::Creating | Status::Deleting => None,
        }
    }
}

/// The stream that a request means by name, by ARN, or by both.
pub(crate) fn stream_name(world: &World, name: Option<&str>, arn: Option<&str>) -> Result<StreamName> {
    let named = name.and_then(StreamName::new);
    let Some(arn) = arn else { return named.ok_or(Error::StreamNotNamed) };
    let resource = Resource::parse(arn).ok_or(Error::StreamNotNamed)?;
    if named.as_ref().is_some_and(|named| *named != resource.stream) {
        let name = name.unwrap_or_default().to_owned();
        return Err(Error::StreamNamesDisagree { name, arn: arn.to_owned() });
    }
    if resource.world != *world {
        // Nothing of another world is visible in this one.
        return Err(Error::StreamNotFound { stream: resource.stream.label(&resource.world) });
    }
    Ok(resource.stream)
}

impl Service for Kinesis {
    type Error = Error;
}

impl Endpoint for Kinesis {
    fn serve(&self, call: Call, request: http::Request<Bytes>) -> BoxFuture<'_, Reply> {
        async move { aws_wire::json11::serve(&self.actions, self, TARGET_PREFIX, &call, request).await }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: Option<&str>, arn: Option<&str>, expected: Result<&str, &str>) {
        let world = World::new("000000000000", "us-east-1");
        let answer = stream_name(&world, name, arn);
        match (&answer, expected) {
            (Ok(got), Ok(wanted)) => assert_eq!(got.as_str(), wanted),
            (Err(got), Err(wanted)) => assert_eq!(got.to_string(), wanted),
            (got, wanted) => panic!("{got:?} instead of {wanted:?}"),
        }
    }

    #[test]
    fn a_stream_is_named_by_name_or_arn_or_both() {
        let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
        check(Some("s"), None, Ok("s"));
        check(None, Some(arn), Ok("s"));
        check(Some("s"), Some(arn), Ok("s"));
        check(None, None, Err("Either StreamName or StreamARN should be provided."));
        check(Some("t"), Some(arn), Err(&format!("StreamName t does not match StreamARN {arn}.")));
        let elsewhere = "arn:aws:kinesis:eu-west-1:111111111111:stream/s";
        check(None, Some(elsewhere), Err("Stream s under account 111111111111 not found."));
    }
}
