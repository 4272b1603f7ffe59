//! What the actions that call functions have in common: what a caller may say, and what is asked of it.

use aws_wire::{Blob, Body, Call, Http, Member, Reply, Shape};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::shape;
use crate::Error;
use crate::invoke::{MAX_EVENT_BYTES, MAX_PAYLOAD_BYTES};
use crate::name::FunctionArn;
use crate::service::resolve;

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

/// A call of a function, checked.
pub(super) struct Invocation {
    pub(super) arn: FunctionArn,
    pub(super) kind: Kind,
    pub(super) log_type: LogType,
    pub(super) request_id: String,
    /// Decoded JSON.
    pub(super) client_context: Option<String>,
    pub(super) payload: Bytes,
}

impl Input {
    pub(super) fn check(self, call: &Call) -> Result<Invocation, Error> {
        let arn = resolve(call, &self.function_name, self.qualifier.as_deref())?;
        check_payload(self.invocation_type, &self.payload.0)?;
        Ok(Invocation {
            arn,
            kind: self.invocation_type,
            log_type: self.log_type,
            request_id: call.request_id.clone(),
            client_context: self.client_context.map(|text| decode_context(&text)).transpose()?,
            payload: self.payload.0,
        })
    }
}

impl LogType {
    /// The end of a run's log as its caller gets it, if it asked.
    pub(super) fn result(self, log_tail: &[u8]) -> Option<String> {
        (self == Self::Tail).then(|| STANDARD.encode(log_tail))
    }
}

/// The members of the input, of which one has `kinds` to choose from.
pub(super) const fn members(kinds: &'static [&'static str]) -> [Member; 6] {
    [
        shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(),
        Shape::string().one_of(kinds).member("InvocationType"),
        Shape::string().one_of(&["None", "Tail"]).member("LogType"),
        Shape::string().member("ClientContext"),
        Shape::blob().member("Payload"),
        shape::QUALIFIER.member("Qualifier"),
    ]
}

/// Where the members are in a request for `path`.
pub(super) const fn http(path: &'static str) -> Http {
    Http::post(path)
        .query(&[("Qualifier", "Qualifier")])
        .headers(&[
            ("x-amz-invocation-type", "InvocationType"),
            ("x-amz-log-type", "LogType"),
            ("x-amz-client-context", "ClientContext"),
        ])
        .payload("Payload")
}

pub(super) fn empty(status: StatusCode) -> Reply {
    let mut reply = Reply::new(Body::Full(Bytes::new()));
    *reply.status_mut() = status;
    reply
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

fn decode_context(text: &str) -> Result<String, Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
