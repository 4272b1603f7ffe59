//! Checks of one configured value, as data: they travel inside the derived JSON schema.
//!
//! A check never sees an unknown value and never repeats a sensitive one.

use std::ops::{Bound, RangeBounds};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::duration;
use crate::value::{Value, from_json};

/// What a value must satisfy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Check {
    /// Text of so many characters.
    Length(Option<i64>, Option<i64>),
    /// A number within bounds, both included.
    Range(Option<i64>, Option<i64>),
    /// A collection of so many elements.
    Items(Option<i64>, Option<i64>),
    /// One of these values.
    OneOf(Vec<Json>),
    /// Text that a regular expression finds a match in, and the words for text that it does not.
    Pattern(String, Option<String>),
    /// Text that parses as JSON.
    Json,
    /// A duration in Go's notation, such as `1h30m`.
    Duration,
    /// At least one of these checks.
    Any(Vec<Check>),
    /// No text at all, or text that satisfies the check.
    OrEmpty(Box<Check>),
}

impl Check {
    /// Text of so many characters.
    pub fn length(bounds: impl RangeBounds<i64>) -> Self {
        let (min, max) = limits(&bounds);
        Self::Length(min, max)
    }

    /// A number within bounds.
    pub fn range(bounds: impl RangeBounds<i64>) -> Self {
        let (min, max) = limits(&bounds);
        Self::Range(min, max)
    }

    /// A collection of so many elements.
    pub fn items(bounds: impl RangeBounds<i64>) -> Self {
        let (min, max) = limits(&bounds);
        Self::Items(min, max)
    }

    /// One of these values.
    pub fn one_of<T: Clone + Into<Json>>(values: &[T]) -> Self {
        Self::OneOf(values.iter().cloned().map(Into::into).collect())
    }

    /// Text that matches a regular expression somewhere; anchor it with `^` and `$` to mean all of the text.
    pub fn pattern(regex: &str) -> Self {
        Self::Pattern(regex.to_owned(), None)
    }

    /// As `pattern`, with the words that tell the user what is expected.
    pub fn pattern_or(regex: &str, message: &str) -> Self {
        Self::Pattern(regex.to_owned(), Some(message.to_owned()))
    }

    /// At least one of `checks`.
    pub fn any(checks: impl IntoIterator<Item = Self>) -> Self {
        Self::Any(checks.into_iter().collect())
    }

    /// No text at all, or text that satisfies this check. Empty text stands for nothing in many a configuration.
    #[must_use]
    pub fn or_empty(self) -> Self {
        Self::OrEmpty(Box::new(self))
    }

    /// What is wrong with `value` as the value of `name`, if anything.
    pub(crate) fn complaint(&self, name: &str, value: &Value) -> Option<String> {
        match (self, value) {
            (Self::Length(min, max), Value::String(text)) => {
                let length = text.chars().count() as i64;
                outside(length, *min, *max)
                    .then(|| format!("expected length of {name} to be {}, got {text}", bounds_text(*min, *max)))
            }
            (Self::Items(min, max), Value::List(items)) => {
                let count = items.len() as i64;
                outside(count, *min, *max)
                    .then(|| format!("expected {name} to have {} elements, got {count}", bounds_text(*min, *max)))
            }
            (Self::Range(min, max), Value::Number(number)) => {
                let (low, high) = (min.map_or(f64::MIN, |m| m as f64), max.map_or(f64::MAX, |m| m as f64));
                let outside = number
                    .as_i64()
                    .map_or_else(|| !(low..=high).contains(&number.to_f64()), |int| outside(int, *min, *max));
                outside.then(|| format!("expected {name} to be {}, got {number}", bounds_text(*min, *max)))
            }
            (Self::OneOf(allowed), value) => {
                let found =
                    allowed.iter().any(|json| from_json(json.to_string().as_bytes()).is_ok_and(|v| v == *value));
                let allowed = || allowed.iter().map(Json::to_string).collect::<Vec<_>>().join(" ");
                (!found).then(|| format!("expected {name} to be one of [{}], got {}", allowed(), plain(value)))
            }
            (Self::Pattern(regex, message), Value::String(text)) => match regex_lite::Regex::new(regex) {
                Ok(compiled) if compiled.is_match(text) => None,
                Ok(_) => Some(message.as_ref().map_or_else(
                    || format!("expected value of {name} to match regular expression {regex:?}, got {text}"),
                    |message| format!("invalid value for {name} ({message})"),
                )),
                Err(error) => Some(format!("the pattern for {name} does not compile: {error}")),
            },
            (Self::Json, Value::String(text)) => serde_json::from_str::<serde::de::IgnoredAny>(text)
                .err()
                .map(|error| format!("{name:?} contains an invalid JSON: {error}")),
            (Self::Duration, Value::String(text)) => match duration::parse(text) {
                Some(Duration { .. }) => None,
                None => {
                    Some(format!("{name:?} cannot be parsed as a duration: {text:?}; write it as 90s, 5m or 1h30m"))
                }
            },
            (Self::Any(checks), value) => {
                let complaints: Option<Vec<String>> = checks.iter().map(|c| c.complaint(name, value)).collect();
                complaints.filter(|c| !c.is_empty()).map(|c| c.join("; or "))
            }
            (Self::OrEmpty(_), Value::String(text)) if text.is_empty() => None,
            (Self::OrEmpty(check), value) => check.complaint(name, value),
            // A value of another type is the type system's business, not the check's.
            (
                Self::Length(..) | Self::Items(..) | Self::Range(..) | Self::Pattern(..) | Self::Json | Self::Duration,
                _,
            ) => None,
        }
    }
}

