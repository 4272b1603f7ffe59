//! Reading a JSON body straight into what an action needs, for the few actions that are called thousands of times a
//! second: no document, no allocation, each byte looked at once.
//!
//! It reads what clients really send: objects, arrays and strings without escapes. Whatever else there is, broken or
//! merely unusual, is `None`, and the general way decides. Invariant: what it reads, `serde_json` reads as the same.

use memchr::memchr2;

/// A place in a JSON text.
#[derive(Debug)]
pub struct Scanner<'a> {
    rest: &'a [u8],
}

/// Reads a text that is one object. `member` is called after each name and reads the value.
pub fn document<'a>(json: &'a [u8], member: impl FnMut(&mut Scanner<'a>, &'a [u8]) -> Option<()>) -> Option<()> {
    let mut scanner = Scanner { rest: json };
    scanner.object(member)?;
    scanner.skip_space();
    scanner.rest.is_empty().then_some(())
}

impl<'a> Scanner<'a> {
    /// Reads an object; see [`document`].
    pub fn object(&mut self, mut member: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        self.sequence(b'{', b'}', |scanner| {
            let name = scanner.unescaped()?;
            scanner.mark(b':')?;
            member(scanner, name)
        })
    }

    /// Reads an array. `element` reads one value.
    pub fn array(&mut self, element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.sequence(b'[', b']', element)
    }

    /// Reads a string.
    pub fn text(&mut self) -> Option<&'a str> {
        let text = self.unescaped()?;
        let printable = text.iter().all(|byte| *byte >= b' ');
        if printable { str::from_utf8(text).ok() } else { None }
    }

    /// Reads a string as the bytes between its quotes, which may be no UTF-8 and hold control characters: for callers
    /// that take neither.
    pub fn unescaped(&mut self) -> Option<&'a [u8]> {
        self.mark(b'"')?;
        let end = memchr2(b'"', b'\\', self.rest)?;
        let (text, rest) = self.rest.split_at(end);
        let (mark, rest) = rest.split_first()?;
        self.rest = rest;
        (*mark == b'"').then_some(text)
    }

    fn sequence(&mut self, open: u8, close: u8, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.mark(open)?;
        if self.mark(close).is_some() {
            return Some(());
        }
        loop {
            element(self)?;
            if self.mark(b',').is_none() {
                return self.mark(close);
            }
        }
    }

    /// Takes `mark` if it comes next.
    fn mark(&mut self, mark: u8) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(&[mark])?;
        Some(())
    }

    fn skip_space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// The members of an object of strings and arrays of strings.
    fn read(json: &[u8]) -> Option<Value> {
        let mut members = serde_json::Map::new();
        document(json, |scanner, name| {
            let name = str::from_utf8(name).ok()?.to_owned();
            if name.bytes().any(|byte| byte < b' ') || members.contains_key(&name) {
                return None;
            }
            let value = if name.starts_with('l') {
                let mut list = Vec::new();
                scanner.array(|scanner| {
                    list.push(Value::from(scanner.text()?));
                    Some(())
                })?;
                Value::from(list)
            } else {
                Value::from(scanner.text()?)
            };
            members.insert(name, value);
            Some(())
        })?;
        Some(Value::Object(members))
    }

    #[test]
    fn reads_what_clients_send() {
        let check = |json: &str| {
            assert_eq!(read(json.as_bytes()), Some(serde_json::from_str(json).unwrap()), "{json}");
        };
        check("{}");
        check(r#"{"a":"b","list":["x","é"],"lone":[]}"#);
        check(" {\n \"a\" :\t\"b\" , \"list\" : [ \"x\" , \"y\" ] }\r\n");
    }

    #[test]
    fn leaves_the_rest_to_others() {
        let odd = [r#"{"a":"\n"}"#, r#"{"a":null}"#, r#"{"a":1}"#, r#"{"a":{}}"#, r#"["a"]"#];
        let broken =
            ["", "{", "{}}", r#"{"a"}"#, r#"{"a":"b",}"#, r#"{"list":["x" "y"]}"#, "{\"a\":\"\u{1}\"}", "{} x"];
        for json in odd.iter().chain(&broken) {
            assert_eq!(read(json.as_bytes()), None, "{json}");
        }
        assert_eq!(read(b"{\"a\":\"\xff\"}"), None);
    }

    proptest! {
        #[test]
        fn never_reads_what_a_parser_does_not(json in r#"[\{\}\[\]",:la\\ \x01é1]{0,24}"#) {
            if let Some(read) = read(json.as_bytes()) {
                prop_assert_eq!(serde_json::from_str::<Value>(&json).ok(), Some(read));
            }
        }
    }
}
