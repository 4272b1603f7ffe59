//! Tags of buckets and objects, in their document and in their header.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::xml::{Element, Xml, parse};

/// The most that an object may have.
const MOST_OF_OBJECT: usize = 10;
/// The most that a bucket may have.
pub(crate) const MOST_OF_BUCKET: usize = 50;

/// A tag.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// The tags of an object's `Tagging` document.
pub(crate) fn from_document(body: &[u8]) -> Result<Vec<Tag>> {
    from_element(&parse(body, "Tagging")?, MOST_OF_OBJECT)
}

/// The tags of a `Tagging` element, at most so many.
pub(crate) fn from_element(root: &Element, most: usize) -> Result<Vec<Tag>> {
    let set = root.child("TagSet").ok_or(Error::XmlMalformed)?;
    let tag = |tag: &Element| Some(Tag { key: tag.value("Key")?.to_owned(), value: tag.value("Value")?.to_owned() });
    let tags: Option<Vec<_>> = set.all("Tag").map(tag).collect();
    checked(tags.ok_or(Error::XmlMalformed)?, most)
}

/// The tags of an `x-amz-tagging` header: `a=1&b=2`.
pub(crate) fn from_header(text: &str) -> Result<Vec<Tag>> {
    let invalid = || {
        let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";
        Error::argument("x-amz-tagging", text, message)
    };
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8().map(String::from).map_err(|_| invalid())
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let tag = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok(Tag { key: decoded(key)?, value: decoded(value)? })
    };
    checked(pairs.map(tag).collect::<Result<_>>()?, MOST_OF_OBJECT)
}

fn checked(tags: Vec<Tag>, most: usize) -> Result<Vec<Tag>> {
    for (at, tag) in tags.iter().enumerate() {
        if tag.key.is_empty() || tag.key.chars().count() > 128 {
            return Err(Error::TagInvalid("The TagKey you have provided is invalid"));
        }
        if tag.value.chars().count() > 256 {
            return Err(Error::TagInvalid("The TagValue you have provided is invalid"));
        }
        if tag.key.starts_with("aws:") {
            return Err(Error::TagInvalid("System tags cannot be added/updated by requester"));
        }
        if tags[..at].iter().any(|other| other.key == tag.key) {
            return Err(Error::TagInvalid("Cannot provide multiple Tags with the same key"));
        }
    }
    if tags.len() <= most {
        return Ok(tags);
    }
    Err(Error::InvalidRequest(match most {
        MOST_OF_OBJECT => "Object tags cannot be greater than 10".into(),
        _ => "Bucket tag count cannot be greater than 50".into(),
    }))
}

/// The `Tagging` document.
pub(crate) fn document(tags: &[Tag]) -> String {
    Xml::document("Tagging", |xml| {
        xml.element("TagSet", |xml| {
            for tag in tags {
                xml.element("Tag", |xml| {
                    xml.text("Key", &tag.key);
                    xml.text("Value", &tag.value);
                });
            }
        });
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.into(), value: value.into() }
    }

    #[test]
    fn documents_and_headers() {
        let tags = vec![tag("a", "1"), tag("b c", "<&>")];
        assert_eq!(from_document(document(&tags).as_bytes()), Ok(tags.clone()));
        assert_eq!(from_header("a=1&b%20c=%3C%26%3E"), Ok(tags));
        assert_eq!(from_header("a&b+c="), Ok(vec![tag("a", ""), tag("b c", "")]));
    }

    #[test]
    fn what_is_refused() {
        assert_eq!(from_document(b"<Tagging/>"), Err(Error::XmlMalformed));
        assert!(matches!(from_header("a=1&a=2"), Err(Error::TagInvalid(_))));
        assert!(matches!(from_header("aws:a=1"), Err(Error::TagInvalid(_))));
        assert!(matches!(from_header("=1"), Err(Error::TagInvalid(_))));
        assert!(matches!(from_header(&format!("a={}", "x".repeat(257))), Err(Error::TagInvalid(_))));
        assert!(matches!(from_header("%ff=1"), Err(Error::InvalidArgument { .. })));
        let many: Vec<_> = (0..11).map(|n| format!("{n}=")).collect();
        assert!(matches!(from_header(&many.join("&")), Err(Error::InvalidRequest(_))));
    }
}
