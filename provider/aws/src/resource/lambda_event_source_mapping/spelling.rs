//! When a configured value means the same as the one that the service stores.

use std::collections::{BTreeMap, BTreeSet};

use tf_framework::{Attr, Comparison, Value};

use crate::arn::resource_of_arn;

/// The rule for `function_name`.
pub(super) const FUNCTION: &str = "function";
/// The rule for the endpoints of a self-managed source.
pub(super) const ENDPOINTS: &str = "endpoints";
/// The rule for `starting_position_timestamp`.
pub(super) const MOMENT: &str = "moment";

/// Whether one of our rules holds.
pub(super) fn same(comparison: &Comparison<'_>) -> bool {
    let texts = || Some((comparison.prior.as_str()?, comparison.config.as_str()?));
    match comparison.rule {
        FUNCTION => texts().is_some_and(|(stored, configured)| is_function(stored, configured)),
        MOMENT => texts().is_some_and(|(stored, configured)| is_moment(stored, configured)),
        ENDPOINTS => endpoints(comparison.prior) == endpoints(comparison.config),
        _ => false,
    }
}

/// A bare name means the stored ARN of that function, qualified or not. Every other form must be the ARN itself: a
/// partial ARN or `name:qualifier` is a change to the AWS provider, so it is one here.
fn is_function(stored: &str, configured: &str) -> bool {
    let mut parts = resource_of_arn(stored).unwrap_or_default().split(':');
    parts.next() == Some("function") && parts.next() == Some(configured)
}

fn is_moment(stored: &str, configured: &str) -> bool {
    let stored = crate::rfc3339::parse(stored);
    stored.is_some() && stored == crate::rfc3339::parse(configured)
}

/// The order of servers in a list does not matter.
fn endpoints(value: &Value) -> BTreeMap<&str, BTreeSet<&str>> {
    let Value::Map(entries) = value else { return BTreeMap::new() };
    entries.iter().map(|(kind, list)| (kind.as_str(), as_set(kind, list.as_str().unwrap_or_default()))).collect()
}

fn as_set<'a>(kind: &str, list: &'a str) -> BTreeSet<&'a str> {
    if kind == "KAFKA_BOOTSTRAP_SERVERS" { list.split(',').collect() } else { BTreeSet::from([list]) }
}

/// How many records a batch has at most when the mapping does not say.
pub(super) fn default_batch_size(event_source_arn: &Attr<String>, is_self_managed: bool) -> Option<i64> {
    if is_self_managed {
        return Some(100);
    }
    match event_source_arn.text().split(':').nth(2)? {
        "dynamodb" | "kafka" | "kinesis" | "mq" | "rds" => Some(100),
        "sqs" => Some(10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORED: &str = "arn:aws:lambda:us-east-1:123456789012:function:f1";
    const QUALIFIED: &str = "arn:aws:lambda:us-east-1:123456789012:function:f1:live";

    #[test]
    fn only_a_bare_name_stands_for_the_stored_function() {
        for (stored, configured, expected) in [
            (STORED, "f1", true),
            (QUALIFIED, "f1", true),
            (STORED, "f2", false),
            (STORED, "function", false),
            (STORED, "f1:live", false),
            (STORED, "123456789012:function:f1", false),
            (STORED, QUALIFIED, false),
            ("f1", "f1:live", false),
        ] {
            assert_eq!(is_function(stored, configured), expected, "{configured} against {stored}");
        }
    }

    fn map(entries: &[(&str, &str)]) -> Value {
        Value::Map(entries.iter().map(|&(key, value)| (key.to_owned(), value.into())).collect())
    }

    #[test]
    fn bootstrap_servers_are_a_set() {
        let kafka = |servers| endpoints_of(&map(&[("KAFKA_BOOTSTRAP_SERVERS", servers)]));
        assert_eq!(kafka("a:1,b:2"), kafka("b:2,a:1"));
        assert_ne!(kafka("a:1"), kafka("b:2,a:1"));
        assert_ne!(endpoints_of(&map(&[("OTHER", "a,b")])), endpoints_of(&map(&[("OTHER", "b,a")])));
    }

    fn endpoints_of(value: &Value) -> Vec<String> {
        endpoints(value).into_iter().map(|(kind, servers)| format!("{kind}={servers:?}")).collect()
    }

    #[test]
    fn one_moment_may_be_written_with_any_offset() {
        assert!(is_moment("2026-11-23T12:00:00Z", "2026-11-23T13:00:00+01:00"));
        assert!(!is_moment("2026-11-23T12:00:00Z", "2026-11-23T12:00:01Z"));
        assert!(!is_moment("never", "never ever"));
    }

    #[test]
    fn each_service_has_its_batch() {
        let arn = |service: &str| Attr::Known(format!("arn:aws:{service}:us-east-1:1:x"));
        assert_eq!(default_batch_size(&arn("kinesis"), false), Some(100));
        assert_eq!(default_batch_size(&arn("sqs"), false), Some(10));
        assert_eq!(default_batch_size(&arn("s3"), false), None);
        assert_eq!(default_batch_size(&Attr::Unknown, false), None);
        assert_eq!(default_batch_size(&Attr::Null, true), Some(100));
    }
}
