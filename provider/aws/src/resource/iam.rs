//! What the IAM resources share: names the user leaves to the provider, documents as IAM sends them, tags.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_iam::types::Tag;
use jiff::Timestamp;
use tf_framework::{Attr, Plan};

use crate::tags::Tags;

/// What IAM allows in a name.
pub(super) const NAME_PATTERN: &str = r"^[\w+=,.@-]*$";

/// The prefix of a name for which the user gave none.
const DEFAULT_PREFIX: &str = "terraform-";

/// Digits of the moment, and a counter for names of the same moment.
const SUFFIX_LENGTH: usize = 18 + 8;

/// Plans `name` and `name_prefix`, which `fields` picks in this order: a name that the user chose has no prefix.
pub(super) fn plan_name<R>(plan: &mut Plan<R>, fields: impl Fn(&mut R) -> (&mut Attr<String>, &mut Attr<String>)) {
    let is_chosen = fields(&mut plan.config).0.is_known();
    if plan.is_create() && is_chosen {
        *fields(&mut plan.planned).1 = "".into();
    }
}

/// The name to create something under: the chosen one, else one that no other object has.
pub(super) fn name_or_unique(name: &Attr<String>, prefix: &Attr<String>) -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(1);
    if let Some(name) = name.as_str().filter(|name| !name.is_empty()) {
        return name.to_owned();
    }
    let prefix = prefix.as_str().filter(|prefix| !prefix.is_empty()).unwrap_or(DEFAULT_PREFIX);
    unique(prefix, Timestamp::now(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

fn unique(prefix: &str, now: Timestamp, count: u32) -> String {
    let ten_thousandths = now.subsec_nanosecond() / 100_000;
    format!("{prefix}{}{ten_thousandths:04}{count:08x}", now.strftime("%Y%m%d%H%M%S"))
}

/// The prefix within a name that `name_or_unique` made; empty for any other.
pub(super) fn prefix_of(name: &str) -> &str {
    let split = name.len().checked_sub(SUFFIX_LENGTH).filter(|&at| name.is_char_boundary(at));
    let Some((prefix, suffix)) = split.map(|at| name.split_at(at)) else { return "" };
    let (moment, counter) = suffix.split_at(SUFFIX_LENGTH - 8);
    let is_ours = moment.bytes().all(|b| b.is_ascii_digit()) && counter.bytes().all(|b| b.is_ascii_hexdigit());
    if is_ours { prefix } else { "" }
}

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
    fn a_unique_name_shows_its_prefix() {
        let now: Timestamp = "2026-01-02T03:04:05.678912Z".parse().unwrap();
        let name = unique("role-", now, 27);
        assert_eq!(name, "role-2026010203040567890000001b");
        assert_eq!(prefix_of(&name), "role-");
        for other in ["", "role", "role-20260102030405678900000", "an-ordinary-name-that-is-long-enough"] {
            assert_eq!(prefix_of(other), "", "{other}");
        }
    }

    #[test]
    fn the_users_name_is_taken_as_it_is() {
        assert_eq!(name_or_unique(&"r".into(), &Attr::Null), "r");
        assert!(name_or_unique(&Attr::Unknown, &Attr::Null).starts_with("terraform-2"));
        assert_ne!(name_or_unique(&Attr::Null, &"p".into()), name_or_unique(&Attr::Null, &"p".into()));
    }

    #[test]
    fn documents_are_decoded() {
        assert_eq!(decode_document("%7B%22a%22%3A%20%22b+c%22%7D"), r#"{"a": "b+c"}"#);
    }
}
