//! Timestamps as the AWS provider stores them: RFC 3339 in UTC, whole seconds.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// The text for a moment; `None` beyond the years that RFC 3339 can write.
pub(crate) fn of(moment: &DateTime) -> Option<String> {
    DateTime::from_secs(moment.secs()).fmt(Format::DateTime).ok()
}

/// The moment that a text with any offset names.
pub(crate) fn parse(text: &str) -> Option<DateTime> {
    DateTime::from_str(text, Format::DateTimeWithOffset).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_seconds_are_dropped() {
        let moment = DateTime::from_millis(1_700_000_000_999);
        assert_eq!(of(&moment).as_deref(), Some("2023-11-14T22:13:20Z"));
        assert_eq!(of(&DateTime::from_secs(i64::MAX)), None);
    }

    #[test]
    fn one_moment_has_many_texts() {
        assert_eq!(parse("2023-11-14T23:13:20+01:00"), parse("2023-11-14T22:13:20Z"));
        assert!(parse("2023-11-14T22:13:20Z").is_some());
        for text in ["", "2023-11-14", "2023-11-14T22:13:20", "yesterday"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
