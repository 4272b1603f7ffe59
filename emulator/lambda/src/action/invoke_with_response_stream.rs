//! InvokeWithResponseStream: runs a function and answers with frames of what it returned, and one about how it ended.
//!
//! The answer is cut into frames once it is whole: a function that streams is read to its end first.

use aws_wire::event_stream::{CONTENT_TYPE as EVENT_STREAM, Message};
use aws_wire::{Blob, Body, Call, Http, RawAction, Reply, Rest, Shape, Structure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use super::invoke::{Kind, LogType, check_payload, decode_context};
use super::shape;
use crate::runner::{Ran, SERVICE_EXCEPTION};
use crate::sandbox::Verdict;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct InvokeWithResponseStream;

/// As much of an answer as a frame holds.
const CHUNK_BYTES: usize = 64 * 1024;

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

/// The last event.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InvokeComplete {
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_details: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_result: Option<String>,
}

impl RawAction<Lambda> for InvokeWithResponseStream {
    const NAME: &'static str = "InvokeWithResponseStream";
    const INPUT: Structure = Structure::new(
        "InvokeWithResponseStreamRequest",
        &[
            shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(),
            Shape::string().one_of(&["RequestResponse", "DryRun"]).member("InvocationType"),
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
        if input.invocation_type == Kind::DryRun {
            service.runner().check_runnable(&arn)?;
            let mut reply = Reply::new(Body::Full(Bytes::new()));
            *reply.status_mut() = StatusCode::NO_CONTENT;
            return Ok(reply);
        }
        let ran = service.runner().run(&arn, call.request_id.clone(), client_context, payload).await?;
        answer(ran, input.log_type)
    }
}

fn answer(ran: Ran, log_type: LogType) -> Result<Reply, Error> {
    let Ran { finished, executed_version } = ran;
    let (payload, error) = match finished.verdict {
        Verdict::Answer(payload) => (payload, None),
        Verdict::Error(document) => (Bytes::new(), Some(String::from_utf8_lossy(&document).into_owned())),
        Verdict::Trouble(message) => return Err(Error::Service { code: SERVICE_EXCEPTION, message }),
    };
    let complete = InvokeComplete {
        error_code: error.is_some().then_some("Unhandled"),
        error_details: error,
        log_result: (log_type == LogType::Tail).then(|| STANDARD.encode(&finished.log_tail)),
    };
    let complete = serde_json::to_vec(&complete).expect("texts encode");
    let mut frames = Vec::new();
    let mut rest = payload;
    while !rest.is_empty() {
        let chunk = rest.split_to(rest.len().min(CHUNK_BYTES));
        frames.push(Message::event("PayloadChunk", "application/octet-stream", chunk).encode());
    }
    frames.push(Message::event("InvokeComplete", "application/json", complete).encode());
    let body = Body::Stream(stream::iter(frames).boxed());
    let mut reply = aws_wire::reply::reply(StatusCode::OK, EVENT_STREAM, body);
    let version = HeaderValue::from_str(&executed_version).expect("$LATEST or a number is a header value");
    reply.headers_mut().insert("x-amz-executed-version", version);
    Ok(reply)
}

impl Rest for InvokeWithResponseStream {
    const HTTP: Http = Http::post("/2021-11-15/functions/{FunctionName}/response-streaming-invocations")
        .query(&[("Qualifier", "Qualifier")])
        .headers(&[
            ("x-amz-invocation-type", "InvocationType"),
            ("x-amz-log-type", "LogType"),
            ("x-amz-client-context", "ClientContext"),
        ])
        .payload("Payload");
}

#[cfg(test)]
mod tests {
    use aws_wire::{Endpoint as _, World};
    use serde_json::json;

    use super::*;
    use crate::fixture::Bench;

    /// The frames of the answer to `event`, as text where they are text.
    async fn frames(bench: &Bench, event: &str) -> Vec<String> {
        let path = "/2021-11-15/functions/f/response-streaming-invocations";
        let request = http::Request::post(path).header("x-amz-log-type", "Tail");
        let world = World::new("000000000000", "us-east-1");
        let call = Call { world, access_key: None, invocation: None, request_id: "id".into() };
        let reply = bench.lambda.serve(call, request.body(Bytes::from(event.to_owned())).unwrap()).await;
        assert_eq!(
            (reply.status(), reply.headers()["content-type"].as_bytes()),
            (StatusCode::OK, EVENT_STREAM.as_bytes())
        );
        let Body::Stream(stream) = reply.into_body() else { panic!("not a stream") };
        stream.map(|frame| String::from_utf8_lossy(&frame).into_owned()).collect().await
    }

    #[tokio::test]
    async fn an_answer_comes_in_frames_with_its_end() {
        let bench = Bench::new();
        bench.python("def handler(e, c):\n  if not e: raise ValueError('no')\n  return 'x' * e", json!({})).await;
        let got = frames(&bench, "100000").await;
        assert_eq!(got.len(), 3);
        assert!(got[0].contains("PayloadChunk") && got[0].len() > CHUNK_BYTES && got[1].contains("xxx"));
        assert!(got[2].contains("InvokeComplete") && got[2].contains("LogResult") && !got[2].contains("ErrorCode"));
        let failed = frames(&bench, "0").await;
        assert_eq!(failed.len(), 1);
        assert!(failed[0].contains(r#""ErrorCode":"Unhandled""#) && failed[0].contains("ValueError"), "{failed:?}");
    }
}
