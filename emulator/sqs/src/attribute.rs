//! Attributes of a message: text, numbers or bytes beside its body, and the MD5 of them that clients check.

use std::collections::BTreeMap;

use aws_wire::{Blob, Shape, Structure};
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The most that a message may have.
const MOST: usize = 10;

/// The attributes of a message by name.
pub type Attributes = BTreeMap<String, AttributeValue>;

/// An attribute, as the API takes and shows it.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeValue {
    /// `String`, `Number` or `Binary`, perhaps with a dot and something of the sender's.
    #[serde(default)]
    pub data_type: String,
    /// The value, unless it is binary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
    /// The value, if it is binary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<Blob>,
}

impl AttributeValue {
    /// Text.
    pub fn text(value: impl Into<String>) -> Self {
        Self { data_type: "String".into(), string_value: Some(value.into()), binary_value: None }
    }

    fn is_binary(&self) -> bool {
        self.data_type.starts_with("Binary")
    }

    fn bytes(&self) -> &[u8] {
        let binary = self.binary_value.as_ref().map(|value| &*value.0).filter(|_| self.is_binary());
        binary.unwrap_or_else(|| self.string_value.as_deref().unwrap_or_default().as_bytes())
    }
}

/// The constraints of attributes. `DataType` is looked at by [`check`], which has SQS's own words.
pub(crate) const ATTRIBUTES: Shape = Shape::map(&Shape::string(), &Shape::structure(&VALUE));
const VALUE: Structure = Structure::new(
    "MessageAttributeValue",
    &[
        Shape::string().member("StringValue"),
        Shape::blob().member("BinaryValue"),
        Shape::list(&Shape::string()).member("StringListValues"),
        Shape::list(&Shape::blob()).member("BinaryListValues"),
        Shape::string().member("DataType"),
    ],
);

/// Checks the attributes of a message that is to be sent.
pub(crate) fn check(attributes: &Attributes) -> Result<()> {
    let refuse = |reason: String| Err(Error::MessageAttribute { reason });
    if attributes.len() > MOST {
        return refuse(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{MOST}].",
            attributes.len()
        ));
    }
    for (name, value) in attributes {
        let kind = value.data_type.split('.').next().unwrap_or_default();
        if !is_name(name) {
            return refuse(format!(
                "The message attribute name '{name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), \
                 hyphen (-), and period (.) characters; it must not begin with AWS. or Amazon., nor begin or end with a \
                 period."
            ));
        }
        if kind.is_empty() {
            return refuse(format!("The message attribute '{name}' must contain a non-empty message attribute type."));
        }
        if !matches!(kind, "String" | "Number" | "Binary") {
            return refuse(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is \
                 Binary, Number, and String."
            ));
        }
        if value.bytes().is_empty() {
            return refuse(format!(
                "The message attribute '{name}' must contain a non-empty message attribute value for message attribute type \
                 '{}'.",
                value.data_type
            ));
        }
        let is_number =
            || value.string_value.as_deref().is_some_and(|text| text.parse::<f64>().is_ok_and(f64::is_finite));
        if kind == "Number" && !is_number() {
            return refuse(format!("Can't cast the value of message attribute '{name}' to a number."));
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    (1..=256).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        && !["aws.", "amazon.", "."].iter().any(|prefix| lower.starts_with(prefix))
        && !name.ends_with('.')
        && !name.contains("..")
}

/// The bytes that attributes count for in the size of a message.
pub(crate) fn size(attributes: &Attributes) -> usize {
    attributes.iter().map(|(name, value)| name.len() + value.data_type.len() + value.bytes().len()).sum()
}

