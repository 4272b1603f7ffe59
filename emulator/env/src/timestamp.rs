//! A point in time: whole milliseconds since the Unix epoch, the resolution in which AWS reports arrivals.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z; stored as that number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The epoch itself: before everything that can be stored.
    pub const EPOCH: Self = Self(0);
    /// After everything that can be stored.
    pub const MAX: Self = Self(u64::MAX);

    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the epoch.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// Seconds since the epoch with a fraction, the form of timestamps in AWS's JSON.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds stay exact in a double until the year 287396")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// How long ago `earlier` was, zero if it is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The same moment as civil time in UTC: year, month, day, hour, minute, second, millisecond.
    pub const fn civil(self) -> (u64, u64, u64, u64, u64, u64, u64) {
        let (secs, millis) = (self.0 / 1000, self.0 % 1000);
        let (days, rest) = (secs / 86_400, secs % 86_400);
        // Days are counted from 0000-03-01, so that a leap day is the last day of its year.
        let shifted = days + 719_468;
        let era = shifted / 146_097;
        let day_of_era = shifted % 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month, day, rest / 3600, rest / 60 % 60, rest % 60, millis)
    }

    /// The second that has this civil time in UTC, a leap second being the first of the next minute; `None` if no calendar
    /// has it, or it lies before the epoch or after the year 9999.
    pub fn of_civil(year: u64, month: u64, day: u64, hour: u64, minute: u64, second: u64) -> Option<Self> {
        let is_day = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        if !is_day || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        // Years begin in March, so that a leap day ends one.
        let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let days = years * 365 + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day;
        let midnight = Self::from_secs(days.checked_sub(719_469)? * 86_400);
        // There is no 31st of February.
        let is_day = (midnight.civil().1, midnight.civil().2) == (month, day);
        is_day.then(|| midnight + Duration::from_secs(hour * 3600 + minute * 60 + second))
    }
}

/// ISO 8601 in UTC with milliseconds: `2026-11-23T16:47:00.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, hour, minute, second, millis) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_time_there_and_back() {
        for secs in [0, 951_782_399, 951_782_400, 1_545_084_650, 4_107_542_400, 253_402_300_799] {
            let at = Timestamp::from_secs(secs);
            let (year, month, day, hour, minute, second, _) = at.civil();
            assert_eq!(Timestamp::of_civil(year, month, day, hour, minute, second), Some(at));
        }
        let leap = Timestamp::of_civil(2016, 12, 31, 23, 59, 60);
        assert_eq!(leap, Timestamp::of_civil(2017, 1, 1, 0, 0, 0));
        for (year, month, day, hour) in
            [(1969, 12, 31, 0), (2001, 2, 29, 0), (2001, 13, 1, 0), (2001, 0, 1, 0), (2001, 1, 0, 0), (2001, 1, 1, 24)]
        {
            assert_eq!(Timestamp::of_civil(year, month, day, hour, 0, 0), None);
        }
    }

    #[test]
    fn prints_iso_8601() {
        let check = |millis: u64, text: &str| assert_eq!(Timestamp::from_millis(millis).to_string(), text);
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_399_999, "2000-02-28T23:59:59.999Z");
        check(951_782_400_000, "2000-02-29T00:00:00.000Z");
        check(4_107_542_400_000, "2100-03-01T00:00:00.000Z");
        check(1_545_084_650_987, "2018-12-17T22:10:50.987Z");
    }

    #[test]
    fn saturates_instead_of_wrapping() {
        assert_eq!(Timestamp::EPOCH - Duration::from_secs(1), Timestamp::EPOCH);
        assert_eq!(Timestamp::MAX + Duration::from_secs(1), Timestamp::MAX);
        assert_eq!(Timestamp::from_secs(1).since(Timestamp::from_secs(2)), Duration::ZERO);
    }
}
