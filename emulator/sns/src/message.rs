//! What is published: a message with a subject and attributes, perhaps another text for each protocol.

use std::collections::BTreeMap;

use aws_wire::{Blob, Shape, Structure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The longest message, attributes included.
pub(crate) const LONGEST: usize = 262_144;

/// An attribute of a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    /// `String`, `String.Array`, `Number` or `Binary`.
    #[serde(default)]
    pub data_type: String,
    /// The value, unless it is binary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
    /// The value, if it is binary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<Blob>,
}

impl Attribute {
    /// The value as documents show it: bytes as base64.
    pub(crate) fn shown(&self) -> Value {
        match (&self.binary_value, &self.string_value) {
            (Some(bytes), _) if self.data_type.starts_with("Binary") => {
                serde_json::to_value(bytes).unwrap_or(Value::Null)
            }
            (_, text) => text.clone().map(Value::from).unwrap_or_default(),
        }
    }

    /// The value as a filter sees it; nothing of what is binary.
    pub(crate) fn filtered(&self) -> Option<Value> {
        let text = self.string_value.as_ref()?;
        match self.data_type.split('.').next().unwrap_or_default() {
            "Number" => serde_json::from_str(text).ok().filter(Value::is_number),
            "String" if self.data_type == "String.Array" => serde_json::from_str(text).ok().filter(Value::is_array),
            "String" => Some(Value::from(text.as_str())),
            _ => None,
        }
    }

    fn length(&self) -> usize {
        let binary = self.binary_value.as_ref().map(|bytes| bytes.0.len());
        binary.unwrap_or_default() + self.string_value.as_ref().map_or(0, String::len)
    }
}

/// The constraints of attributes.
pub(crate) const ATTRIBUTES: Shape = Shape::map(&Shape::string(), &Shape::structure(&VALUE));
const VALUE: Structure = Structure::new(
    "MessageAttributeValue",
    &[
        Shape::string().member("DataType").required(),
        Shape::string().member("StringValue"),
        Shape::blob().member("BinaryValue"),
    ],
);

/// What somebody publishes.
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Publication {
    /// The message; with `MessageStructure`, a document of messages by protocol.
    pub message: String,
    /// A subject, which envelopes show.
    pub subject: Option<String>,
    /// `json`, if the message is a document.
    pub message_structure: Option<String>,
    /// Attributes, by which subscriptions can filter.
    #[serde(default)]
    pub message_attributes: BTreeMap<String, Attribute>,
    /// What makes it the same as another, on a FIFO topic.
    pub message_deduplication_id: Option<String>,
    /// The group it belongs to; FIFO topics want one.
    pub message_group_id: Option<String>,
}

impl Publication {
    /// A publication that says `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// What it counts for towards the longest message.
    pub(crate) fn length(&self) -> usize {
        let attributes = self.message_attributes.iter();
        let attributes: usize =
            attributes.map(|(name, value)| name.len() + value.data_type.len() + value.length()).sum();
        self.message.len() + attributes
    }

    /// Checks everything but what the kind of its topic asks for, and reads the messages by protocol.
    pub(crate) fn check(&self) -> Result<Texts> {
        if self.message.is_empty() {
            return Err(Error::invalid("Empty message"));
        }
        if self.length() > LONGEST {
            return Err(Error::invalid("Message too long"));
        }
        if self.subject.as_ref().is_some_and(|subject| !is_subject(subject)) {
            return Err(Error::invalid("Subject"));
        }
        for (name, attribute) in &self.message_attributes {
            check_attribute(name, attribute)?;
        }
        match self.message_structure.as_deref() {
            None => Ok(Texts { default: self.message.clone(), by_protocol: Map::new() }),
            Some("json") => Texts::parse(&self.message),
            Some(_) => Err(Error::invalid("MessageStructure")),
        }
    }
}

