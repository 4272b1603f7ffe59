//! Filter patterns of terms: `ERROR`, `"two words"`, `-without`, `?either ?or`. Those that look into JSON or into columns, and
//! those with regular expressions, are refused.

use crate::error::{Error, Result};

/// What a message must and must not have in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Pattern {
    all: Vec<String>,
    none: Vec<String>,
    any: Vec<String>,
}

impl Pattern {
    /// Reads a pattern. An empty one fits everything.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut rest = text.trim();
        if rest.starts_with(['{', '[']) {
            return Err(Error::Unsupported("filter patterns for JSON and for columns"));
        }
        let mut pattern = Self::default();
        while !rest.is_empty() {
            let (list, after) = match rest.chars().next() {
                Some('-') => (&mut pattern.none, &rest[1..]),
                Some('?') => (&mut pattern.any, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (term, after) = term(after)?;
            list.push(term);
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    /// Whether a message fits.
    pub(crate) fn fits(&self, message: &str) -> bool {
        let has = |term: &String| message.contains(term.as_str());
        // Beside terms that must be there, those that may be there decide nothing.
        let any = self.any.is_empty() || !self.all.is_empty() || self.any.iter().any(has);
        any && self.all.iter().all(has) && !self.none.iter().any(has)
    }
}

/// The term at the beginning of `text`, and what is behind it.
fn term(text: &str) -> Result<(String, &str)> {
    const INVALID: Error = Error::Invalid("Invalid filter pattern");
    let Some(mut rest) = text.strip_prefix('"') else {
        if text.starts_with('%') {
            return Err(Error::Unsupported("regular expressions in filter patterns"));
        }
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (term, rest) = text.split_at(end);
        return if term.is_empty() { Err(INVALID) } else { Ok((term.to_owned(), rest)) };
    };
    let mut term = String::new();
    loop {
        let at = rest.find(['"', '\\']).ok_or(INVALID)?;
        term.push_str(&rest[..at]);
        if let Some(after) = rest[at..].strip_prefix('"') {
            return Ok((term, after));
        }
        let escaped = rest[at + 1..].chars().next().ok_or(INVALID)?;
        term.push(escaped);
        rest = &rest[at + 1 + escaped.len_utf8()..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, fits: &[&str], not: &[&str]) {
        let pattern = Pattern::parse(pattern).unwrap();
        assert!(fits.iter().all(|message| pattern.fits(message)), "{pattern:?}");
        assert!(!not.iter().any(|message| pattern.fits(message)), "{pattern:?}");
    }

    #[test]
    fn terms() {
        check("", &["", "anything"], &[]);
        check("ERROR", &["[ERROR] x", "ERRORS"], &["error", ""]);
        check("one two", &["two one"], &["one", "two"]);
        check("\"one two\"", &["a one two b"], &["two one"]);
        check("ERROR -Exit", &["ERROR 1"], &["ERROR Exit"]);
        check("?WARN ?ERROR", &["WARN", "ERROR"], &["INFO"]);
        check("a ?b", &["a", "ab"], &["b"]);
        check(r#""say \"x\"""#, &["say \"x\""], &["say x"]);
        check("grün -\"ü ü\"", &["grün"], &["grün ü ü"]);
    }

    #[test]
    fn what_is_refused() {
        for pattern in ["{ $.a = 1 }", "[a, b]", "%x%", "\"open", "-", "? a", "\"a\\"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
