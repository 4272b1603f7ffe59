//! Reading a body straight into what an action needs, for the few actions that are called thousands of times a second: no
//! document, no allocation, each byte looked at once.
//!
//! It reads what clients really send: objects, arrays, and strings that lie in the body as they are: without escapes in
//! JSON, in one piece in CBOR. Whatever else there is, broken or merely unusual, is `None`, and the general way decides.
//! Invariant: what it reads, the general way reads as the same.

use memchr::memchr2;

use crate::cbor::{Head, head, is_break, take};
use crate::{Encoded, Format, base64_text};

/// A place in a document.
#[derive(Debug)]
pub struct Scanner<'a> {
    format: Format,
    rest: &'a [u8],
}

/// Bytes as a document writes them.
#[derive(Clone, Copy, Debug)]
pub enum Written<'a> {
    /// What stands between the quotes.
    Base64(&'a [u8]),
    /// The bytes themselves.
    Plain(&'a [u8]),
}

impl Written<'_> {
    /// Appends the bytes. `None`, and nothing of use appended, if they are written wrongly.
    pub fn decode_onto(self, bytes: &mut Vec<u8>) -> Option<()> {
        match self {
            Self::Base64(text) => base64_text::decode_onto(bytes, text),
            Self::Plain(plain) => {
                bytes.extend_from_slice(plain);
                Some(())
            }
        }
    }
}

/// Reads a document that is one object. `member` is called after each name and reads the value.
pub fn document<'a>(body: &'a Encoded, member: impl FnMut(&mut Scanner<'a>, &'a [u8]) -> Option<()>) -> Option<()> {
    let mut scanner = Scanner { format: body.format, rest: &body.bytes };
    scanner.object(member)?;
    if body.format == Format::Json {
        scanner.skip_space();
    }
    scanner.rest.is_empty().then_some(())
}

impl<'a> Scanner<'a> {
    /// Reads an object; see [`document`].
    pub fn object(&mut self, mut member: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        match self.format {
            Format::Json => self.sequence(b'{', b'}', |scanner| {
                let name = scanner.unescaped()?;
                scanner.mark(b':')?;
                member(scanner, name)
            }),
            Format::Cbor => match head(&mut self.rest)? {
                Head::Map(length) => self.elements(length, |scanner| {
                    let name = scanner.text()?;
                    member(scanner, name.as_bytes())
                }),
                _ => None,
            },
        }
    }

    /// Reads an array. `element` reads one value.
    pub fn array(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        match self.format {
            Format::Json => self.sequence(b'[', b']', element),
            Format::Cbor => match head(&mut self.rest)? {
                Head::Array(length) => self.elements(length, &mut element),
                _ => None,
            },
        }
    }

    /// Reads a string.
    pub fn text(&mut self) -> Option<&'a str> {
        match self.format {
            Format::Json => {
                let text = self.unescaped()?;
                let printable = text.iter().all(|byte| *byte >= b' ');
                if printable { str::from_utf8(text).ok() } else { None }
            }
            Format::Cbor => match head(&mut self.rest)? {
                Head::Text(length) => str::from_utf8(take(&mut self.rest, length?)?).ok(),
                _ => None,
            },
        }
    }

    /// Reads bytes.
    pub fn blob(&mut self) -> Option<Written<'a>> {
        match self.format {
            // What base64 takes is neither a control character nor beyond ASCII.
            Format::Json => self.unescaped().map(Written::Base64),
            Format::Cbor => match head(&mut self.rest)? {
                Head::Bytes(length) => take(&mut self.rest, length?).map(Written::Plain),
                _ => None,
            },
        }
    }

    /// Reads a string of JSON as the bytes between its quotes, which may be no UTF-8 and hold control characters.
    fn unescaped(&mut self) -> Option<&'a [u8]> {
        self.mark(b'"')?;
        let end = memchr2(b'"', b'\\', self.rest)?;
        let (text, rest) = self.rest.split_at(end);
        let (mark, rest) = rest.split_first()?;
        self.rest = rest;
        (*mark == b'"').then_some(text)
    }

    fn elements(&mut self, length: Option<u64>, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        match length {
            Some(length) => (0..length).try_for_each(|_| element(self)),
            None => {
                while !is_break(&mut self.rest) {
                    element(self)?;
                }
                Some(())
            }
        }
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
        let body = Encoded::json(json.to_vec());
        let mut members = serde_json::Map::new();
        document(&body, |scanner, name| {
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

    fn read_cbor(bytes: &[u8]) -> Option<(String, Vec<u8>, usize)> {
        let body = Encoded::cbor(bytes.to_vec());
        let (mut text, mut data, mut elements) = (String::new(), Vec::new(), 0);
        document(&body, |scanner, name| match name {
            b"t" => scanner.text().map(|read| text.push_str(read)),
            b"d" => scanner.blob()?.decode_onto(&mut data),
            b"l" => scanner.array(|scanner| {
                elements += 1;
                scanner.object(|scanner, _| scanner.text().map(drop))
            }),
            _ => None,
        })?;
        Some((text, data, elements))
    }

    #[test]
    fn reads_cbor_as_clients_send_it() {
        let expected = Some(("hi".to_owned(), b"\0\xff".to_vec(), 2));
        assert_eq!(read_cbor(b"\xa3\x61t\x62hi\x61d\x42\0\xff\x61l\x82\xa0\xa1\x61a\x61b"), expected);
        assert_eq!(read_cbor(b"\xbf\x61t\x62hi\x61d\x42\0\xff\x61l\x9f\xbf\xff\xbf\x61a\x61b\xff\xff\xff"), expected);
    }

    #[test]
    fn leaves_the_rest_of_cbor_to_others() {
        for odd in [
            &b""[..],
            b"{}",
            b"\xa0\xa0",
            b"\xbf",
            b"\xa1\x61t\x7f\x61h\xff",
            b"\xa1\x61t\xf6",
            b"\xa1\x61t\x61\xff",
            b"\xa1\x61d\x61h",
            b"\xa1\x61d\x5f\x41h\xff",
            b"\xa1\x61d\xc1\x41h",
            b"\xa1\x61d\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xa1\x61l\x9b\xff\xff\xff\xff\xff\xff\xff\xff\xa0",
            b"\xa1\x41t\x61h",
        ] {
            assert_eq!(read_cbor(odd), None, "{odd:02x?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_at_cbor(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = read_cbor(&[&b"\xbf\x61t"[..], &bytes].concat());
            let _ = read_cbor(&[&b"\xbf\x61l\x9f\xbf"[..], &bytes].concat());
        }

        #[test]
        fn never_reads_what_a_parser_does_not(json in r#"[\{\}\[\]",:la\\ \x01é1]{0,24}"#) {
            if let Some(read) = read(json.as_bytes()) {
                prop_assert_eq!(serde_json::from_str::<Value>(&json).ok(), Some(read));
            }
        }
    }
}
