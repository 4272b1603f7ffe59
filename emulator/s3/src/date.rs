//! Dates as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT`.

use env::Timestamp;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY: u64 = 86_400;

/// The second that `at` lies in.
pub(crate) fn print(at: Timestamp) -> String {
    let (year, month, day, hour, minute, second, _) = at.civil();
    // The epoch was a Thursday. Both indexes are within bounds by their remainders.
    let weekday = DAYS[usize::try_from(at.as_secs() / DAY % 7).unwrap_or_default()];
    let month = MONTHS[usize::try_from((month + 11) % 12).unwrap_or_default()];
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// The moment that `text` names; `None` if it is no date of this form.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let mut words = text.trim().split_once(", ")?.1.split(' ');
    let day: u64 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? as u64 + 1;
    let year: u64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(str::parse::<u64>);
    let mut next = || clock.next()?.ok();
    Timestamp::of_civil(year, month, day, next()?, next()?, next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (secs, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        ] {
            assert_eq!(print(Timestamp::from_secs(secs)), text);
            assert_eq!(parse(text), Some(Timestamp::from_secs(secs)));
        }
    }

    #[test]
    fn nothing_else_is_read() {
        for text in [
            "",
            "yesterday",
            "Thu, 01 Jan",
            "Thu, 01 Foo 1970 00:00:00 GMT",
            "Thu, 01 Jan 1969 00:00:00 GMT",
            "x, 1 Jan 1970 0:0",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
