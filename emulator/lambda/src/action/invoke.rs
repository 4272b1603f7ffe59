//! Invoke: runs a function and answers with what it returned, queues an event for it, or only asks whether it could run.
//!
//! A function that fails is a success of the API: the answer is a 200 whose header says that the body is an error.

use aws_wire::{Blob, Body, Call, Http, RawAction, Reply, Rest, Shape, Structure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::shape;
use crate::invoke::{FunctionErrorKind, MAX_EVENT_BYTES, MAX_PAYLOAD_BYTES};
use crate::runner::{Ran, SERVICE_EXCEPTION};
use crate::sandbox::Verdict;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct Invoke;

/// The longest client context, encoded.
const MAX_CONTEXT_BYTES: usize = 3583;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    #[serde(default)]
    invocation_type: Kind,
    #[serde(default)]
    log_type: LogType,
    client_context: Option<String>,
    #[serde(default)]
    payload: Blob,
    qualifier: Option<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) enum Kind {
    #[default]
    RequestResponse,
    Event,
    DryRun,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) enum LogType {
    #[default]
    None,
    Tail,
}

impl RawAction<Lambda> for Invoke {
    const NAME: &'static str = "Invoke";
    const INPUT: Structure = Structure::new(
        "InvocationRequest",
        &[
            shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(),
            Shape::string().one_of(&["Event", "RequestResponse", "DryRun"]).member("InvocationType"),
            Shape::string().one_of(&["None", "Tail"]).member("LogType"),
            Shape::string().member("ClientContext"),
            Shape::blob().member("Payload"),
            shape::QUALIFIER.member("Qualifier"),
        ],
    );
    type Input = Input;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Reply, Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        let payload = input.payload.0;
        check_payload(input.invocation_type, &payload)?;
        let client_context = input.client_context.map(|text| decode_context(&text)).transpose()?;
        let request_id = call.request_id.clone();
        match input.invocation_type {
            Kind::DryRun => {
                service.runner().check_runnable(&arn)?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            Kind::Event => {
                service.runner().check_runnable(&arn)?;
                service.queue().push(arn, request_id, client_context, payload)?;
                Ok(empty(StatusCode::ACCEPTED))
            }
            Kind::RequestResponse => {
                let ran = service.runner().run(&arn, request_id, client_context, payload).await?;
                answer(ran, input.log_type)
            }
        }
    }
}

impl Rest for Invoke {
    const HTTP: Http = Http::post("/2015-03-31/functions/{FunctionName}/invocations")
        .query(&[("Qualifier", "Qualifier")])
        .headers(&[
            ("x-amz-invocation-type", "InvocationType"),
            ("x-amz-log-type", "LogType"),
            ("x-amz-client-context", "ClientContext"),
        ])
        .payload("Payload");
}

pub(super) fn check_payload(kind: Kind, payload: &Bytes) -> Result<(), Error> {
    if kind == Kind::Event && payload.len() > MAX_EVENT_BYTES {
        return Err(Error::EventTooLarge(payload.len()));
    }
    if payload.len() > MAX_PAYLOAD_BYTES {
        return Err(Error::RequestTooLarge { limit: MAX_PAYLOAD_BYTES, operation: "InvokeFunction" });
    }
    if payload.is_empty() {
        return Ok(());
    }
    serde_json::from_slice::<IgnoredAny>(payload).map(drop).map_err(|error| Error::EventNotJson(error.to_string()))
}

pub(super) fn decode_context(text: &str) -> Result<String, Error> {
    let invalid = |reason: &str| Error::EventNotJson(format!("client context: {reason}"));
    if text.len() > MAX_CONTEXT_BYTES {
        return Err(invalid("longer than 3583 bytes"));
    }
    let bytes = STANDARD.decode(text).map_err(|_| invalid("not base64"))?;
    // Encoded anew it has no line ends, which a header cannot carry, and nothing but ASCII.
    let document: serde_json::Value = serde_json::from_slice(&bytes).map_err(|_| invalid("not JSON"))?;
    Ok(escape_non_ascii(&document.to_string()))
}

/// JSON in which everything beyond ASCII is escaped, as header values have to be.
fn escape_non_ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            escaped.push(c);
        } else {
            let mut units = [0; 2];
            escaped.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    escaped
}

fn empty(status: StatusCode) -> Reply {
    let mut reply = Response::new(Body::Full(Bytes::new()));
    *reply.status_mut() = status;
    reply
}

