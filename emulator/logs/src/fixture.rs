//! What the tests of this crate share: a service on a folder, driven through the protocol as a client drives it.

use std::sync::Arc;

use aws_wire::{Body, Call, Endpoint as _, World};
use bytes::Bytes;
use env::{Env, Timestamp};
use serde_json::{Value, json};
use state_store::Store;
use tempfile::TempDir;

use crate::Logs;

/// A service and what survives its restart.
pub(crate) struct Fixture {
    pub(crate) logs: Logs,
    pub(crate) world: World,
    pub(crate) env: Env,
    store: Store,
    events: Arc<shard_log::Store>,
    _folder: TempDir,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let env = Env::manual(Timestamp::from_secs(1_700_000_000), 1);
        let (store, folder) = (Store::in_memory(), tempfile::tempdir().unwrap());
        let events = Arc::new(shard_log::Store::open(shard_log::Config::new(folder.path()), &env).unwrap());
        let logs = Logs::open(env.clone(), &store, events.clone()).await.unwrap();
        Self { logs, world: World::new("000000000000", "us-east-1"), env, store, events, _folder: folder }
    }

    /// With a group `g` that has a stream `s`.
    pub(crate) async fn with_stream() -> Self {
        let fixture = Self::new().await;
        fixture.ok("CreateLogGroup", json!({"logGroupName": "g"})).await;
        fixture.ok("CreateLogStream", json!({"logGroupName": "g", "logStreamName": "s"})).await;
        fixture
    }

    /// Forgets everything that is not stored.
    pub(crate) async fn restart(&mut self) {
        self.logs = Logs::open(self.env.clone(), &self.store, self.events.clone()).await.unwrap();
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.env.clock.now()
    }

    /// Puts an event that happened `ago` milliseconds ago.
    pub(crate) async fn put(&self, stream: &str, message: &str, ago: u64) -> Value {
        let timestamp = self.now().as_millis() - ago;
        let events = json!([{"timestamp": timestamp, "message": message}]);
        self.ok("PutLogEvents", json!({"logGroupName": "g", "logStreamName": stream, "logEvents": events})).await
    }

    /// The answer, or `Code: message`.
    async fn call(&self, action: &str, input: &Value) -> Result<Value, String> {
        let call = Call { world: self.world.clone(), access_key: None, invocation: None, request_id: "id".into() };
        let request = http::Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("Logs_20140328.{action}"))
            .body(Bytes::from(input.to_string()))
            .unwrap();
        let reply = self.logs.serve(call, request).await;
        let status = reply.status();
        let Body::Full(body) = reply.into_body() else { panic!("{action} answered with a stream") };
        if status.is_success() {
            return Ok(if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() });
        }
        let error: Value = serde_json::from_slice(&body).unwrap();
        let message = error["message"].as_str().unwrap_or_default();
        Err(format!("{}: {message}", error["__type"].as_str().unwrap_or_default()))
    }

    /// The answer of a call that succeeds.
    pub(crate) async fn ok(&self, action: &str, input: Value) -> Value {
        self.call(action, &input).await.unwrap_or_else(|error| panic!("{action}: {error}"))
    }

    /// What a call that fails says.
    pub(crate) async fn error(&self, action: &str, input: Value) -> String {
        self.call(action, &input).await.expect_err(action)
    }

    /// A call that fails with exactly these words.
    pub(crate) async fn refused(&self, action: &str, input: Value, error: &str) {
        assert_eq!(self.call(action, &input).await, Err(error.to_owned()), "{action}");
    }
}
