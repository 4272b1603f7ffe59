//! What a FIFO topic's policy says about keeping its messages, and a subscription's about having them again.
//!
//! Both are checked, kept and shown. Nothing is archived, so nothing is replayed, and a replay says that it failed.

use std::time::Duration;

use aws_wire::parse_iso;
use env::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// For how many days a message can be kept at most.
const MOST_DAYS: u32 = 365;

/// A policy that says that messages are kept. Persisted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Archive {
    /// As it was given.
    pub(crate) policy: String,
    days: u32,
    /// Since when there has been one without a break.
    since: Timestamp,
}

impl Archive {
    /// Reads an archive policy that follows on `before`; `None` if it says that nothing is kept, which is `{}` only.
    pub(crate) fn parse(policy: &str, before: Option<&Self>, now: Timestamp) -> Result<Option<Self>> {
        let refused = |reason: &str| Error::invalid(format!("ArchivePolicy: {reason}"));
        let value: Value = serde_json::from_str(policy).map_err(|_| refused("Unable to parse JSON"))?;
        let members = value.as_object().ok_or_else(|| refused("JSON is missing required fields"))?;
        if members.is_empty() {
            return Ok(None);
        }
        let period = members.get("MessageRetentionPeriod").ok_or_else(|| refused("JSON is missing required fields"))?;
        let days = period
            .as_str()
            .map_or_else(|| period.as_u64().and_then(|days| days.try_into().ok()), |days| days.parse().ok());
        let days = days.filter(|days| (1..=MOST_DAYS).contains(days));
        let days = days.ok_or_else(|| refused("MessageRetentionPeriod value is invalid"))?;
        let since = before.map_or(now, |before| before.since);
        Ok(Some(Self { policy: policy.to_owned(), days, since }))
    }

    /// From when on there would be messages.
    pub(crate) fn beginning(&self, now: Timestamp) -> String {
        let kept = now - Duration::from_secs(u64::from(self.days) * 86_400);
        self.since.max(kept).to_string()
    }
}

/// Checks a replay policy; `None` if it says that nothing is replayed.
pub(crate) fn check_replay(policy: &str) -> Result<Option<String>> {
    // Where nobody outside AWS knows the words, these are ours.
    let refused = |reason: &str| Error::invalid(format!("ReplayPolicy: {reason}"));
    if policy.is_empty() {
        return Ok(None);
    }
    let value: Value = serde_json::from_str(policy).map_err(|_| refused("Unable to parse JSON"))?;
    let members = value.as_object().ok_or_else(|| refused("JSON is missing required fields"))?;
    if members.is_empty() {
        return Ok(None);
    }
    let has_type = members.get("PointType").ok_or_else(|| refused("JSON is missing required fields"))? == "Timestamp";
    if !has_type {
        return Err(refused("PointType value is invalid"));
    }
    let first = point(members, "StartingPoint")?.ok_or_else(|| refused("JSON is missing required fields"))?;
    if point(members, "EndingPoint")?.is_some_and(|last| last <= first) {
        return Err(refused("EndingPoint value is invalid"));
    }
    Ok(Some(policy.to_owned()))
}

/// A time in a replay policy, which is in UTC, with or without the fraction of its second.
fn point(members: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>> {
    let Some(value) = members.get(name) else { return Ok(None) };
    let parsed = value.as_str().filter(|text| text.ends_with('Z')).and_then(parse_iso);
    parsed.map(Some).ok_or_else(|| Error::invalid(format!("ReplayPolicy: {name} value is invalid")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;

    fn at(day: u64) -> Timestamp {
        Timestamp::from_secs(day * DAY)
    }

    #[test]
    fn an_archive_begins_when_it_is_said_to_be_kept_and_moves_on() {
        let parse = |policy: &str, before: Option<&Archive>, day| Archive::parse(policy, before, at(day)).unwrap();
        let first = parse(r#"{"MessageRetentionPeriod":"30"}"#, None, 100).unwrap();
        assert_eq!(first.beginning(at(120)), at(100).to_string());
        assert_eq!(first.beginning(at(140)), at(110).to_string());
        let second = parse(r#"{"MessageRetentionPeriod":45}"#, Some(&first), 140).unwrap();
        assert_eq!(second.beginning(at(141)), at(100).to_string());
        assert_eq!(parse(" {} ", Some(&second), 141), None);
    }

    #[test]
    fn what_is_no_archive_policy() {
        for (policy, words) in [
            ("", "Unable to parse JSON"),
            ("x", "Unable to parse JSON"),
            ("[]", "JSON is missing required fields"),
            (r#"{"Days":1}"#, "JSON is missing required fields"),
            (r#"{"MessageRetentionPeriod":0}"#, "MessageRetentionPeriod value is invalid"),
            (r#"{"MessageRetentionPeriod":"366"}"#, "MessageRetentionPeriod value is invalid"),
            (r#"{"MessageRetentionPeriod":true}"#, "MessageRetentionPeriod value is invalid"),
        ] {
            let refused = Error::invalid(format!("ArchivePolicy: {words}"));
            assert_eq!(Archive::parse(policy, None, at(1)), Err(refused), "{policy}");
        }
    }

    #[test]
    fn replay_policies() {
        let policy = |first: &str, last: &str| {
            let last = if last.is_empty() { String::new() } else { format!(r#","EndingPoint":"{last}""#) };
            format!(r#"{{"PointType":"Timestamp","StartingPoint":"{first}"{last}}}"#)
        };
        for good in [policy("2026-11-29T08:00:00Z", ""), policy("2026-11-29T08:00:00.5Z", "2026-11-29T08:00:00.501Z")] {
            assert_eq!(check_replay(&good), Ok(Some(good.clone())));
        }
        assert_eq!((check_replay(""), check_replay("{}")), (Ok(None), Ok(None)));
        for (policy, words) in [
            ("x".to_owned(), "Unable to parse JSON"),
            ("1".to_owned(), "JSON is missing required fields"),
            (r#"{"PointType":"Timestamp"}"#.to_owned(), "JSON is missing required fields"),
            (r#"{"PointType":"Offset"}"#.to_owned(), "PointType value is invalid"),
            (policy("yesterday", ""), "StartingPoint value is invalid"),
            (policy("2026-11-29T08:00:00.Z", ""), "StartingPoint value is invalid"),
            (policy("2026-11-29T08:00:00Z", "2026-11-29T08:00:00Z"), "EndingPoint value is invalid"),
        ] {
            assert_eq!(check_replay(&policy), Err(Error::invalid(format!("ReplayPolicy: {words}"))), "{policy}");
        }
    }
}
