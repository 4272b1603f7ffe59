//! AWS JSON 1.0: the action is named by the `X-Amz-Target` header. An error names its shape in the document and its older code,
//! which clients show, in a header.

use aws_wire::reply::reply;
use aws_wire::{AwsError, Call, Reply};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use serde_json::{Map, Value, json};

use super::run;
use crate::client::Client;
use crate::error::JSON_CODE;
use crate::service::Sqs;

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");
/// What the targets of this service's actions begin with.
const TARGET_PREFIX: &str = "AmazonSQS.";
/// As many values as a document holds: each stands between commas. The largest request that makes sense has some hundred.
const MOST_VALUES: usize = 1 << 16;

pub(super) async fn serve(sqs: &Sqs, call: &Call, request: &Request<Bytes>) -> Reply {
    match answer(sqs, call, request).await {
        Ok(document) if document.is_empty() => reply(StatusCode::OK, CONTENT_TYPE, "{}"),
        Ok(document) => reply(StatusCode::OK, CONTENT_TYPE, document),
        Err(error) => error_reply(&error),
    }
}

async fn answer(sqs: &Sqs, call: &Call, request: &Request<Bytes>) -> Result<Bytes, AwsError> {
    let target = request.headers().get(aws_wire::json11::TARGET).and_then(|value| value.to_str().ok());
    let action = target.and_then(|target| target.strip_prefix(TARGET_PREFIX)).unwrap_or_default();
    if request.method() != Method::POST {
        return Err(AwsError::new("MethodNotAllowed", format!("{action} needs a POST")));
    }
    let members = members(request.body())?;
    run(&Client::of(sqs, request), call, action, members).await
}

fn members(body: &Bytes) -> Result<Map<String, Value>, AwsError> {
    let refused = || AwsError::bare("SerializationException");
    if commas_between_values(body) > MOST_VALUES {
        return Err(refused());
    }
    serde_json::from_slice(body).map_err(|_| refused())
}

/// A message may have any number of commas in its text, which are between no values.
fn commas_between_values(body: &Bytes) -> usize {
    let (mut in_text, mut escaped, mut commas) = (false, false, 0);
    for byte in body {
        match (in_text, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (_, false, b'"') => in_text = !in_text,
            (false, _, b',') => commas += 1,
            _ => {}
        }
    }
    commas
}

fn error_reply(error: &AwsError) -> Reply {
    let shape = error.members.iter().find(|(name, _)| *name == JSON_CODE).map(|(_, shape)| shape.clone());
    let shape = shape.unwrap_or_else(|| format!("com.amazon.coral.service#{}", error.code));
    let message = error.message.as_deref().unwrap_or_default();
    let document = json!({"__type": shape, "message": message});
    let mut answer = reply(error.rest_status(), CONTENT_TYPE, document.to_string());
    let fault = if error.is_service_fault() { "Receiver" } else { "Sender" };
    if let Ok(value) = HeaderValue::from_str(&format!("{};{fault}", error.code)) {
        answer.headers_mut().insert(QUERY_ERROR, value);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_text_do_not_count() {
        let count = |text: &'static str| commas_between_values(&Bytes::from_static(text.as_bytes()));
        assert_eq!(count(r#"{"a":"x,y\",z","b":[1,2]}"#), 2);
        let many = Bytes::from(format!("{{\"a\":[{}]}}", vec!["0"; MOST_VALUES + 2].join(",")));
        assert!(members(&many).is_err());
        let text = Bytes::from(format!("{{\"a\":\"{}\"}}", ",".repeat(MOST_VALUES + 2)));
        assert!(members(&text).is_ok());
    }
}
