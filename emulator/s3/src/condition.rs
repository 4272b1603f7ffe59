//! Requests that hold only under a condition: `If-Match` and its kin, for reading, copying and writing.

use env::Timestamp;

use crate::date;
use crate::error::{Error, Result};

/// What is there: its ETag, with its quotes, and when it was written.
pub(crate) struct Standing<'a> {
    pub(crate) etag: &'a str,
    pub(crate) modified: Timestamp,
}

/// The conditions of a read, by `header`. With `copying`, what a reader hears as 304 is a failure too.
pub(crate) fn check_read<'a>(
    standing: &Standing<'_>,
    header: impl Fn(&str) -> Option<&'a str>,
    copying: bool,
) -> Result<()> {
    let named = |name: &'static str| header(name);
    let date = |name: &'static str| named(name).and_then(date::parse);
    match named("if-match") {
        Some(wanted) if !matches(wanted, standing.etag) => {
            return Err(Error::ConditionFailed { condition: "If-Match" });
        }
        // An ETag that matches is worth more than a date that does not.
        Some(_) => {}
        None => {
            if date("if-unmodified-since").is_some_and(|since| standing.modified > since) {
                return Err(Error::ConditionFailed { condition: "If-Unmodified-Since" });
            }
        }
    }
    let (failed, condition) = match named("if-none-match") {
        Some(unwanted) => (matches(unwanted, standing.etag), "If-None-Match"),
        None => (date("if-modified-since").is_some_and(|since| standing.modified <= since), "If-Modified-Since"),
    };
    match (failed, copying) {
        (false, _) => Ok(()),
        (true, true) => Err(Error::ConditionFailed { condition }),
        (true, false) => Err(Error::NotModified { etag: standing.etag.to_owned() }),
    }
}

/// The conditions of a write to a key where `standing` is now.
pub(crate) fn check_write<'a>(
    key: &str,
    standing: Option<&str>,
    header: impl Fn(&str) -> Option<&'a str>,
) -> Result<()> {
    if let Some(unwanted) = header("if-none-match") {
        if unwanted.trim() != "*" {
            return Err(Error::NotImplemented("If-None-Match with an ETag on a write".into()));
        }
        if standing.is_some() {
            return Err(Error::ConditionFailed { condition: "If-None-Match" });
        }
    }
    let Some(wanted) = header("if-match") else { return Ok(()) };
    match standing {
        None => Err(Error::KeyNotFound { key: key.to_owned(), delete_marker: false }),
        Some(etag) if !matches(wanted, etag) => Err(Error::ConditionFailed { condition: "If-Match" }),
        Some(_) => Ok(()),
    }
}

fn matches(list: &str, etag: &str) -> bool {
    let plain = |text: &str| text.trim().trim_start_matches("W/").trim_matches('"').to_owned();
    list.split(',').any(|one| one.trim() == "*" || plain(one) == plain(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "Thu, 01 Jan 1970 00:00:09 GMT";
    const AT: &str = "Thu, 01 Jan 1970 00:00:10 GMT";

    fn read(pairs: &'static [(&'static str, &'static str)]) -> Result<()> {
        let standing = Standing { etag: "\"a\"", modified: Timestamp::from_secs(10) };
        check_read(&standing, |name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1), false)
    }

    #[test]
    fn reads() {
        let failed = |condition| Err(Error::ConditionFailed { condition });
        let unchanged = || Err(Error::NotModified { etag: "\"a\"".into() });
        assert_eq!(read(&[("if-match", "\"a\"")]), Ok(()));
        assert_eq!(read(&[("if-match", "b, a")]), Ok(()));
        assert_eq!(read(&[("if-match", "\"b\"")]), failed("If-Match"));
        assert_eq!(read(&[("if-none-match", "*")]), unchanged());
        assert_eq!(read(&[("if-none-match", "\"b\"")]), Ok(()));
        assert_eq!(read(&[("if-modified-since", BEFORE)]), Ok(()));
        assert_eq!(read(&[("if-modified-since", AT)]), unchanged());
        assert_eq!(read(&[("if-unmodified-since", BEFORE)]), failed("If-Unmodified-Since"));
        assert_eq!(read(&[("if-unmodified-since", AT)]), Ok(()));
        assert_eq!(read(&[("if-unmodified-since", BEFORE), ("if-match", "a")]), Ok(()));
        assert_eq!(read(&[("if-none-match", "b"), ("if-modified-since", AT)]), Ok(()));
        assert_eq!(read(&[("if-modified-since", "nonsense")]), Ok(()));
    }

    #[test]
    fn writes() {
        let write = |standing, name: &'static str, value: &'static str| {
            check_write("k", standing, move |header| (header == name).then_some(value))
        };
        assert_eq!(write(None, "if-none-match", "*"), Ok(()));
        assert_eq!(
            write(Some("\"a\""), "if-none-match", "*"),
            Err(Error::ConditionFailed { condition: "If-None-Match" })
        );
        assert!(matches!(write(None, "if-none-match", "a"), Err(Error::NotImplemented(_))));
        assert_eq!(write(Some("\"a\""), "if-match", "\"a\""), Ok(()));
        assert_eq!(write(Some("\"a\""), "if-match", "\"b\""), Err(Error::ConditionFailed { condition: "If-Match" }));
        assert_eq!(write(None, "if-match", "a"), Err(Error::KeyNotFound { key: "k".into(), delete_marker: false }));
    }
}