/// The MD5 of attributes; none of none. By name, each part with its length before it: name, type, and the value after a byte
/// that says whether it is text (1) or binary (2).
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>
pub(crate) fn md5(attributes: &Attributes) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut hash = Md5::new();
    let mut part = |before: &[u8], bytes: &[u8]| {
        hash.update(before);
        // A message is far shorter than what four bytes can count.
        hash.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(bytes);
    };
    for (name, value) in attributes {
        part(&[], name.as_bytes());
        part(&[], value.data_type.as_bytes());
        part(&[if value.is_binary() { 2 } else { 1 }], value.bytes());
    }
    Some(hex(&hash.finalize()))
}

/// The MD5 of a body.
pub(crate) fn md5_of_body(body: &str) -> String {
    hex(&Md5::digest(body.as_bytes()))
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The attributes that a receiver asks for by these names: `All`, `.*`, a name, or a beginning with `.*`.
pub(crate) fn asked(attributes: &Attributes, names: &[String]) -> Attributes {
    let wanted = |name: &str| {
        names.iter().any(|asked| {
            asked == "All" || asked == name || asked.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix))
        })
    };
    attributes.iter().filter(|(name, _)| wanted(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(data_type: &str, text: &str) -> AttributeValue {
        AttributeValue { data_type: data_type.into(), string_value: Some(text.into()), binary_value: None }
    }

    #[test]
    fn the_md5_is_what_clients_compute() {
        assert_eq!(md5(&Attributes::new()), None);
        // Spelled out: lengths, parts, and the mark of text or bytes.
        let attributes = Attributes::from([("a".to_owned(), value("String", "b"))]);
        let spelled = b"\0\0\0\x01a\0\0\0\x06String\x01\0\0\0\x01b";
        assert_eq!(md5(&attributes), Some(hex(&Md5::digest(spelled))));
        let binary = AttributeValue {
            data_type: "Binary.x".into(),
            string_value: None,
            binary_value: Some(Blob(bytes::Bytes::from_static(b"\0"))),
        };
        let attributes = Attributes::from([("a".to_owned(), binary)]);
        let spelled = b"\0\0\0\x01a\0\0\0\x08Binary.x\x02\0\0\0\x01\0";
        assert_eq!(md5(&attributes), Some(hex(&Md5::digest(spelled))));
        assert_eq!(md5_of_body("hello"), "5d41402abc4b2a76b9719d911017c592");
    }

    #[test]
    fn names_that_are_asked_for() {
        let attributes: Attributes =
            ["a", "ab", "b"].map(|name| (name.to_owned(), value("String", "x"))).into_iter().collect();
        let names = |asked_for: &[&str]| {
            let asked_for: Vec<String> = asked_for.iter().map(|name| (*name).to_owned()).collect();
            asked(&attributes, &asked_for).into_keys().collect::<Vec<_>>()
        };
        assert_eq!(names(&[]), [""; 0]);
        assert_eq!(names(&["All"]), ["a", "ab", "b"]);
        assert_eq!(names(&[".*"]), ["a", "ab", "b"]);
        assert_eq!(names(&["a.*"]), ["a", "ab"]);
        assert_eq!(names(&["b", "c"]), ["b"]);
    }

    #[test]
    fn what_is_no_attribute() {
        let refused = |name: &str, value: AttributeValue, reason: &str| {
            let Err(Error::MessageAttribute { reason: found }) = check(&Attributes::from([(name.to_owned(), value)]))
            else {
                panic!("{name} was taken");
            };
            assert!(found.contains(reason), "{found}");
        };
        refused("a", value("", "x"), "non-empty message attribute type");
        refused("a", value("Text", "x"), "invalid message attribute type");
        refused("a", value("String", ""), "non-empty message attribute value");
        refused("a", value("Number", "x"), "to a number");
        for name in ["", "AWS.x", ".a", "a.", "a..b", "a b"] {
            refused(name, value("String", "x"), "is invalid");
        }
        let many = (0..11).map(|n| (format!("a{n}"), value("String", "x"))).collect();
        assert!(check(&many).is_err());
        assert_eq!(check(&Attributes::from([("a".to_owned(), value("Number.int", "-1.5e3"))])), Ok(()));
    }
}
