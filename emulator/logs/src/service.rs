//! The service as one value: what it is reached by, and what other services ask of it.

use std::fmt;
use std::sync::Arc;

use aws_wire::{Actions, Body, Call, Endpoint, Reply, Service, World, json11};
use bytes::Bytes;
use env::{Env, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Request, StatusCode};
use shard_log::LogStore;
use state_store::Store;

use crate::action;
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::group::Record;

/// What the targets of this service's actions begin with.
const TARGET_PREFIX: &str = "Logs_20140328";
/// The most events that are appended at once.
const AT_ONCE: usize = 10_000;

/// Groups, streams and events of all worlds. Cheap to clone.
#[derive(Clone)]
pub struct Logs(Arc<Parts>);

struct Parts {
    catalog: Catalog,
    actions: Actions<Logs>,
}

/// An event to be put.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// When it happened.
    pub timestamp: Timestamp,
    /// What is told about it.
    pub message: String,
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").field("actions", &self.0.actions).finish_non_exhaustive()
    }
}

impl Logs {
    /// Opens what `store` and `logs` hold.
    pub async fn open(env: Env, store: &Store, logs: Arc<dyn LogStore>) -> Result<Self> {
        let catalog = Catalog::open(env, store, logs).await?;
        Ok(Self(Arc::new(Parts { catalog, actions: action::registry() })))
    }

    /// Adds events to a stream, making it and its group if they are not there. They are durable when this returns.
    pub async fn put(&self, world: &World, group: &str, stream: &str, events: &[Event]) -> Result<()> {
        let catalog = self.catalog();
        let group = match catalog.group(world, group) {
            Ok(group) => group,
            Err(_) => match catalog.create_group(world, Record::named(group, catalog.now())).await {
                Err(Error::GroupExists) => catalog.group(world, group)?,
                made => made?,
            },
        };
        let known = group.state().streams.get(stream).cloned();
        let number = match known {
            Some(known) => known.number,
            None => match catalog.create_stream(&group, stream).await {
                Err(Error::StreamExists) => group.state().streams.get(stream).ok_or(Error::StreamNotFound)?.number,
                made => made?.number,
            },
        };
        let log = catalog.log(&group).await?;
        for events in events.chunks(AT_ONCE) {
            group.append(&*log, number, events, catalog.now()).await?;
        }
        Ok(())
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }
}

impl Record {
    /// A group of which nothing is said but its name.
    pub(crate) fn named(name: &str, created: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            log: String::new(),
            created,
            class: "STANDARD".to_owned(),
            retention_days: None,
            tags: std::collections::BTreeMap::new(),
            protected: false,
            key: None,
        }
    }
}

impl Service for Logs {
    type Error = Error;
}

impl Endpoint for Logs {
    fn serve(&self, call: Call, request: Request<Bytes>) -> BoxFuture<'_, Reply> {
        async move { in_our_words(json11::serve(&self.0.actions, self, TARGET_PREFIX, &call, request).await) }.boxed()
    }
}

/// Of all services, this one has a code of its own for a constraint that does not hold.
fn in_our_words(mut reply: Reply) -> Reply {
    const THEIRS: &[u8] = br#"{"__type":"ValidationException","message":"1 validation error"#;
    const START: &[u8] = br#"{"__type":"ValidationException""#;
    const OURS: &[u8] = br#"{"__type":"InvalidParameterException""#;
    let Body::Full(body) = reply.body() else { return reply };
    let about_constraints =
        body.starts_with(THEIRS) || body.starts_with(START) && find(body, b" validation errors detected");
    if reply.status() == StatusCode::BAD_REQUEST && about_constraints {
        let body = [OURS, &body[START.len()..]].concat();
        *reply.body_mut() = body.into();
    }
    reply
}

fn find(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::Fixture;

    #[tokio::test]
    async fn other_services_put() {
        let mut fixture = Fixture::new().await;
        let event = |message: &str| Event { timestamp: fixture.now(), message: message.to_owned() };
        let events = [event("one"), event("two")];
        fixture.logs.put(&fixture.world, "/aws/lambda/f", "s", &events[..1]).await.unwrap();
        fixture.logs.put(&fixture.world, "/aws/lambda/f", "s", &events[1..]).await.unwrap();
        fixture.restart().await;
        let input = json!({"logGroupName": "/aws/lambda/f", "logStreamName": "s", "startFromHead": true});
        let got = fixture.ok("GetLogEvents", input).await;
        let messages: Vec<_> = got["events"].as_array().unwrap().iter().map(|event| &event["message"]).collect();
        assert_eq!(messages, ["one", "two"]);
    }

    #[tokio::test]
    async fn constraints_are_told_in_our_words() {
        let fixture = Fixture::new().await;
        let error = fixture.error("CreateLogGroup", json!({"logGroupName": "a b"})).await;
        assert!(error.starts_with("InvalidParameterException: 1 validation error detected: Value"), "{error}");
        let error = fixture.error("CreateLogStream", json!({})).await;
        assert!(error.starts_with("InvalidParameterException: 2 validation errors detected"), "{error}");
    }
}
