//! What the tests of this crate share: a service on memory, driven as clients drive it, and targets that remember what they got.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_wire::{Body, Call, Endpoint as _, World};
use bytes::Bytes;
use env::{Env, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Request;
use serde_json::Value;
use state_store::Store;

use crate::target::{QueueMessage, TargetError, Targets};
use crate::{Config, Sns};

/// The ARN of the topic `t`.
pub(crate) const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:t";
/// The ARN of a queue.
pub(crate) const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";
/// The ARN of a function.
pub(crate) const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";
/// A URL of this machine.
pub(crate) const URL: &str = "http://127.0.0.1:9/hook";

/// What targets got.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Got {
    Queue(String, QueueMessage),
    Function(String, Value),
    Post(String, Vec<(String, String)>, String),
}

/// Targets that remember, and fail when told to.
#[derive(Default)]
pub(crate) struct Fakes {
    got: Mutex<Vec<Got>>,
    /// Statuses of the next answers over HTTP; 200 when there is none.
    pub(crate) statuses: Mutex<VecDeque<u16>>,
    /// Queues that are not there.
    pub(crate) absent: Mutex<Vec<String>>,
}

impl Fakes {
    fn add(&self, got: Got) {
        self.got.lock().unwrap().push(got);
    }
}

impl Targets for Fakes {
    fn send<'a>(
        &'a self,
        _: &'a World,
        queue_arn: &'a str,
        message: QueueMessage,
    ) -> BoxFuture<'a, Result<(), TargetError>> {
        async move {
            if self.absent.lock().unwrap().iter().any(|arn| arn == queue_arn) {
                return Err(TargetError("it is not there".to_owned()));
            }
            self.add(Got::Queue(queue_arn.to_owned(), message));
            Ok(())
        }
        .boxed()
    }

    fn invoke<'a>(
        &'a self,
        _: &'a World,
        function_arn: &'a str,
        event: Bytes,
    ) -> BoxFuture<'a, Result<(), TargetError>> {
        self.add(Got::Function(function_arn.to_owned(), serde_json::from_slice(&event).unwrap()));
        async { Ok(()) }.boxed()
    }

    fn post<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [(String, String)],
        body: &'a str,
    ) -> BoxFuture<'a, Result<u16, TargetError>> {
        self.add(Got::Post(url.to_owned(), headers.to_vec(), body.to_owned()));
        let status = self.statuses.lock().unwrap().pop_front().unwrap_or(200);
        async move { Ok(status) }.boxed()
    }
}

/// The members of a request, spelled as on the wire.
pub(crate) type Members<'a> = &'a [(&'a str, &'a str)];

/// A service and what survives its restart.
pub(crate) struct Fixture {
    pub(crate) sns: Sns,
    pub(crate) env: Env,
    pub(crate) fakes: Arc<Fakes>,
    store: Store,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let env = Env::manual(Timestamp::from_secs(1_700_000_000), 1);
        let (store, fakes) = (Store::in_memory(), Arc::new(Fakes::default()));
        Self { sns: open(&env, &store, &fakes), env, fakes, store }
    }

    /// With the topic `t`.
    pub(crate) async fn with_topic() -> Self {
        let fixture = Self::new();
        fixture.ok("CreateTopic", &[("Name", "t")]).await;
        fixture
    }

    /// Forgets everything that is not stored, and goes on with the rest.
    pub(crate) fn restart(&mut self) {
        self.sns = open(&self.env, &self.store, &self.fakes);
        self.sns.start().unwrap();
    }

    /// Subscribes to the topic `t`; the ARN.
    pub(crate) async fn subscribe(&self, protocol: &str, endpoint: &str, further: Members<'_>) -> String {
        let members =
            [("TopicArn", TOPIC), ("Protocol", protocol), ("Endpoint", endpoint), ("ReturnSubscriptionArn", "true")];
        first(&self.ok("Subscribe", &[&members[..], further].concat()).await, "SubscriptionArn").unwrap()
    }

    /// Publishes to the topic `t`.
    pub(crate) async fn publish(&self, members: Members<'_>) -> String {
        self.ok("Publish", &[&[("TopicArn", TOPIC)], members].concat()).await
    }

    /// Sends a request; status and document.
    pub(crate) async fn send(&self, action: &str, members: Members<'_>) -> (u16, String) {
        let mut form = format!("Action={action}&Version=2010-03-31");
        for (name, value) in members {
            form.push_str(&format!("&{name}={}", encoded(value)));
        }
        self.answer(Request::post("/").body(Bytes::from(form)).unwrap()).await
    }

    /// Follows a link.
    pub(crate) async fn follow(&self, url: &str) -> (u16, String) {
        let path = url.strip_prefix("http://localhost:4566").unwrap();
        self.answer(Request::get(path).body(Bytes::new()).unwrap()).await
    }

    async fn answer(&self, request: Request<Bytes>) -> (u16, String) {
        let world = World::new("000000000000", "us-east-1");
        let reply =
            self.sns.serve(Call { world, access_key: None, invocation: None, request_id: "id".into() }, request).await;
        let status = reply.status().as_u16();
        let Body::Full(body) = reply.into_body() else { panic!("answered with a stream") };
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// The document of a request that succeeds.
    pub(crate) async fn ok(&self, action: &str, members: Members<'_>) -> String {
        let (status, document) = self.send(action, members).await;
        assert_eq!(status, 200, "{action}: {document}");
        document
    }

    /// Checks that a request is refused in these words.
    pub(crate) async fn refused(&self, action: &str, members: Members<'_>, code: &str, words: &str) {
        let (status, document) = self.send(action, members).await;
        assert!(status >= 400, "{action}: {document}");
        let found = (first(&document, "Code"), first(&document, "Message"));
        assert_eq!(found, (Some(code.to_owned()), Some(words.replace('"', "&quot;"))), "{action}");
    }

    /// What targets got since the last time, after what is under way has gone as far as it goes.
    pub(crate) async fn got(&self) -> Vec<Got> {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        std::mem::take(&mut *self.fakes.got.lock().unwrap())
    }
}

fn open(env: &Env, store: &Store, fakes: &Arc<Fakes>) -> Sns {
    let config = Config { origin: "http://localhost:4566".into(), targets: fakes.clone() };
    Sns::open(env.clone(), store, config).unwrap()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The text of the first element called `name`.
pub(crate) fn first(document: &str, name: &str) -> Option<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let (_, rest) = document.split_once(&open)?;
    Some(rest.split_once(&close)?.0.to_owned())
}

/// The value of an entry in a map.
pub(crate) fn entry(document: &str, key: &str) -> Option<String> {
    let (_, rest) = document.split_once(&format!("<key>{key}</key>"))?;
    first(rest, "value")
}
