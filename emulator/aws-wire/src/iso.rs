//! Times in ISO 8601: as a member, the way the query protocol writes them, in UTC and whole seconds; and as people write them.

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

    fn parse(text: &str) -> Option<Self> {
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let found = Self(Timestamp::of_civil(year, month, day, hour, minute, second)?);
        // Printing it again rejects every other spelling.
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

/// The moment that `2030-01-31T00:00:00Z` and its kin name, with a fraction or an offset; `None` if it is none of them.
pub fn parse_iso(text: &str) -> Option<Timestamp> {
    let (day, rest) = text.split_once('T')?;
    let (clock, offset) = match rest.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let (clock, offset) = rest.split_at_checked(rest.rfind(['+', '-'])?)?;
            (clock, offset_of(offset)?)
        }
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [year, month, day] = numbers(day, '-')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    let at = Timestamp::of_civil(year, month, day, hour, minute, second)?;
    if !(1..=9).contains(&fraction.len()) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let secs = i64::try_from(at.as_secs()).ok()?.checked_sub(offset)?;
    Some(Timestamp::from_millis(u64::try_from(secs).ok()? * 1000 + millis))
}

/// The seconds of `+01:00`.
fn offset_of(text: &str) -> Option<i64> {
    let [hours, minutes] = numbers(text.get(1..)?, ':')?;
    let secs = i64::try_from(hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?).ok()?;
    (hours <= 18 && minutes < 60).then_some(if text.starts_with('-') { -secs } else { secs })
}

/// So many numbers of digits alone.
fn numbers<const N: usize>(text: &str, between: char) -> Option<[u64; N]> {
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
    let numbers: Option<Vec<u64>> = text.split(between).map(number).collect();
    numbers?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_has_many_texts() {
        let moment = Timestamp::from_secs(784_111_777);
        for text in [
            "1994-11-06T08:49:37Z",
            "1994-11-06T08:49:37.000Z",
            "1994-11-06T09:49:37+01:00",
            "1994-11-06T00:19:37.0-08:30",
        ] {
            assert_eq!(parse_iso(text), Some(moment), "{text}");
        }
        let precise = Timestamp::from_millis(784_111_777_120);
        assert_eq!(parse_iso("1994-11-06T08:49:37.12Z"), Some(precise));
        assert_eq!(parse_iso("1994-11-06T08:49:37.1209999Z"), Some(precise));
        assert_eq!(parse_iso(&precise.to_string()), Some(precise));
        for text in [
            "",
            "1994-11-06",
            "1994-11-06T08:49:37",
            "1994-11-31T00:00:00Z",
            "1994-13-01T00:00:00Z",
            "1994-11-06T24:00:00Z",
            "1994-11-06T08:49Z",
            "1994-11-06T08:49:37.x1Z",
            "1994-11-06T08:49:37.Z",
            " 1994-11-06T08:49:37Z",
            "+994-11-06T08:49:37Z",
            "1994-11-06T08:49:37+x",
            "1994-11-06T08:49:37+99:00",
            "é-T+",
        ] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
    }

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
