//! Dates as HTTP writes them, `Sun, 06 Nov 1994 08:49:37 GMT`, and as ISO 8601 does.

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
    of_civil(year, month, day, next()?, next()?, next()?)
}

/// The moment that `2030-01-31T00:00:00Z` and its kin name, with a fraction or an offset; `None` if it is none of them.
pub(crate) fn parse_iso(text: &str) -> Option<Timestamp> {
    let (day, rest) = text.trim().split_once('T')?;
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
    let at = of_civil(year, month, day, hour, minute, second)?;
    // There is no 31st of February.
    if (at.civil().1, at.civil().2) != (month, day) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
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

fn of_civil(year: u64, month: u64, day: u64, hour: u64, minute: u64, second: u64) -> Option<Timestamp> {
    let is_day = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_day || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Years begin in March, so that a leap day ends one.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = years * 365 + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day;
    let days = days.checked_sub(719_469)?;
    Some(Timestamp::from_secs(days * DAY + hour * 3600 + minute * 60 + second))
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
            "+994-11-06T08:49:37Z",
            "1994-11-06T08:49:37+x",
            "1994-11-06T08:49:37+99:00",
            "é-T+",
        ] {
            assert_eq!(parse_iso(text), None, "{text}");
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
