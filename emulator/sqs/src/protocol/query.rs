//! The older protocol: forms in, XML out. It is a dialect of the query protocol: lists and maps are flat and have singular
//! names (`Attribute.1.Name=…`), so a form is first spelled as other services spell theirs. A request may go to the queue's own
//! URL instead of naming it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aws_wire::query::{escape, form, members};
use aws_wire::reply::reply;
use aws_wire::{AwsError, Call, Reply};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::{Map, Value};

use super::run;
use crate::client::Client;
use crate::service::Sqs;

const CONTENT_TYPE: &str = "text/xml";
const NAMESPACE: &str = "http://queue.amazonaws.com/doc/2012-11-05/";
/// How the names of actions begin that change nothing: only those may come with a GET, which any web page can send.
const READS: [&str; 2] = ["Get", "List"];

/// Flat maps of forms, and what their members are called.
const MAPS: [(&str, &str); 4] = [
    ("Attribute", "Attributes"),
    ("MessageAttribute", "MessageAttributes"),
    ("MessageSystemAttribute", "MessageSystemAttributes"),
    ("Tag", "Tags"),
];
/// Flat lists of forms, beside the entries of a batch.
const LISTS: [(&str, &str); 4] = [
    ("AttributeName", "AttributeNames"),
    ("MessageAttributeName", "MessageAttributeNames"),
    ("MessageSystemAttributeName", "MessageSystemAttributeNames"),
    ("TagKey", "TagKeys"),
];

pub(super) async fn serve(sqs: &Sqs, call: &Call, request: &Request<Bytes>) -> Reply {
    let written = form(request);
    let action = written.get("Action").cloned().unwrap_or_default();
    match answer(sqs, call, request, &action, written).await {
        Ok(text) => reply(StatusCode::OK, CONTENT_TYPE, text),
        Err(error) => error_reply(&error, call),
    }
}

async fn answer(
    sqs: &Sqs,
    call: &Call,
    request: &Request<Bytes>,
    action: &str,
    written: BTreeMap<String, String>,
) -> Result<String, AwsError> {
    if action.is_empty() {
        return Err(AwsError::new("MissingAction", "The request must contain the parameter Action."));
    }
    if request.method() != Method::POST && !READS.iter().any(|prefix| action.starts_with(prefix)) {
        return Err(AwsError::new("MethodNotAllowed", format!("{action} needs a POST")));
    }
    let client = Client::of(sqs, request);
    let mut plain: BTreeMap<String, String> =
        written.into_iter().map(|(key, value)| (spelled(&key, action), value)).collect();
    if crate::name::of_url(request.uri().path()).is_some() {
        plain.entry("QueueUrl".to_owned()).or_insert_with(|| request.uri().path().to_owned());
    }
    let input = sqs.actions().input(action).map(|input| members(input, &plain)).unwrap_or_default();
    let document = run(&client, call, action, input).await?;
    let mut text = format!("<?xml version=\"1.0\"?><{action}Response xmlns=\"{NAMESPACE}\">");
    if !document.is_empty() {
        let document: Map<String, Value> = serde_json::from_slice(&document).map_err(|_| AwsError::internal())?;
        let _ = write!(text, "<{action}Result>");
        document.iter().for_each(|(name, value)| member(action, name, value, &mut text));
        let _ = write!(text, "</{action}Result>");
    }
    let id = &call.request_id;
    let _ = write!(text, "<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>");
    Ok(text)
}

/// A key as other services would spell it.
fn spelled(key: &str, action: &str) -> String {
    let Some((head, rest)) = key.split_once('.') else { return key.to_owned() };
    let (index, tail) = rest.split_once('.').map_or((rest, None), |(index, tail)| (index, Some(tail)));
    if index.is_empty() || !index.bytes().all(|byte| byte.is_ascii_digit()) {
        return key.to_owned();
    }
    if let Some((_, name)) = MAPS.iter().find(|(singular, _)| *singular == head) {
        // The one member of SQS that begins with a small letter.
        let name = if action == "CreateQueue" && head == "Tag" { "tags" } else { name };
        let (part, below) = tail
            .map_or(("", None), |tail| tail.split_once('.').map_or((tail, None), |(part, below)| (part, Some(below))));
        let part = if part == "Value" { "value" } else { "key" };
        let below = below.map(|below| format!(".{below}")).unwrap_or_default();
        return format!("{name}.entry.{index}.{part}{below}");
    }
    let tail = tail.map(|tail| format!(".{}", spelled(tail, action))).unwrap_or_default();
    if let Some((_, name)) = LISTS.iter().find(|(singular, _)| *singular == head) {
        return format!("{name}.member.{index}{tail}");
    }
    if head.strip_suffix("RequestEntry") == Some(action) {
        return format!("Entries.member.{index}{tail}");
    }
    key.to_owned()
}

