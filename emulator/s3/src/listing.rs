//! Lists of keys: prefixes, delimiters, pages, and how keys are spelled in them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::{Error, Result};
use crate::request::Request;

/// The most entries of a page, whatever is asked for.
const MOST: usize = 1000;
/// What S3 leaves as it is when it is asked to encode keys.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

/// What a list is to hold.
pub(crate) struct Query<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: Option<&'a str>,
    pub(crate) limit: usize,
    /// As it was asked for.
    pub(crate) asked: usize,
    encode: bool,
}

/// A page of a list.
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<T>,
    /// What keys were rolled up to.
    pub(crate) prefixes: Vec<String>,
    /// The last name shown, if there is more: a key or a rolled up prefix.
    pub(crate) next: Option<String>,
}

impl<'a> Query<'a> {
    /// What `request` asks for; `most` names the parameter that says how many.
    pub(crate) fn of(request: &'a Request, most: &'static str) -> Result<Self> {
        let asked = match request.query(most).filter(|text| !text.is_empty()) {
            None => MOST,
            Some(text) => text.parse().map_err(|_| {
                let message = format!("Provided {most} not an integer or within integer range");
                Error::argument(most, text, message)
            })?,
        };
        if i32::try_from(asked).is_err() {
            let message = format!("Argument {most} must be an integer between 0 and 2147483647");
            return Err(Error::argument(most, &asked.to_string(), message));
        }
        let encode = match request.query("encoding-type") {
            None => false,
            Some("url") => true,
            Some(other) => {
                return Err(Error::argument("encoding-type", other, "Invalid Encoding Method specified in Request"));
            }
        };
        Ok(Self {
            prefix: request.query("prefix").unwrap_or_default(),
            delimiter: request.query("delimiter").filter(|delimiter| !delimiter.is_empty()),
            limit: asked.min(MOST),
            asked,
            encode,
        })
    }

    /// `url` if names are to be encoded.
    pub(crate) fn encoding(&self) -> Option<&'static str> {
        self.encode.then_some("url")
    }

    /// A name as the list spells it.
    pub(crate) fn spell(&self, name: &str) -> String {
        if self.encode { utf8_percent_encode(name, ENCODED).to_string().replace("%20", "+") } else { name.to_owned() }
    }

    /// What key `key` is rolled up to, if it is.
    fn rolled_up<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter?;
        let at = key.get(self.prefix.len()..)?.find(delimiter)?;
        key.get(..self.prefix.len() + at + delimiter.len())
    }

    /// The page of `entries`, which are in the order of their keys. Prefixes up to `after` were shown before.
    pub(crate) fn page<'k, T>(&self, entries: impl IntoIterator<Item = (&'k str, T)>, after: &str) -> Page<T> {
        let mut page = Page { entries: Vec::new(), prefixes: Vec::new(), next: None };
        let mut last: Option<&str> = None;
        for (key, entry) in entries {
            if !key.starts_with(self.prefix) {
                if key > self.prefix {
                    break;
                }
                continue;
            }
            let prefix = self.rolled_up(key);
            if prefix.is_some_and(|prefix| prefix <= after || page.prefixes.last().is_some_and(|last| last == prefix)) {
                continue;
            }
            if page.entries.len() + page.prefixes.len() == self.limit {
                page.next = last.map(str::to_owned);
                break;
            }
            last = prefix.or(Some(key));
            match prefix {
                Some(prefix) => page.prefixes.push(prefix.to_owned()),
                None => page.entries.push(entry),
            }
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 8] = ["a", "b/1", "b/2", "b/c/3", "c", "d e/f", "d/1", "é"];

    fn query<'a>(prefix: &'a str, delimiter: Option<&'a str>, limit: usize) -> Query<'a> {
        Query { prefix, delimiter, limit, asked: limit, encode: false }
    }

    fn list(query: &Query<'_>, after: &str) -> (Vec<&'static str>, Vec<String>, Option<String>) {
        let page = query.page(KEYS.into_iter().filter(|key| *key > after).map(|key| (key, key)), after);
        (page.entries, page.prefixes, page.next)
    }

    #[test]
    fn prefixes_and_delimiters() {
        assert_eq!(list(&query("", None, 9), ""), (KEYS.to_vec(), vec![], None));
        assert_eq!(list(&query("b/", None, 9), ""), (vec!["b/1", "b/2", "b/c/3"], vec![], None));
        let rolled = vec!["b/".to_owned(), "d e/".into(), "d/".into()];
        assert_eq!(list(&query("", Some("/"), 9), ""), (vec!["a", "c", "é"], rolled, None));
        assert_eq!(list(&query("b/", Some("/"), 9), ""), (vec!["b/1", "b/2"], vec!["b/c/".into()], None));
        assert_eq!(list(&query("x", None, 9), ""), (vec![], vec![], None));
        assert_eq!(list(&query("", None, 0), ""), (vec![], vec![], None));
    }

    #[test]
    fn pages_join_without_gaps() {
        for limit in 1..6 {
            let (mut names, mut after) = (Vec::new(), String::new());
            loop {
                let (entries, prefixes, next) = list(&query("", Some("/"), limit), &after);
                names.extend(entries.into_iter().map(str::to_owned).chain(prefixes));
                match next {
                    Some(next) => after = next,
                    None => break,
                }
            }
            names.sort();
            assert_eq!(names, ["a", "b/", "c", "d e/", "d/", "é"], "{limit}");
        }
    }

    #[test]
    fn keys_are_encoded_when_asked() {
        let query = Query { encode: true, ..query("", None, 1) };
        assert_eq!(query.spell("a b/c+d&é~"), "a+b/c%2Bd%26%C3%A9%7E");
    }
}
