//! What the tests of this crate share: a service on memory, driven through the protocol as a client drives it.

use aws_wire::{Body, Call, Endpoint as _, World};
use bytes::Bytes;
use env::{Env, Timestamp};
use serde_json::Value;
use state_store::Store;

use crate::Kms;

/// A service and what survives its restart.
pub(crate) struct Fixture {
    kms: Kms,
    pub(crate) env: Env,
    store: Store,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let env = Env::manual(Timestamp::from_secs(1_700_000_000), 1);
        let store = Store::in_memory();
        Self { kms: Kms::open(env.clone(), &store).unwrap(), env, store }
    }

    /// Forgets everything that is not stored.
    pub(crate) fn restart(&mut self) {
        self.kms = Kms::open(self.env.clone(), &self.store).unwrap();
    }

    /// A new key: its id and its ARN.
    pub(crate) async fn key(&self) -> (String, String) {
        let metadata = self.ok("CreateKey", serde_json::json!({})).await["KeyMetadata"].clone();
        let text = |member: &str| metadata[member].as_str().unwrap().to_owned();
        (text("KeyId"), text("Arn"))
    }

    /// The answer, or `Code: message`.
    async fn call(&self, action: &str, input: &Value) -> Result<Value, String> {
        let call = Call {
            world: World::new("000000000000", "us-east-1"),
            access_key: None,
            invocation: None,
            request_id: "id".into(),
        };
        let request = http::Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("TrentService.{action}"))
            .body(Bytes::from(input.to_string()))
            .unwrap();
        let reply = self.kms.serve(call, request).await;
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

    /// A call that fails with exactly these words.
    pub(crate) async fn refused(&self, action: &str, input: Value, error: &str) {
        assert_eq!(self.call(action, &input).await, Err(error.to_owned()), "{action}");
    }
}
