//! Our own API, under `/_millrace/`: what AWS has no word for.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET health` | 200 when requests are answered: process, version |
//! | `GET logs/FUNCTION?account&region&after&wait` | the function's log after a position; with `wait` it comes when there is some |
//! | `GET lambda/code/FILE` | the zip of a function, the target of GetFunction's `Code.Location` |
//! | `POST lambda/attach/FUNCTION?account&region` | the environment of a process that serves the function while the answer is open |
//! | `POST clock?advance_ms` | moves the emulator's clock forward and says what it shows |

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_wire::reply::reply;
use aws_wire::{Body, Reply, World};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::ready;
use futures_util::stream;
use http::{Method, Request, StatusCode};
use lambda::name::{FunctionArn, FunctionReference};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::services::Services;

const JSON: &str = "application/json";
/// As much of a log as one answer holds.
const LOG_BYTES: usize = 1024 * 1024;

/// The admin API.
pub(crate) struct Admin {
    services: Arc<Services>,
}

impl Admin {
    pub(crate) fn new(services: Arc<Services>) -> Self {
        Self { services }
    }

    pub(crate) async fn answer(&self, request: Request<Bytes>) -> Reply {
        let path = request.uri().path().strip_prefix("/_millrace/").unwrap_or_default();
        let query = Query::parse(request.uri().query().unwrap_or_default());
        match (request.method(), path.split_once('/').unwrap_or((path, ""))) {
            (&Method::GET, ("health", "")) => health(),
            (&Method::GET, ("logs", function)) => self.logs(&decode(function), &query).await,
            (&Method::GET, ("lambda", rest)) => self.package(rest).await,
            (&Method::POST, ("lambda", rest)) => self.attach(rest, &query).await,
            (&Method::POST, ("clock", "")) => self.clock(&query),
            _ => problem(StatusCode::NOT_FOUND, "there is no such thing here"),
        }
    }

    async fn logs(&self, function: &str, query: &Query) -> Reply {
        let (Some(account), Some(region)) = (query.get("account"), query.get("region")) else {
            return problem(StatusCode::BAD_REQUEST, "account and region are missing");
        };
        let after = query.get("after").and_then(|after| after.parse().ok()).unwrap_or_default();
        let Some(function) = function_arn(function, &World::new(account, region)) else {
            return problem(StatusCode::BAD_REQUEST, &format!("{function:?} is not a function's name or ARN"));
        };
        let Ok(log) = self.services.lambda.log(&function) else {
            return problem(StatusCode::NOT_FOUND, &format!("there is no log of {function}"));
        };
        if query.get("wait") == Some("true") {
            // The sender lives as long as the log, so this ends with a new event or with the caller's patience.
            let _ = log.watch().wait_for(|end| *end > after).await;
        }
        match log.read(after, LOG_BYTES) {
            Ok(page) => {
                let text: String =
                    page.events.iter().map(|event| format!("{}\n", event.message.trim_end_matches('\n'))).collect();
                document(&json!({"text": text, "next": page.next}))
            }
            Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &format!("the log cannot be read: {error}")),
        }
    }

    async fn package(&self, path: &str) -> Reply {
        let Some(file) = path.strip_prefix("code/").map(str::to_owned) else {
            return problem(StatusCode::NOT_FOUND, "there is no such thing here");
        };
        let lambda = self.services.lambda.clone();
        match tokio::task::spawn_blocking(move || lambda.package(&file)).await {
            Ok(Some(zip)) => reply(StatusCode::OK, "application/zip", zip),
            _ => problem(StatusCode::NOT_FOUND, "there is no such package"),
        }
    }

    async fn attach(&self, path: &str, query: &Query) -> Reply {
        let Some(function) = path.strip_prefix("attach/").map(decode) else {
            return problem(StatusCode::NOT_FOUND, "there is no such thing here");
        };
        let (Some(account), Some(region)) = (query.get("account"), query.get("region")) else {
            return problem(StatusCode::BAD_REQUEST, "account and region are missing");
        };
        let Some(function) = function_arn(&function, &World::new(account, region)) else {
            return problem(StatusCode::BAD_REQUEST, &format!("{function:?} is not a function's name or ARN"));
        };
        match self.services.lambda.attach(&function).await {
            Ok(attachment) => {
                let environment: BTreeMap<_, _> = attachment.environment.iter().cloned().collect();
                let first = stream::once(ready(Bytes::from(json!(environment).to_string())));
                // Nothing follows; when the client hangs up, the stream is dropped and the attachment with it.
                let held = stream::unfold(attachment, |attachment| async move {
                    std::future::pending::<()>().await;
                    Some((Bytes::new(), attachment))
                });
                reply(StatusCode::OK, JSON, Body::Stream(first.chain(held).boxed()))
            }
            Err(error) => problem(StatusCode::NOT_FOUND, &format!("nobody can attach to {function}: {error}")),
        }
    }

    fn clock(&self, query: &Query) -> Reply {
        let Some(millis) = query.get("advance_ms").map_or(Some(0), |millis| millis.parse().ok()) else {
            return problem(StatusCode::BAD_REQUEST, "advance_ms is not a number of milliseconds");
        };
        match self.services.clock.advance(Duration::from_millis(millis)) {
            Ok(now) => document(&json!({"now": now.to_string()})),
            Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &format!("the move cannot be stored: {error}")),
        }
    }
}

/// The function that a user means by a name or an ARN.
fn function_arn(text: &str, world: &World) -> Option<FunctionArn> {
    let reference: FunctionReference = text.parse().ok()?;
    let mut arn = FunctionArn::new(world, reference.name, None);
    arn.account = reference.account.unwrap_or(arn.account);
    arn.region = reference.region.unwrap_or(arn.region);
    Some(arn)
}

fn health() -> Reply {
    document(&json!({"status": "ok", "pid": std::process::id(), "version": env!("CARGO_PKG_VERSION")}))
}

fn document(value: &Value) -> Reply {
    reply(StatusCode::OK, JSON, value.to_string())
}

fn problem(status: StatusCode, message: &str) -> Reply {
    reply(status, JSON, json!({"message": message}).to_string())
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The pairs of a query string.
struct Query(BTreeMap<String, String>);

impl Query {
    fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        Self(pairs.map(|(key, value)| (decode(key), decode(value))).collect())
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}
