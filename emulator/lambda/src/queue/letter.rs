//! What destinations and dead letter queues are told of an event that is over: AWS's documents.

use std::collections::BTreeMap;

use env::Timestamp;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::tries::Condition;
use crate::destination::{Address, Attribute, Delivery};
use crate::document::{RequestContext, ResponseContext, VERSION, object_key};
use crate::function::{EventInvokeConfig, Function};
use crate::name::FunctionArn;

/// The most of an error's text that goes into a dead letter's attribute.
const MAX_ERROR_MESSAGE: usize = 1024;

/// An event that is over.
pub(super) struct Over<'a> {
    /// Qualified with the version or alias that it was for.
    pub(super) function: &'a FunctionArn,
    pub(super) request_id: &'a str,
    pub(super) condition: Condition,
    pub(super) calls: u32,
    pub(super) payload: &'a [u8],
    /// What the function said last, if it ever ran.
    pub(super) response: Option<Response<'a>>,
    pub(super) now: Timestamp,
}

/// What a function said.
pub(super) struct Response<'a> {
    pub(super) executed_version: &'a str,
    pub(super) is_error: bool,
    pub(super) payload: &'a [u8],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    version: &'static str,
    timestamp: String,
    request_context: RequestContext<'a>,
    request_payload: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_context: Option<ResponseContext<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_payload: Option<Box<RawValue>>,
}

/// The letters that are owed: to the destination for this ending, and to the dead letter queue if it is a bad one.
pub(super) fn owed(
    function: &Function,
    config: &EventInvokeConfig,
    over: &Over<'_>,
    id: impl FnOnce() -> String,
) -> Vec<Delivery> {
    let is_success = over.condition == Condition::Success;
    let destination = if is_success { &config.on_success } else { &config.on_failure };
    let version = function.version(over.function.qualifier.as_ref()).ok();
    let dead_letter = version.and_then(|version| version.configuration.dead_letter_target.as_deref());
    let document = destination.as_deref().and_then(|arn| over.document(arn, id));
    let dead_letter = dead_letter.filter(|_| !is_success).and_then(|arn| over.dead_letter(arn));
    document.into_iter().chain(dead_letter).collect()
}

impl Over<'_> {
    fn document(&self, arn: &str, id: impl FnOnce() -> String) -> Option<Delivery> {
        let target =
            Address::target(arn, || object_key(format_args!("async/{}", self.function.name), self.now, &id()))?;
        let document = Document {
            version: VERSION,
            timestamp: self.now.to_string(),
            request_context: RequestContext {
                request_id: self.request_id,
                function_arn: self.function.to_string(),
                condition: self.condition.as_str(),
                approximate_invoke_count: self.calls,
            },
            request_payload: json(self.payload),
            response_context: self.response.as_ref().map(|response| {
                ResponseContext::new(response.executed_version, response.is_error.then_some("Unhandled"))
            }),
            response_payload: self.response.as_ref().map(|response| json(response.payload)),
        };
        let body = serde_json::to_string(&document).expect("texts and numbers encode");
        Some(Delivery { function: self.function.clone(), target, body, attributes: BTreeMap::new() })
    }

    fn dead_letter(&self, arn: &str) -> Option<Delivery> {
        let target = Address::target(arn, String::new)?;
        let message = self.response.as_ref().map_or_else(|| self.condition.as_str().to_owned(), error_message);
        let attributes = [
            ("RequestID", Attribute::Text(self.request_id.to_owned())),
            // The status of the last answer: a throttle if the function never ran.
            ("ErrorCode", Attribute::Number(if self.response.is_some() { "200" } else { "429" }.to_owned())),
            ("ErrorMessage", Attribute::Text(message)),
        ];
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        // The event to the letter, whatever spaces are in it; none is what the function got instead.
        let body = match self.payload {
            [] => "{}".to_owned(),
            payload => String::from_utf8_lossy(payload).into_owned(),
        };
        Some(Delivery { function: self.function.clone(), target, body, attributes })
    }
}

/// The beginning of what the function's error says.
fn error_message(response: &Response<'_>) -> String {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Error {
        error_message: String,
    }
    let text = serde_json::from_slice(response.payload).map_or_else(
        |_| String::from_utf8_lossy(response.payload).into_owned(),
        |Error { error_message }| error_message,
    );
    let end = (0..=text.len().min(MAX_ERROR_MESSAGE)).rev().find(|end| text.is_char_boundary(*end));
    text[..end.unwrap_or_default()].to_owned()
}

/// `bytes` as part of a document; what is no JSON is a text in it.
fn json(bytes: &[u8]) -> Box<RawValue> {
    if bytes.trim_ascii().is_empty() {
        return to_raw_value(&serde_json::Map::new()).expect("an empty object encodes");
    }
    let text = String::from_utf8_lossy(bytes);
    serde_json::from_str::<&RawValue>(&text)
        .map_or_else(|_| to_raw_value(&text).expect("a text encodes"), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_message_is_cut_between_characters() {
        let payload = format!(r#"{{"errorMessage":"{}"}}"#, "é".repeat(600));
        let message = |payload: &str| {
            error_message(&Response { executed_version: "1", is_error: true, payload: payload.as_bytes() })
        };
        assert_eq!(message(&payload).len(), 1024);
        assert_eq!(message("boom"), "boom");
    }

    #[test]
    fn a_payload_that_is_no_json_is_a_text() {
        assert_eq!(json(b"").get(), "{}");
        assert_eq!(json(br#"{"a": 1}"#).get(), r#"{"a": 1}"#);
        assert_eq!(json(b"<xml>").get(), "\"<xml>\"");
    }
}
