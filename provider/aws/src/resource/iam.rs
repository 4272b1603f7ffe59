//! What the IAM resources share: the form of names, documents as IAM sends them, tags.

use aws_sdk_iam::types::Tag;

use crate::tags::Tags;

/// What IAM allows in a name.
pub(super) const NAME_PATTERN: &str = r"^[\w+=,.@-]*$";

/// IAM sends documents percent-encoded, in the middle of XML.
pub(super) fn decode_document(encoded: &str) -> String {
    percent_encoding::percent_decode_str(encoded).decode_utf8_lossy().into_owned()
}

/// Tags in the service's shape; `None` when there is none.
pub(super) fn to_service(tags: Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build().expect("key and value are set");
    (!tags.is_empty()).then(|| tags.into_iter().map(tag).collect())
}

/// Tags out of the service's shape.
pub(super) fn from_service(tags: Option<Vec<Tag>>) -> impl Iterator<Item = (String, String)> {
    tags.into_iter().flatten().map(|tag| (tag.key, tag.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded() {
        assert_eq!(decode_document("%7B%22a%22%3A%20%22b+c%22%7D"), r#"{"a": "b+c"}"#);
    }
}
