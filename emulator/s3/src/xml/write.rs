//! Documents out: every text escaped, every element closed.

use std::fmt::{Display, Write as _};

use super::Element;

/// The namespace of S3's documents.
pub(crate) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// A document under construction.
pub(crate) struct Xml(String);

impl Xml {
    /// A document of S3's.
    pub(crate) fn document(root: &str, fill: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self(format!("{HEAD}<{root} xmlns=\"{NAMESPACE}\">"));
        fill(&mut xml);
        let _ = write!(xml.0, "</{root}>");
        xml.0
    }

    /// A document without a namespace, as errors are.
    pub(crate) fn plain(root: &str, fill: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self(HEAD.to_owned());
        xml.element(root, fill);
        xml.0
    }

    /// What a client sent, in our spelling.
    pub(crate) fn again(root: &Element) -> String {
        Self::document(&root.name, |xml| xml.fill(root))
    }

    fn fill(&mut self, element: &Element) {
        if element.children.is_empty() {
            self.escaped(&element.text);
        }
        for child in &element.children {
            if child.name == "Grantee" {
                let group = child.child("URI").map(|_| "Group");
                let email = child.child("EmailAddress").map(|_| "AmazonCustomerByEmail");
                self.grantee(group.or(email).unwrap_or("CanonicalUser"), |xml| xml.fill(child));
            } else {
                self.element(&child.name, |xml| xml.fill(child));
            }
        }
    }

    /// Somebody who is granted something: the one element that clients know by an attribute.
    pub(crate) fn grantee(&mut self, kind: &str, fill: impl FnOnce(&mut Self)) {
        let namespace = "http://www.w3.org/2001/XMLSchema-instance";
        let _ = write!(self.0, "<Grantee xmlns:xsi=\"{namespace}\" xsi:type=\"{kind}\">");
        fill(self);
        self.0.push_str("</Grantee>");
    }

    /// An element with elements in it.
    pub(crate) fn element(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        let _ = write!(self.0, "<{name}>");
        fill(self);
        let _ = write!(self.0, "</{name}>");
    }

    /// An element with text in it.
    pub(crate) fn text(&mut self, name: &str, value: impl Display) {
        self.element(name, |xml| xml.escaped(&value.to_string()));
    }

    /// Likewise, if there is any.
    pub(crate) fn maybe(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// An owner.
    pub(crate) fn owner(&mut self, name: &str, account: &str) {
        self.element(name, |xml| xml.text("ID", crate::bucket::canonical_user(account)));
    }

    fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                // A reader that follows the rules would make a space or a line feed of them.
                control if control.is_control() && control != '\n' && control != '\t' => {
                    let _ = write!(self.0, "&#x{:x};", u32::from(control));
                }
                other => self.0.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let xml = Xml::plain("Error", |xml| {
            xml.text("Key", "<&>\"\r\u{1}ü");
            xml.maybe("None", None::<&str>);
        });
        assert_eq!(xml, format!("{HEAD}<Error><Key>&lt;&amp;&gt;&quot;&#xd;&#x1;ü</Key></Error>"));
    }
}
