//! Checks of an object's configuration that go beyond one value and what the schema can say.

use std::collections::BTreeMap;

use tf_framework::Diagnostic;

use super::{S3Object, body};
use crate::rfc3339;

impl S3Object {
    /// What is wrong with the configuration beyond what the schema says.
    pub(super) fn complaints(&self) -> Vec<Diagnostic> {
        let mut complaints = Vec::new();
        let mut complain = |summary: String, detail: &str, at: &str| {
            complaints.push(Diagnostic::error(summary, detail).at(at));
        };
        for key in self.metadata.known().into_iter().flat_map(BTreeMap::keys) {
            if key.chars().any(char::is_uppercase) {
                let summary = format!("Metadata must be lowercase only. Offending key: {key:?}");
                complain(summary, "Write the key in lower case.", "metadata");
            }
        }
        let date = self.object_lock_retain_until_date.text();
        if !date.is_empty() && rfc3339::parse(date).is_none() {
            let summary =
                format!("expected \"object_lock_retain_until_date\" to be a valid RFC3339 date, got {date:?}");
            complain(summary, "Write it like 2026-01-31T00:00:00Z.", "object_lock_retain_until_date");
        }
        if let Err(error) = body::decoded(self.content_base64.text()) {
            complain(format!("content_base64: {error}"), "Write it in Base64, or use content.", "content_base64");
        }
        let overriding = self.override_provider.first().and_then(|block| block.default_tags.first());
        if overriding.and_then(|block| block.tags.known()).is_some_and(|tags| !tags.is_empty()) {
            let summary = "expected number of items in default_tags.0.tags to be in the range (0 - 0)".to_owned();
            complain(summary, "Only an empty map takes the provider's tags away.", "override_provider");
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use tf_framework::Blocks;

    use super::super::{OverrideProvider, OverrideTags};
    use super::*;
    use crate::tags::Tags;

    fn complaints(object: &S3Object) -> Vec<String> {
        object.complaints().into_iter().map(|complaint| complaint.path.to_string()).collect()
    }

    #[test]
    fn a_configuration_is_read_closely() {
        let sound = S3Object {
            metadata: BTreeMap::from([("a-b".to_owned(), "X".to_owned())]).into(),
            object_lock_retain_until_date: "2030-01-31T00:00:00+01:00".into(),
            content_base64: "aGVsbG8=".into(),
            override_provider: Blocks::one(OverrideProvider { default_tags: Blocks::one(OverrideTags::default()) }),
            ..S3Object::default()
        };
        assert_eq!(complaints(&sound), [""; 0]);
        let tags = OverrideTags { tags: Tags::from([("a".to_owned(), "1".to_owned())]).into() };
        let wrong = S3Object {
            metadata: BTreeMap::from([("Upper".to_owned(), "x".to_owned())]).into(),
            object_lock_retain_until_date: "tomorrow".into(),
            content_base64: "?".into(),
            override_provider: Blocks::one(OverrideProvider { default_tags: Blocks::one(tags) }),
            ..S3Object::default()
        };
        let expected = ["metadata", "object_lock_retain_until_date", "content_base64", "override_provider"];
        assert_eq!(complaints(&wrong), expected);
    }
}
