//! The AWS JSON 1.1 protocol: every action is a POST to `/`, named by the `X-Amz-Target` header.
//!
//! The order of the steps, and the odd answers before the target is known, are those of the live service.

use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use serde_json::Value;

use crate::action::{Actions, Answer, Payload, Registered};
use crate::base64_text::ENGINE;
use crate::reply::{reply, stamp};
use crate::{AwsError, Call, Reply, Service};

/// The media type of requests and answers.
pub const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
const PLAIN_JSON: &str = "application/json";
const EXTENDED_ID: HeaderName = HeaderName::from_static("x-amz-id-2");
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Answers a request to the service whose targets begin with `prefix` (`Kinesis_20131202`).
pub async fn serve<S: Service>(
    actions: &Actions<S>,
    service: &S,
    prefix: &str,
    call: &Call,
    request: Request<Bytes>,
) -> Reply {
    let (parts, body) = request.into_parts();
    let answer = match route(actions, prefix, &parts.method, &parts.headers, &body) {
        Ok(action) => match (action.run)(service, call, Payload::Json(body)).await {
            Ok(Answer::Document(document)) => {
                let document = if document == b"null" { Vec::new() } else { document };
                reply(StatusCode::OK, CONTENT_TYPE, document)
            }
            Ok(Answer::Reply(reply)) => reply,
            Err(error) => error_reply(&error),
        },
        Err(answer) => *answer,
    };
    with_extended_id(stamp(answer, call), call)
}

/// Everything that is decided before the input is looked into.
fn route<'a, S: Service>(
    actions: &'a Actions<S>,
    prefix: &str,
    method: &Method,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<&'a Registered<S>, Box<Reply>> {
    if method != Method::POST {
        return Err(Box::new(cannot_determine()));
    }
    let target = headers.get(TARGET).and_then(|value| value.to_str().ok());
    let action =
        target.and_then(|target| target.strip_prefix(prefix)?.strip_prefix('.')).and_then(|name| actions.get(name));
    if body.is_empty() {
        let code = if action.is_some() { "SerializationException" } else { "UnknownOperationException" };
        return Err(Box::new(error_reply(&AwsError::bare(code))));
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default().trim();
    let plain = content_type == PLAIN_JSON;
    if !plain && content_type != CONTENT_TYPE {
        return Err(Box::new(match target {
            Some(_) => reply(StatusCode::NOT_FOUND, "text/xml", "<UnknownOperationException/>\n"),
            None => cannot_determine(),
        }));
    }
    match action {
        // The action reads the body itself and so finds out whether it parses.
        Some(action) if !plain => Ok(action),
        _ => match (is_object(body), action) {
            (false, _) if plain => Err(Box::new(coral(StatusCode::BAD_REQUEST, "SerializationException"))),
            (false, _) => Err(Box::new(error_reply(&AwsError::bare("SerializationException")))),
            (true, Some(action)) => Ok(action),
            (true, None) if plain => Err(Box::new(coral(StatusCode::NOT_FOUND, "UnknownOperationException"))),
            (true, None) => Err(Box::new(error_reply(&AwsError::bare("UnknownOperationException")))),
        },
    }
}

fn is_object(body: &[u8]) -> bool {
    body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
        && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

/// An error as a JSON 1.1 document.
pub fn error_reply(error: &AwsError) -> Reply {
    let mut document = error.document();
    document.insert("__type".into(), Value::from(&*error.code));
    let mut answer = reply(error.rpc_status(), CONTENT_TYPE, Value::Object(document).to_string());
    if let Ok(code) = HeaderValue::from_str(&error.code) {
        answer.headers_mut().insert("x-amzn-errortype", code);
    }
    answer
}

/// The answer of the layer in front of the service to what names no operation.
fn cannot_determine() -> Reply {
    let text = "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n\
                </AccessDeniedException>\n";
    reply(StatusCode::FORBIDDEN, "text/xml", text)
}

/// The older form of an error, which callers with plain `application/json` get.
fn coral(status: StatusCode, code: &str) -> Reply {
    let text = format!(r#"{{"Output":{{"__type":"com.amazon.coral.service#{code}"}},"Version":"1.0"}}"#);
    reply(status, PLAIN_JSON, text)
}

/// The second id that Kinesis answers with. It is opaque; ours repeats the first, so that one is enough to find a request.
fn with_extended_id(mut answer: Reply, call: &Call) -> Reply {
    let id = ENGINE.encode(call.request_id.repeat(2));
    if let Ok(id) = HeaderValue::from_maybe_shared(Bytes::from(id)) {
        answer.headers_mut().insert(EXTENDED_ID, id);
    }
    answer
}

#[cfg(test)]
mod tests;
