//! The AWS JSON 1.1 protocol and its CBOR twin: every action is a POST to `/`, named by the `X-Amz-Target` header, and
//! answered in the format of the question.
//!
//! The order of the steps, and the odd answers before the target is known, are those of the live service.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use serde_json::Value;

use crate::action::{Actions, Answer, Payload, Registered};
use crate::reply::{reply, stamp};
use crate::{AwsError, Call, Encoded, Format, Reply, Service, base64_text};

const PLAIN_JSON: &str = "application/json";
const EXTENDED_ID: HeaderName = HeaderName::from_static("x-amz-id-2");
/// Where a request names its action.
pub const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Answers a request to the service whose targets begin with `prefix` (`Kinesis_20131202`).
pub async fn serve<S: Service>(
    actions: &Actions<S>,
    service: &S,
    prefix: &str,
    call: &Call,
    request: Request<Bytes>,
) -> Reply {
    let (parts, body) = request.into_parts();
    let answer = match route(actions, prefix, &parts.method, &parts.headers, body) {
        Ok((action, document)) => {
            let format = document.format;
            match (action.run)(service, call, Payload::Document(document)).await {
                Ok(Answer::Document(document)) => reply(StatusCode::OK, format.content_type(), document),
                Ok(Answer::Reply(reply)) => reply,
                Err(error) => error_reply(format, &error),
            }
        }
        Err(answer) => *answer,
    };
    with_extended_id(stamp(answer, &call.request_id), call)
}

/// Everything that is decided before the input is looked into.
fn route<'a, S: Service>(
    actions: &'a Actions<S>,
    prefix: &str,
    method: &Method,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<(&'a Registered<S>, Encoded), Box<Reply>> {
    if method != Method::POST {
        return Err(Box::new(cannot_determine()));
    }
    let target = headers.get(TARGET).and_then(|value| value.to_str().ok());
    let action =
        target.and_then(|target| target.strip_prefix(prefix)?.strip_prefix('.')).and_then(|name| actions.get(name));
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let format = Format::of(content_type);
    if body.is_empty() {
        let code = if action.is_some() { "SerializationException" } else { "UnknownOperationException" };
        return Err(Box::new(error_reply(format.unwrap_or(Format::Cbor), &AwsError::bare(code))));
    }
    let Some(format) = format else {
        let is_plain = content_type.split(';').next().unwrap_or_default().trim() == PLAIN_JSON;
        return Err(Box::new(match target {
            _ if is_plain => plain_json(&body),
            Some(_) => reply(StatusCode::NOT_FOUND, "text/xml", "<UnknownOperationException/>\n"),
            None => cannot_determine(),
        }));
    };
    match action {
        // The action reads the body itself and so finds out whether it parses.
        Some(action) => Ok((action, Encoded { format, bytes: body })),
        None => {
            let code = if format.is_object(&body) { "UnknownOperationException" } else { "SerializationException" };
            Err(Box::new(error_reply(format, &AwsError::bare(code))))
        }
    }
}

/// An error as a document.
pub fn error_reply(format: Format, error: &AwsError) -> Reply {
    let mut document = error.document();
    document.insert("__type".into(), Value::from(&*error.code));
    // A document of texts encodes.
    let document = format.encode(&document).unwrap_or_default();
    let mut answer = reply(error.rpc_status(), format.content_type(), document);
    if let Ok(code) = HeaderValue::from_str(&error.code) {
        answer.headers_mut().insert("x-amzn-errortype", code);
    }
    answer
}

/// What plain `application/json` comes to: an error of an older form, whatever the target.
fn plain_json(body: &[u8]) -> Reply {
    let (status, code) = if Format::Json.is_object(body) {
        (StatusCode::NOT_FOUND, "UnknownOperationException")
    } else {
        (StatusCode::BAD_REQUEST, "SerializationException")
    };
    let text = format!(r#"{{"Output":{{"__type":"com.amazon.coral.service#{code}"}},"Version":"1.0"}}"#);
    reply(status, PLAIN_JSON, text)
}

/// The answer of the layer in front of the service to what names no operation.
fn cannot_determine() -> Reply {
    let text = "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n\
                </AccessDeniedException>\n";
    reply(StatusCode::FORBIDDEN, "text/xml", text)
}

/// The second id that Kinesis answers with. It is opaque; ours repeats the first, so that one is enough to find a request.
fn with_extended_id(mut answer: Reply, call: &Call) -> Reply {
    let id = base64_text::encode(call.request_id.repeat(2).as_bytes());
    if let Ok(id) = HeaderValue::from_maybe_shared(Bytes::from(id)) {
        answer.headers_mut().insert(EXTENDED_ID, id);
    }
    answer
}

#[cfg(test)]
mod tests;
