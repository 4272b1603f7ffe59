//! The API of mappings as clients see it, for tests: requests go in as JSON, answers come out as JSON.

use std::sync::Arc;
use std::time::Duration;

use aws_wire::rest_json::{self, Routes};
use aws_wire::{Body, Call, Service, World};
use bytes::Bytes;
use env::Env;
use http::Request;
use serde_json::{Value, json};
use state_store::Store;
use tokio::sync::mpsc;

use crate::action::mapping_routes;
use crate::fixture::{FakeKeys, Mailbox};
use crate::mapping::Error;
use crate::mapping::bench::{FakeFunctions, FakeSource, START, STREAM};
use crate::mapping::mappings::{Feeding, Mappings};
use crate::mapping::site::Functions;

pub(crate) const MAPPINGS: &str = "/2015-03-31/event-source-mappings";
/// The id of no mapping.
pub(crate) const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
pub(crate) const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

/// A service that has nothing but mappings.
pub(crate) struct Front {
    routes: Routes<OnlyMappings>,
    service: OnlyMappings,
    env: Env,
    pub(crate) source: Arc<FakeSource>,
    pub(crate) keys: Arc<FakeKeys>,
}

struct OnlyMappings {
    mappings: Mappings,
    functions: Arc<dyn Functions>,
}

impl Service for OnlyMappings {
    type Error = Error;
}

impl Feeding for OnlyMappings {
    fn mappings(&self) -> &Mappings {
        &self.mappings
    }

    fn functions(&self) -> &dyn Functions {
        &*self.functions
    }
}

impl Front {
    /// One stream with one shard; transitions take 100 ms. No invocation is ever answered.
    pub(crate) fn new() -> Self {
        let env = Env::manual(START, 7);
        let source = Arc::new(FakeSource::new(env.clone()));
        source.create("first", &["a"]);
        let functions: Arc<dyn Functions> = Arc::new(FakeFunctions(mpsc::unbounded_channel().0));
        let (store, delay, keys) = (Store::in_memory(), Duration::from_millis(100), Arc::<FakeKeys>::default());
        let (streams, keyring) = (Arc::<FakeSource>::clone(&source), Arc::<FakeKeys>::clone(&keys));
        let mappings = Mappings::open(env.clone(), store, streams, keyring, delay).unwrap();
        mappings.start(Arc::clone(&functions), Arc::new(Mailbox::new()));
        let (routes, service) = (mapping_routes(Routes::new()), OnlyMappings { mappings, functions });
        Self { routes, service, env, source, keys }
    }

    /// The status and the document of the answer.
    pub(crate) async fn send(&self, method: &str, uri: &str, body: Value) -> (u16, Value) {
        self.send_from("000000000000", method, uri, body).await
    }

    /// The same from another account.
    pub(crate) async fn send_from(&self, account: &str, method: &str, uri: &str, body: Value) -> (u16, Value) {
        let (status, _, document) = self.exchange(account, method, uri, &body).await;
        (status, document)
    }

    /// The status, the code and the message of an answer that is an error.
    pub(crate) async fn error(&self, method: &str, uri: &str, body: Value) -> (u16, String, String) {
        let (status, code, document) = self.exchange("000000000000", method, uri, &body).await;
        (status, code, document["message"].as_str().unwrap_or_default().to_owned())
    }

    /// Makes a mapping and returns its id.
    pub(crate) async fn create(&self, body: Value) -> String {
        let (status, answer) = self.send("POST", MAPPINGS, body).await;
        assert_eq!(status, 202, "{answer}");
        answer["UUID"].as_str().unwrap().to_owned()
    }

    /// Makes a mapping that is like any other.
    pub(crate) async fn create_simple(&self) -> String {
        self.create(json!({"EventSourceArn": STREAM, "FunctionName": "f", "StartingPosition": "LATEST"})).await
    }

    /// The mapping once its transition has led to `state`.
    pub(crate) async fn settled(&self, uuid: &str, state: &str) -> Value {
        loop {
            let (_, answer) = self.send("GET", &format!("{MAPPINGS}/{uuid}"), Value::Null).await;
            if answer["State"] == state {
                return answer;
            }
            self.env.clock.advance(Duration::from_millis(100));
            tokio::task::yield_now().await;
        }
    }

    /// Returns when the mapping is no longer there.
    pub(crate) async fn gone(&self, uuid: &str) {
        while self.send("GET", &format!("{MAPPINGS}/{uuid}"), Value::Null).await.0 != 404 {
            self.env.clock.advance(Duration::from_millis(100));
            tokio::task::yield_now().await;
        }
    }

    async fn exchange(&self, account: &str, method: &str, uri: &str, body: &Value) -> (u16, String, Value) {
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request::builder().method(method).uri(uri).body(body).unwrap();
        let call = Call {
            world: World::new(account, "us-east-1"),
            access_key: None,
            invocation: None,
            request_id: "id".into(),
        };
        let reply = rest_json::serve(&self.routes, &self.service, &call, request).await;
        let code = reply.headers().get("x-amzn-errortype").map_or("", |code| code.to_str().unwrap()).to_owned();
        let status = reply.status().as_u16();
        let Body::Full(body) = reply.into_body() else { panic!("mappings do not stream") };
        (status, code, serde_json::from_slice(&body).unwrap_or_default())
    }
}