fn answer(ran: Ran, log_type: LogType) -> Result<Reply, Error> {
    let Ran { finished, executed_version } = ran;
    let (payload, error) = match finished.verdict {
        Verdict::Answer(payload) => (payload, None),
        Verdict::Error(payload) => (payload, Some(FunctionErrorKind::Unhandled)),
        Verdict::Trouble(message) => return Err(Error::Service { code: SERVICE_EXCEPTION, message }),
    };
    let log_result = (log_type == LogType::Tail).then(|| STANDARD.encode(&finished.log_tail));
    let headers = [
        ("x-amz-executed-version", Some(executed_version.as_str())),
        ("x-amz-function-error", error.map(FunctionErrorKind::as_str)),
        ("x-amz-log-result", log_result.as_deref()),
    ];
    let mut reply = Response::new(Body::Full(payload));
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in headers {
        if let Some(value) = value {
            let value = HeaderValue::from_str(value).expect("a version, a word or base64 is a header value");
            reply.headers_mut().insert(name, value);
        }
    }
    Ok(reply)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::fixture::Bench;

    async fn send(bench: &Bench, kind: &str, body: &'static str) -> crate::fixture::Reply {
        let request = http::Request::post("/2015-03-31/functions/f/invocations").header("x-amz-invocation-type", kind);
        bench.send(request.body(Bytes::from_static(body.as_bytes())).unwrap()).await
    }

    #[tokio::test]
    async fn a_dry_run_runs_nothing() {
        let bench = Bench::new();
        assert_eq!(send(&bench, "DryRun", "").await.status, 404);
        bench.python("", json!({})).await;
        assert_eq!(send(&bench, "DryRun", "{}").await.status, 204);
        assert!(bench.log().is_empty());
        let reply = send(&bench, "RequestResponse", "not json").await;
        assert_eq!(reply.headers["x-amzn-errortype"], "InvalidRequestContentException");
    }

    #[tokio::test]
    async fn an_event_is_tried_three_times_across_a_restart() {
        let bench = Bench::new();
        let source = "def handler(e, c):\n  print('try', e['n'])\n  raise Exception('no')";
        bench.python(source, json!({})).await;
        let accepted = send(&bench, "Event", r#"{"n": 1}"#).await;
        assert_eq!((accepted.status, accepted.body), (202, Value::Null));
        let ends = |bench: &Bench| bench.log().iter().filter(|line| line.starts_with("REPORT")).count();
        let reported = async |bench: &Bench, count: usize| {
            let mut watch = bench.lambda.log(&bench.arn()).unwrap().watch();
            while ends(bench) < count {
                watch.changed().await.unwrap();
            }
        };
        reported(&bench, 1).await;
        bench.lambda.queue().waits(60).await;
        let bench = bench.restarted();
        bench.lambda.start().unwrap();
        bench.env.clock.advance(Duration::from_secs(60));
        reported(&bench, 2).await;
        bench.lambda.queue().waits(180).await;
        bench.env.clock.advance(Duration::from_secs(120));
        reported(&bench, 3).await;
        bench.lambda.queue().is_empty().await;
    }

    #[test]
    fn a_client_context_fits_in_a_header() {
        let context = STANDARD.encode("{\"a\":\n\"é😀\"}");
        assert_eq!(decode_context(&context).unwrap(), r#"{"a":"\u00e9\ud83d\ude00"}"#);
        assert!(decode_context("%%%").is_err());
    }

    #[test]
    fn events_have_limits() {
        let spaces = |length: usize| Bytes::from([b"1".to_vec(), vec![b' '; length - 1]].concat());
        assert_eq!(check_payload(Kind::RequestResponse, &spaces(MAX_PAYLOAD_BYTES)), Ok(()));
        assert!(matches!(
            check_payload(Kind::RequestResponse, &spaces(MAX_PAYLOAD_BYTES + 1)),
            Err(Error::RequestTooLarge { .. })
        ));
        assert_eq!(check_payload(Kind::Event, &spaces(262_145)), Err(Error::EventTooLarge(262_145)));
        assert!(matches!(check_payload(Kind::Event, &Bytes::from_static(b"{")), Err(Error::EventNotJson(_))));
        assert_eq!(check_payload(Kind::Event, &Bytes::new()), Ok(()));
    }
}
