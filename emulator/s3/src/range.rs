//! The `Range` header: one stretch of bytes. What S3 does not understand it ignores, and answers with everything.

use crate::error::{Error, Result};

/// A stretch of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Range {
    pub(crate) from: u64,
    pub(crate) length: u64,
}

/// The stretch of an object of `size` bytes that `text` means; `None` for all of it.
pub(crate) fn parse(text: &str, size: u64) -> Result<Option<Range>> {
    let Some((first, last)) = bounds(text) else { return Ok(None) };
    let refused = || Err(Error::RangeNotSatisfiable { range: text.to_owned(), size });
    let (from, to) = match (first, last) {
        (Some(first), last) => (first, last.map_or(size, |last| last.saturating_add(1).min(size))),
        (None, Some(suffix)) => (size.saturating_sub(suffix), size),
        (None, None) => return Ok(None),
    };
    if first.zip(last).is_some_and(|(first, last)| first > last) {
        return Ok(None);
    }
    if from >= to { refused() } else { Ok(Some(Range { from, length: to - from })) }
}

fn bounds(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    Some((number(first.trim())?, number(last.trim())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(u64, u64)>) {
        assert_eq!(parse(text, 10), Ok(expected.map(|(from, length)| Range { from, length })), "{text}");
    }

    #[test]
    fn ranges() {
        check("bytes=0-0", Some((0, 1)));
        check("bytes=3-", Some((3, 7)));
        check("bytes=3-99", Some((3, 7)));
        check("bytes=-4", Some((6, 4)));
        check("bytes=-99", Some((0, 10)));
        check(&format!("bytes=0-{}", u64::MAX), Some((0, 10)));
        for ignored in ["", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b"] {
            check(ignored, None);
        }
        for range in ["bytes=10-", "bytes=-0", "bytes=11-12"] {
            let refused = Error::RangeNotSatisfiable { range: range.into(), size: 10 };
            assert_eq!(parse(range, 10), Err(refused));
        }
        assert!(parse("bytes=-5", 0).is_err());
    }
}