/// A member of an answer.
fn member(action: &str, name: &str, value: &Value, out: &mut String) {
    match (name, value) {
        ("Attributes", Value::Object(map)) => entries(action, "Attribute", "Name", map, out),
        ("MessageAttributes", Value::Object(map)) => entries(action, "MessageAttribute", "Name", map, out),
        ("Tags", Value::Object(map)) => entries(action, "Tag", "Key", map, out),
        (name, Value::Array(list)) => {
            let batch_result;
            let singular = match name {
                "Messages" => "Message",
                "QueueUrls" | "queueUrls" => "QueueUrl",
                "Failed" => "BatchResultErrorEntry",
                "Successful" => {
                    batch_result = format!("{action}ResultEntry");
                    &batch_result
                }
                name => name,
            };
            list.iter().for_each(|value| element(action, singular, value, out));
        }
        (name, value) => element(action, name, value, out),
    }
}

fn entries(action: &str, name: &str, key: &str, map: &Map<String, Value>, out: &mut String) {
    for (of, value) in map {
        let _ = write!(out, "<{name}><{key}>");
        escape(of, out);
        let _ = write!(out, "</{key}>");
        element(action, "Value", value, out);
        let _ = write!(out, "</{name}>");
    }
}

fn element(action: &str, name: &str, value: &Value, out: &mut String) {
    let _ = write!(out, "<{name}>");
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| member(action, name, value, out)),
        Value::String(text) => escape(text, out),
        Value::Null => {}
        other => {
            let _ = write!(out, "{other}");
        }
    }
    let _ = write!(out, "</{name}>");
}

fn error_reply(error: &AwsError, call: &Call) -> Reply {
    let fault = if error.is_service_fault() { "Receiver" } else { "Sender" };
    let mut message = String::new();
    escape(error.message.as_deref().unwrap_or_default(), &mut message);
    let text = format!(
        "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{fault}</Type><Code>{}</Code><Message>\
         {message}</Message><Detail/></Error><RequestId>{}</RequestId></ErrorResponse>",
        error.code, call.request_id
    );
    reply(error.rest_status(), CONTENT_TYPE, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_spelled_as_elsewhere() {
        for (key, action, expected) in [
            ("QueueUrl", "SendMessage", "QueueUrl"),
            ("Attribute.1.Name", "CreateQueue", "Attributes.entry.1.key"),
            ("Attribute.1.Value", "CreateQueue", "Attributes.entry.1.value"),
            ("Tag.2.Key", "CreateQueue", "tags.entry.2.key"),
            ("Tag.2.Key", "TagQueue", "Tags.entry.2.key"),
            ("TagKey.1", "UntagQueue", "TagKeys.member.1"),
            ("AttributeName.3", "ReceiveMessage", "AttributeNames.member.3"),
            ("MessageAttribute.1.Value.DataType", "SendMessage", "MessageAttributes.entry.1.value.DataType"),
            (
                "SendMessageBatchRequestEntry.1.MessageAttribute.2.Name",
                "SendMessageBatch",
                "Entries.member.1.MessageAttributes.entry.2.key",
            ),
            ("DeleteMessageBatchRequestEntry.1.Id", "SendMessageBatch", "DeleteMessageBatchRequestEntry.1.Id"),
            ("Attribute.x.Name", "CreateQueue", "Attribute.x.Name"),
            ("Attribute.", "CreateQueue", "Attribute."),
        ] {
            assert_eq!(spelled(key, action), expected);
        }
    }
}
