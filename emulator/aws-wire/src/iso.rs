//! Times as a member, the way the query protocol writes them: ISO 8601 in UTC, whole seconds.

use std::fmt;

use env::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A time that travels as `2026-11-23T16:47:00Z`. Made from a moment, it drops the fraction of its second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct IsoSeconds(Timestamp);

impl IsoSeconds {
    /// The second that `at` lies in.
    pub const fn of(at: Timestamp) -> Self {
        Self(Timestamp::from_secs(at.as_secs()))
    }

    /// The beginning of that second.
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        // The inverse of `Timestamp::civil`: years begin in March, so that a leap day ends one.
        let (shifted_year, shifted_month) =
            if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
        let days = shifted_year * 365 + shifted_year / 4 - shifted_year / 100
            + shifted_year / 400
            + (153 * shifted_month + 2) / 5
            + day;
        let days = days.checked_sub(719_469)?;
        let found = Self(Timestamp::from_secs(days * 86_400 + hour * 3600 + minute * 60 + second));
        // Printing it again rejects what no calendar has, and every other spelling.
        (found.to_string() == text).then_some(found)
    }
}

impl fmt::Display for IsoSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, hour, minute, second, _) = self.0.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl Serialize for IsoSeconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IsoSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format_args!("{text:?} is not a time in UTC with seconds")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_there_and_back() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_999, "2000-02-28T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_545_084_650_987, "2018-12-17T22:10:50Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] {
            let at = IsoSeconds::of(Timestamp::from_millis(millis));
            assert_eq!(serde_json::to_value(at).unwrap(), text);
            assert_eq!(serde_json::from_value::<IsoSeconds>(text.into()).unwrap(), at, "{text}");
        }
    }

    #[test]
    fn nothing_else_is_read() {
        for text in [
            "",
            "1970",
            "2001-02-29T00:00:00Z",
            "2001-13-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2001-01-01T00:00:00.5Z",
        ] {
            assert!(serde_json::from_value::<IsoSeconds>(text.into()).is_err(), "{text}");
        }
    }
}