fn limits(bounds: &impl RangeBounds<i64>) -> (Option<i64>, Option<i64>) {
    let min = match bounds.start_bound() {
        Bound::Included(min) => Some(*min),
        Bound::Excluded(min) => Some(min.saturating_add(1)),
        Bound::Unbounded => None,
    };
    let max = match bounds.end_bound() {
        Bound::Included(max) => Some(*max),
        Bound::Excluded(max) => Some(max.saturating_sub(1)),
        Bound::Unbounded => None,
    };
    (min, max)
}

fn outside(value: i64, min: Option<i64>, max: Option<i64>) -> bool {
    min.is_some_and(|min| value < min) || max.is_some_and(|max| value > max)
}

fn bounds_text(min: Option<i64>, max: Option<i64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("in the range ({min} - {max})"),
        (Some(min), None) => format!("at least ({min})"),
        (None, Some(max)) => format!("at most ({max})"),
        (None, None) => "anything".to_owned(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Null | Value::Unknown | Value::List(_) | Value::Map(_) | Value::Dynamic(..) => {
            "another value".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(check: &Check, value: impl Into<Value>) -> Option<String> {
        check.complaint("x", &value.into())
    }

    #[test]
    fn bounds_are_inclusive_and_named() {
        let range = Check::range(24..=8760);
        assert_eq!(complaint(&range, 24), None);
        assert_eq!(complaint(&range, 8760), None);
        assert_eq!(complaint(&range, 23).unwrap(), "expected x to be in the range (24 - 8760), got 23");
        assert_eq!(complaint(&Check::range(1..), 0).unwrap(), "expected x to be at least (1), got 0");
        assert_eq!(complaint(&Check::length(..3), "abc").unwrap(), "expected length of x to be at most (2), got abc");
    }

    #[test]
    fn one_of_compares_values_of_any_type() {
        let names = Check::one_of(&["NONE", "KMS"]);
        assert_eq!(complaint(&names, "KMS"), None);
        assert_eq!(complaint(&names, "kms").unwrap(), "expected x to be one of [\"NONE\" \"KMS\"], got kms");
        assert_eq!(complaint(&Check::one_of(&[1, 3]), 3), None);
    }

    #[test]
    fn any_passes_when_one_passes() {
        let age = Check::any([Check::one_of(&[-1]), Check::range(60..=604_800)]);
        assert_eq!(complaint(&age, -1), None);
        assert_eq!(complaint(&age, 60), None);
        assert!(complaint(&age, 5).is_some());
    }

    #[test]
    fn nothing_passes_where_it_may() {
        let document = Check::Json.or_empty();
        assert_eq!(complaint(&document, ""), None);
        assert_eq!(complaint(&document, "{}"), None);
        assert_eq!(complaint(&document, "{"), complaint(&Check::Json, "{"));
        assert!(complaint(&Check::Json, "").is_some());
    }

    #[test]
    fn text_forms() {
        assert_eq!(complaint(&Check::Json, r#"{"a":1}"#), None);
        assert!(complaint(&Check::Json, "{").is_some());
        assert_eq!(complaint(&Check::Duration, "1h30m"), None);
        assert!(complaint(&Check::Duration, "soon").is_some());
        assert_eq!(complaint(&Check::pattern("^[a-z]+$"), "abc"), None);
        assert_eq!(
            complaint(&Check::pattern_or("^a", "starts with a"), "b").unwrap(),
            "invalid value for x (starts with a)"
        );
    }
}