/// Up to a hundred characters of ASCII, none of them a line's end or another control.
fn is_subject(subject: &str) -> bool {
    (1..=100).contains(&subject.len()) && subject.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn check_attribute(name: &str, attribute: &Attribute) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if !(1..=256).contains(&name.len()) || !name.bytes().all(allowed) {
        return Err(Error::invalid(format!("Message attribute name '{name}' is invalid")));
    }
    let kind = attribute.data_type.split('.').next().unwrap_or_default();
    if !matches!(kind, "String" | "Number" | "Binary") {
        return Err(Error::invalid(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is \
             Binary, Number, and String."
        )));
    }
    if attribute.length() == 0 {
        return Err(Error::invalid(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type \
             '{}'.",
            attribute.data_type
        )));
    }
    let is_number = |text: &String| text.parse::<f64>().is_ok_and(f64::is_finite);
    if kind == "Number" && !attribute.string_value.as_ref().is_some_and(is_number) {
        return Err(Error::invalid(format!("Could not cast message attribute '{name}' value to number.")));
    }
    Ok(())
}

/// What to say to whom.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Texts {
    default: String,
    by_protocol: Map<String, Value>,
}

impl Texts {
    fn parse(document: &str) -> Result<Self> {
        let Ok(Value::Object(by_protocol)) = serde_json::from_str(document) else {
            return Err(Error::invalid("Message Structure - JSON message body failed to parse"));
        };
        let Some(default) = by_protocol.get("default").and_then(Value::as_str).map(str::to_owned) else {
            return Err(Error::invalid("Message Structure - No default entry in JSON message body"));
        };
        Ok(Self { default, by_protocol })
    }

    /// The text for a protocol.
    pub(crate) fn of(&self, protocol: &str) -> &str {
        self.by_protocol.get(protocol).and_then(Value::as_str).unwrap_or(&self.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(publication: &Publication) -> String {
        publication.check().unwrap_err().to_string()
    }

    fn attribute(data_type: &str, value: &str) -> Attribute {
        Attribute { data_type: data_type.into(), string_value: Some(value.into()), binary_value: None }
    }

    #[test]
    fn a_text_for_each_protocol() {
        let json = |message: &str| Publication { message_structure: Some("json".into()), ..Publication::new(message) };
        let texts = json(r#"{"default":"d","sqs":"s"}"#).check().unwrap();
        assert_eq!((texts.of("sqs"), texts.of("http")), ("s", "d"));
        assert_eq!(refused(&json("{")), "Invalid parameter: Message Structure - JSON message body failed to parse");
        assert_eq!(
            refused(&json("{}")),
            "Invalid parameter: Message Structure - No default entry in JSON message body"
        );
    }

    #[test]
    fn what_cannot_be_published() {
        assert_eq!(refused(&Publication::new("")), "Invalid parameter: Empty message");
        assert_eq!(refused(&Publication::new("x".repeat(LONGEST + 1))), "Invalid parameter: Message too long");
        for subject in ["", "a\nb", "é", &"a".repeat(101)] {
            let publication = Publication { subject: Some(subject.into()), ..Publication::new("m") };
            assert_eq!(refused(&publication), "Invalid parameter: Subject");
        }
        for (name, value, words) in [
            ("a b", attribute("String", "x"), "Message attribute name 'a b' is invalid"),
            ("a", attribute("Text", "x"), "The message attribute 'a' has an invalid message attribute type"),
            ("a", attribute("String", ""), "The message attribute 'a' must contain non-empty message attribute value"),
            ("a", attribute("Number", "x"), "Could not cast message attribute 'a' value to number."),
        ] {
            let attributes = [(name.to_owned(), value)].into();
            let publication = Publication { message_attributes: attributes, ..Publication::new("m") };
            let found = refused(&publication);
            assert!(found.contains(words), "{found}");
        }
    }

    #[test]
    fn what_a_filter_sees() {
        assert_eq!(attribute("Number", "1.5").filtered(), Some(Value::from(1.5)));
        assert_eq!(attribute("String.Array", "[\"a\",1]").filtered(), Some(serde_json::json!(["a", 1])));
        assert_eq!(attribute("String", "[1]").filtered(), Some(Value::from("[1]")));
        assert_eq!(attribute("Binary", "x").filtered(), None);
    }
}
