//! Documents in: a tree of names and texts, or that it is no such document. How deep and how large it gets is bounded.

use crate::error::{Error, Result};

/// Deeper than any document of S3's.
const DEEPEST: usize = 32;
/// More than the 10,000 parts of an upload with all that can be said about them.
const MOST: usize = 200_000;

/// An element: its name without a prefix, its text, what is in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of that name.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// All children of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// The root of the document, which is called `root`.
pub(crate) fn parse(document: &[u8], root: &str) -> Result<Element> {
    let text = std::str::from_utf8(document).ok();
    let found = text.and_then(|text| Reader { rest: text.trim_start_matches('\u{feff}'), elements: 0 }.document());
    found.filter(|element| element.name == root).ok_or(Error::XmlMalformed)
}

struct Reader<'a> {
    rest: &'a str,
    elements: usize,
}

enum Tag<'a> {
    Open(&'a str),
    Empty(&'a str),
    Close(&'a str),
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Option<Element> {
        let mut open: Vec<Element> = Vec::new();
        loop {
            let text = self.until('<')?;
            match open.last_mut() {
                Some(element) => unescape(text, &mut element.text)?,
                None if text.trim().is_empty() => {}
                None => return None,
            }
            if self.skip("?", "?>")? || self.skip("!--", "-->")? {
                continue;
            }
            if let Some(rest) = self.rest.strip_prefix("![CDATA[") {
                let (text, rest) = rest.split_once("]]>")?;
                open.last_mut()?.text.push_str(text);
                self.rest = rest;
                continue;
            }
            let done = match self.tag()? {
                Tag::Open(name) => {
                    open.push(self.element(name)?);
                    if open.len() > DEEPEST {
                        return None;
                    }
                    continue;
                }
                Tag::Empty(name) => self.element(name)?,
                Tag::Close(name) => open.pop().filter(|element| element.name == name)?,
            };
            match open.last_mut() {
                Some(parent) => parent.children.push(done),
                None => return self.rest.trim().is_empty().then_some(done),
            }
        }
    }

    fn element(&mut self, name: &str) -> Option<Element> {
        self.elements += 1;
        (self.elements <= MOST).then(|| Element { name: name.to_owned(), ..Element::default() })
    }

    /// What comes before `end`, which is taken too.
    fn until(&mut self, end: char) -> Option<&'a str> {
        let (before, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(before)
    }

    /// Passes over what begins and ends so; false if nothing does, `None` if it does not end.
    fn skip(&mut self, begin: &str, end: &str) -> Option<bool> {
        let Some(rest) = self.rest.strip_prefix(begin) else { return Some(false) };
        self.rest = rest.split_once(end)?.1;
        Some(true)
    }

    fn tag(&mut self) -> Option<Tag<'a>> {
        // No document of S3's has a `>` in an attribute.
        let tag = self.until('>')?;
        let local = |name: &'a str| {
            let name = name.rsplit(':').next().unwrap_or(name);
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            (!name.is_empty() && name.bytes().all(plain)).then_some(name)
        };
        if let Some(name) = tag.strip_prefix('/') {
            return local(name.trim_end()).map(Tag::Close);
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let name = local(tag.split_whitespace().next()?)?;
        Some(if empty { Tag::Empty(name) } else { Tag::Open(name) })
    }
}

fn unescape(mut text: &str, into: &mut String) -> Option<()> {
    while let Some((before, rest)) = text.split_once('&') {
        into.push_str(before);
        let (name, rest) = rest.split_once(';')?;
        into.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let number = number.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)?
            }
        });
        text = rest;
    }
    into.push_str(text);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_texts_and_what_stands_around_them() {
        let document = "<?xml version=\"1.0\"?>\n<!-- x --><a:Delete xmlns:a=\"x\"><Quiet/>\n<Object><Key>a &amp;&#x41;&#66; <![CDATA[<b>]]></Key></Object></a:Delete>\n";
        let root = parse(document.as_bytes(), "Delete").unwrap();
        assert_eq!(root.value("Quiet"), Some(""));
        assert_eq!(root.child("Object").and_then(|object| object.value("Key")), Some("a &AB <b>"));
        assert_eq!(root.value("None"), None);
    }

    #[test]
    fn what_is_no_document() {
        let deep = "<a>".repeat(100) + &"</a>".repeat(100);
        for document in [
            "",
            "a",
            "<a>",
            "<a></b>",
            "<a/><a/>",
            "<a>&x;</a>",
            "<a>&#xd800;</a>",
            "<!DOCTYPE a><a/>",
            "<a b",
            "<>",
            "</a>",
            &deep,
        ] {
            assert_eq!(parse(document.as_bytes(), "a"), Err(Error::XmlMalformed), "{document}");
        }
        assert_eq!(parse(b"<a/>", "b"), Err(Error::XmlMalformed));
        assert_eq!(parse(b"<a>\xff</a>", "a"), Err(Error::XmlMalformed));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(document in "(<|>|/|a|&|;|#|x41|!--|-->|\\?| ){0,24}") {
            let _ = parse(document.as_bytes(), "a");
        }
    }
}
