//! What the tests of this crate share: a service on memory, driven through its protocols as clients drive it.

use aws_wire::{Body, Call, Endpoint as _, World};
use bytes::Bytes;
use env::{Env, Timestamp};
use http::Request;
use serde_json::{Value, json};
use state_store::Store;
use tokio::task::JoinHandle;

use crate::Sqs;

/// The URL of the queue `q`.
pub(crate) const URL: &str = "http://localhost:4566/000000000000/q";
/// How a queue that is not there is told: its shape, its older code, its words.
pub(crate) const NOT_FOUND: (&str, &str, &str) = (
    "com.amazonaws.sqs#QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "The specified queue does not exist.",
);

/// A service and what survives its restart.
pub(crate) struct Fixture {
    pub(crate) sqs: Sqs,
    pub(crate) env: Env,
    store: Store,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let env = Env::manual(Timestamp::from_secs(1_700_000_000), 1);
        let store = Store::in_memory();
        Self { sqs: Sqs::open(env.clone(), &store).unwrap(), env, store }
    }

    /// With the queue `q`.
    pub(crate) async fn with_queue() -> Self {
        let fixture = Self::new();
        fixture.ok("CreateQueue", json!({"QueueName": "q"})).await;
        fixture
    }

    /// With the FIFO queue `q.fifo`, of these attributes beside that; and its URL.
    pub(crate) async fn with_fifo(attributes: Value) -> (Self, String) {
        let fixture = Self::new();
        let mut attributes = attributes;
        attributes["FifoQueue"] = json!("true");
        fixture.ok("CreateQueue", json!({"QueueName": "q.fifo", "Attributes": attributes})).await;
        (fixture, format!("{URL}.fifo"))
    }

    /// Forgets everything that is not stored.
    pub(crate) fn restart(&mut self) {
        self.sqs = Sqs::open(self.env.clone(), &self.store).unwrap();
    }

    pub(crate) fn call() -> Call {
        Call {
            world: World::new("000000000000", "us-east-1"),
            access_key: None,
            invocation: None,
            request_id: "id".into(),
        }
    }

    fn json_request(action: &str, input: &Value) -> Request<Bytes> {
        Request::post("/")
            .header("host", "localhost:4566")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AmazonSQS.{action}"))
            .body(Bytes::from(input.to_string()))
            .unwrap()
    }

    /// Calls in the background; the older code, if it failed, and the document.
    pub(crate) fn spawn(&self, action: &str, input: &Value) -> JoinHandle<(Option<String>, Value)> {
        let (sqs, request) = (self.sqs.clone(), Self::json_request(action, input));
        tokio::spawn(async move { answer(&sqs, request).await })
    }

    /// Lets what was spawned go as far as it goes.
    pub(crate) async fn until_waiting(&self) {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    /// The answer of a call that succeeds.
    pub(crate) async fn ok(&self, action: &str, input: Value) -> Value {
        let (error, document) = answer(&self.sqs, Self::json_request(action, &input)).await;
        assert_eq!(error, None, "{action}: {document}");
        document
    }

    /// A call that fails with exactly these codes and words.
    pub(crate) async fn refused(&self, action: &str, input: Value, shape: &str, code: &str, words: &str) {
        let (error, document) = answer(&self.sqs, Self::json_request(action, &input)).await;
        assert_eq!(document, json!({"__type": shape, "message": words}), "{action}");
        assert_eq!(error, Some(format!("{code};Sender")), "{action}");
    }

    /// The answer to a form that is posted to `path`: status and text.
    pub(crate) async fn form(&self, path: &str, form: &str) -> (u16, String) {
        let request = Request::post(path).header("host", "localhost:4566").body(Bytes::from(form.to_owned())).unwrap();
        let reply = self.sqs.serve(Self::call(), request).await;
        let status = reply.status().as_u16();
        let Body::Full(body) = reply.into_body() else { panic!("answered with a stream") };
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// The bodies of ten messages of the queue `q`, which are in flight thereafter.
    pub(crate) async fn bodies(&self) -> Vec<String> {
        self.bodies_of(URL).await
    }

    /// The same for another queue.
    pub(crate) async fn bodies_of(&self, url: &str) -> Vec<String> {
        let messages = self.messages(json!({"QueueUrl": url, "MaxNumberOfMessages": 10})).await;
        messages.iter().map(|message| message["Body"].as_str().unwrap().to_owned()).collect()
    }

    /// The messages that a ReceiveMessage gets.
    pub(crate) async fn messages(&self, input: Value) -> Vec<Value> {
        let answer = self.ok("ReceiveMessage", input).await;
        answer["Messages"].as_array().cloned().unwrap_or_default()
    }

    /// An attribute of the queue `q`.
    pub(crate) async fn attribute(&self, name: &str) -> String {
        let answer = self.ok("GetQueueAttributes", json!({"QueueUrl": URL, "AttributeNames": [name]})).await;
        answer["Attributes"][name].as_str().unwrap_or_default().to_owned()
    }
}

async fn answer(sqs: &Sqs, request: Request<Bytes>) -> (Option<String>, Value) {
    let reply = sqs.serve(Fixture::call(), request).await;
    let error = reply.headers().get("x-amzn-query-error").map(|code| code.to_str().unwrap().to_owned());
    assert_eq!(error.is_none(), reply.status().is_success());
    let Body::Full(body) = reply.into_body() else { panic!("answered with a stream") };
    (error, serde_json::from_slice(&body).unwrap())
}
