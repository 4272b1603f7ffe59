//! The whole emulator as one handler of requests: the gate, the router, the services, the admin API.
//!
//! Every request gets an id, and one span in the log with its id, service and world.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::Poll;

use aws_wire::credential::Credential;
use aws_wire::reply::stamp;
use aws_wire::{AwsError, Format, Invocation, Reply, json11};
use bytes::Bytes;
use env::Env;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use tracing::Instrument as _;

use crate::admin::Admin;
use crate::config::Config;
use crate::gate::Gate;
use crate::listener::Handler;
use crate::router::{Defaults, Route, call, route};
use crate::services::Services;

/// What a page of an allowed origin may read of an answer, as AWS lists it.
const EXPOSED: &str = "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date";
/// The largest body of a call that names its action in a header: 10 MiB of records in base64, with room for all else.
const LARGEST_CALL: usize = 16 * 1024 * 1024;
/// A function's zip of 50 MB as base64 in a JSON document, with room.
const LARGEST_BODY: usize = 96 * 1024 * 1024;

/// The emulator.
pub(crate) struct App {
    gate: Gate,
    defaults: Defaults,
    env: Env,
    services: Arc<Services>,
    admin: Admin,
}

impl App {
    pub(crate) fn new(config: &Config, env: Env, services: Arc<Services>) -> Self {
        Self {
            gate: Gate::new(&config.allow_hosts, &config.allow_origins),
            defaults: Defaults { region: config.region.clone(), account: config.account.clone() },
            admin: Admin::new(services.clone()),
            env,
            services,
        }
    }

    async fn answer(&self, parts: Parts, body: Bytes) -> Reply {
        let origin = parts.headers.get(header::ORIGIN).cloned();
        let answer = match &origin {
            Some(_) if parts.method == Method::OPTIONS => stamp(preflight(&parts.headers), &self.env.random.uuid()),
            _ => self.dispatch(parts, body).await,
        };
        match origin {
            Some(origin) => with_cors(answer, origin),
            None => answer,
        }
    }

    async fn dispatch(&self, parts: Parts, body: Bytes) -> Reply {
        let credential = Credential::of(&parts);
        let id = self.env.random.uuid();
        let format = format(&parts.headers);
        let invocation = invocation(&parts.headers);
        let refused = |id: &str, error: AwsError| stamp(json11::error_reply(format, &error), id);
        let request = Request::from_parts(parts, body);
        let Some(call) = call(credential.as_ref(), invocation, &self.defaults, id.clone()) else {
            let message = "Credential should be scoped to a valid region.";
            return refused(&id, AwsError::new("InvalidSignatureException", message));
        };
        let span = tracing::debug_span!("request", id = %call.request_id, world = %call.world);
        match route(&request, credential.as_ref()) {
            Route::Admin => self.admin.answer(request).instrument(span).await,
            Route::Service(name) => {
                tracing::debug!(parent: &span, service = ?name, method = %request.method(), uri = %request.uri(), "received");
                let services = self.services.clone();
                let work = async move { services.endpoint(name).serve(call, request).await };
                let work = work.instrument(span);
                let reply = if name.ends_with_client() { caught(work).await } else { finish(work).await };
                reply.unwrap_or_else(|| {
                    tracing::error!(service = ?name, "a request was not finished");
                    refused(&id, AwsError::internal())
                })
            }
            // A 400 is not retried by AWS's clients, a 500 is, many times.
            Route::Unknown(name) => {
                tracing::warn!(parent: &span, service = name, "no such service");
                let message = format!("millrace does not emulate the service {name:?}");
                refused(&id, AwsError::new("UnknownOperationException", message))
            }
        }
    }
}

impl Handler for App {
    fn largest_body(&self, head: &Parts) -> usize {
        if head.headers.contains_key(json11::TARGET) { LARGEST_CALL } else { LARGEST_BODY }
    }

    fn unread(&self, status: StatusCode) -> Reply {
        let mut reply = Reply::new(Bytes::new().into());
        *reply.status_mut() = status;
        stamp(reply, &self.env.random.uuid())
    }

    fn admit(&self, head: &Parts) -> Result<(), Box<Reply>> {
        self.gate.check(head).map_err(|refusal| {
            tracing::warn!(?refusal, method = %head.method, uri = %head.uri, "refused");
            let message = format!("{}\n", refusal.message());
            Box::new(aws_wire::reply::reply(StatusCode::FORBIDDEN, "text/plain", message))
        })
    }

    fn handle(self: Arc<Self>, request: Request<Bytes>) -> BoxFuture<'static, Reply> {
        async move {
            let (parts, body) = request.into_parts();
            self.answer(parts, body).await
        }
        .boxed()
    }
}

/// Does `work` for as long as the client listens; `None` if it panicked.
async fn caught(work: impl Future<Output = Reply> + Send) -> Option<Reply> {
    AssertUnwindSafe(work).catch_unwind().await.ok()
}

/// Does `work` to its end; `None` if it panicked. A client that hangs up must not stop a change between its steps, so what does
/// not end at once goes on in a task of its own; most calls do, and are spared the way to another thread and back.
async fn finish(work: impl Future<Output = Reply> + Send + 'static) -> Option<Reply> {
    let mut work = AssertUnwindSafe(work).catch_unwind().boxed();
    match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
        Poll::Ready(reply) => reply.ok(),
        Poll::Pending => tokio::spawn(work).await.ok()?.ok(),
    }
}

/// The format of an error that is found before anybody has looked at the protocol.
fn format(headers: &HeaderMap) -> Format {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.and_then(Format::of).unwrap_or(Format::Json)
}

fn invocation(headers: &HeaderMap) -> Option<Invocation> {
    headers.get(Invocation::HEADER).and_then(|value| value.to_str().ok()).and_then(Invocation::parse)
}

/// The answer to a page that asks whether it may ask. The gate has let its origin in.
fn preflight(asked: &HeaderMap) -> Reply {
    let mut answer = Reply::new(Bytes::new().into());
    let echoed = [
        (header::ACCESS_CONTROL_REQUEST_HEADERS, header::ACCESS_CONTROL_ALLOW_HEADERS),
        (header::ACCESS_CONTROL_REQUEST_METHOD, header::ACCESS_CONTROL_ALLOW_METHODS),
    ];
    for (question, permission) in echoed {
        if let Some(value) = asked.get(question) {
            answer.headers_mut().insert(permission, value.clone());
        }
    }
    answer.headers_mut().insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("172800"));
    answer
}

fn with_cors(mut answer: Reply, origin: HeaderValue) -> Reply {
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    answer
}
