//! EC2's dialect of the query protocol: lists are flat and have singular names (`Filter.1.Value.2=…`), answers have no
//! wrapper around their members, list elements are called `item`, and an error is one of a list.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_wire::query::{escape, form, members};
use aws_wire::reply::{reply, stamp};
use aws_wire::{AwsError, Call, Reply};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::Value;

use crate::{Ec2, Error};

const CONTENT_TYPE: &str = "text/xml;charset=UTF-8";
const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";
const PROLOGUE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
/// How the names of actions begin that change nothing: only those may come with a GET, which any web page can send.
const READS: [&str; 2] = ["Describe", "Get"];

pub(crate) async fn serve(ec2: &Ec2, call: &Call, request: &Request<Bytes>) -> Reply {
    let answer = match answer(ec2, call, request).await {
        Ok(text) => reply(StatusCode::OK, CONTENT_TYPE, text),
        Err(error) => error_reply(&error, call),
    };
    stamp(answer, &call.request_id)
}

async fn answer(ec2: &Ec2, call: &Call, request: &Request<Bytes>) -> Result<String, AwsError> {
    let written = form(request);
    let Some(action) = written.get("Action").filter(|action| !action.is_empty()).cloned() else {
        return Err(Error::MissingAction.into());
    };
    let not_emulated = || AwsError::from(Error::NotEmulated(action.clone()));
    let input = ec2.actions().input(&action).ok_or_else(not_emulated)?;
    if request.method() != Method::POST && !READS.iter().any(|prefix| action.starts_with(prefix)) {
        return Err(AwsError::new("MethodNotAllowed", format!("{action} needs a POST")));
    }
    let plain: BTreeMap<String, String> = written.into_iter().map(|(key, value)| (spelled(&key), value)).collect();
    let document = ec2.actions().invoke(ec2, call, &action, members(input, &plain)).await;
    let document = document.unwrap_or_else(|| Err(not_emulated()))?;
    let mut text =
        format!("{PROLOGUE}<{action}Response xmlns=\"{NAMESPACE}\"><requestId>{}</requestId>", call.request_id);
    if !document.is_empty() {
        let document: Value = serde_json::from_slice(&document).map_err(|_| AwsError::internal())?;
        content(&document, &mut text);
    }
    let _ = write!(text, "</{action}Response>");
    Ok(text)
}

/// A key as other services would spell it: every number is that of a list's member.
fn spelled(key: &str) -> String {
    let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = key.split('.').map(|part| if is_index(part) { format!("member.{part}") } else { part.to_owned() });
    parts.collect::<Vec<_>>().join(".")
}

fn content(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| element(name, value, out)),
        Value::Array(list) => list.iter().for_each(|value| element("item", value, out)),
        Value::String(text) => escape(text, out),
        Value::Null => {}
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

fn element(name: &str, value: &Value, out: &mut String) {
    let _ = write!(out, "<{name}>");
    content(value, out);
    let _ = write!(out, "</{name}>");
}

/// An error as EC2 writes it. What breaks the type of a parameter has a code of its own here.
fn error_reply(error: &AwsError, call: &Call) -> Reply {
    let code = match &*error.code {
        "SerializationException" | "ValidationException" => "InvalidParameterValue",
        code => code,
    };
    let status = match code {
        "DryRunOperation" => StatusCode::PRECONDITION_FAILED,
        "AuthFailure" => StatusCode::UNAUTHORIZED,
        _ => error.rest_status(),
    };
    let mut message = String::new();
    escape(error.message.as_deref().unwrap_or_default(), &mut message);
    let text = format!(
        "{PROLOGUE}<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>{}\
         </RequestID></Response>",
        call.request_id
    );
    reply(status, CONTENT_TYPE, text)
}

#[cfg(test)]
mod tests {
    use crate::fixture::{refuses, send};

    #[test]
    fn what_is_not_here_is_named() {
        let message = "The action RunInstances is not valid for this web service. Millrace does not emulate it: of EC2 it has \
                       Availability Zones only.";
        refuses("us-east-1", "Action=RunInstances&Version=2016-11-15", 400, "InvalidAction", message);
        let message = "The request is missing an action or a required parameter.";
        refuses("us-east-1", "Version=2016-11-15", 400, "MissingAction", message);
    }

    #[test]
    fn an_error_is_one_of_a_list() {
        let (status, text) = send("us-east-1", "Action=%3Cx%3E");
        assert_eq!(status, 400);
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>InvalidAction</Code><Message>The action \
             &lt;x&gt; is not valid for this web service. Millrace does not emulate it: of EC2 it has Availability Zones only.\
             </Message></Error></Errors><RequestID>id</RequestID></Response>"
        );
    }

    #[test]
    fn keys_are_spelled_as_elsewhere() {
        for (key, expected) in [
            ("Action", "Action"),
            ("ZoneName.1", "ZoneName.member.1"),
            ("Filter.2.Value.10", "Filter.member.2.Value.member.10"),
            ("Filter.x.Value", "Filter.x.Value"),
            ("Filter.", "Filter."),
        ] {
            assert_eq!(super::spelled(key), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_form_is_answered(
            body in "(Action=DescribeAvailabilityZones|&(ZoneName|ZoneId|DryRun|Filter)(\\.[0-9]{0,2}(\\.(Name|Value))?){0,2}=?|[&=%.*?a-z0-9\u{e9}]){0,12}"
        ) {
            let (status, _) = send("us-east-1", &body);
            proptest::prop_assert!(matches!(status, 200 | 400 | 412), "{}", status);
        }
    }
}
