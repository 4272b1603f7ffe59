//! A request as the operations see it: what it is about, what it says, and its body out of its framing and held against the
//! digests that came with it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_wire::Call;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, header};
use md5::{Digest as _, Md5};
use percent_encoding::percent_decode_str;

use crate::address::Address;
use crate::bucket::hex;
use crate::checksum::{self, Algorithm, Checksum};
use crate::chunked;
use crate::error::{Error, Result};

const CONTENT_SHA256: &str = "x-amz-content-sha256";

/// A request.
pub(crate) struct Request {
    pub(crate) call: Call,
    pub(crate) method: http::Method,
    pub(crate) address: Address,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    query: Vec<(String, String)>,
    trailers: Vec<(String, String)>,
}

impl Request {
    /// Reads it.
    pub(crate) fn of(call: Call, request: http::Request<Bytes>) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let host = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let host = parts.uri.authority().map(http::uri::Authority::as_str).or(host).unwrap_or_default();
        let address = Address::of(host, parts.uri.path())?;
        let query = pairs(parts.uri.query().unwrap_or_default())?;
        let request =
            Self { call, method: parts.method, address, headers: parts.headers, body, query, trailers: Vec::new() };
        request.unframed()?.checked()
    }

    /// What it is about, where an operation is about a bucket.
    pub(crate) fn bucket(&self) -> &str {
        self.address.bucket.as_deref().unwrap_or_default()
    }

    /// What it is about, where an operation is about an object.
    pub(crate) fn key(&self) -> &str {
        self.address.key.as_deref().unwrap_or_default()
    }

    /// A parameter; empty if it is there without a value.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All parameters.
    pub(crate) fn queries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// The version that it names.
    pub(crate) fn version(&self) -> Option<&str> {
        self.query("versionId").filter(|version| !version.is_empty())
    }

    /// The MD5 of the body.
    pub(crate) fn md5(&self) -> [u8; 16] {
        Md5::digest(&self.body).into()
    }

    /// The checksum of the body, which is right if the client has named one.
    pub(crate) fn checksum(&self) -> Result<Checksum> {
        checksum::verified(&self.body, |name| {
            let trailer = self.trailers.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            self.header(name).map(str::to_owned).or(trailer)
        })
    }

    /// Whether it brings a checksum that the body is held against.
    pub(crate) fn has_checksum(&self) -> bool {
        let named = |name: &str| self.headers.contains_key(name) || self.trailers.iter().any(|(key, _)| key == name);
        Algorithm::ALL.into_iter().any(|algorithm| named(algorithm.header()))
    }

    /// Takes the body out of `aws-chunked`.
    fn unframed(mut self) -> Result<Self> {
        if !self.header(CONTENT_SHA256).is_some_and(|text| text.starts_with("STREAMING-")) {
            return Ok(self);
        }
        let length = self.header("x-amz-decoded-content-length").and_then(|text| text.parse().ok());
        let decoded = chunked::decode(&self.body, length.ok_or(Error::LengthMissing)?)?;
        let announced = self.header("x-amz-trailer").unwrap_or_default().split(',').map(str::trim);
        let missing = |name: &str| !decoded.trailers.iter().any(|(trailer, _)| trailer.eq_ignore_ascii_case(name));
        if announced.filter(|name| !name.is_empty()).any(missing) {
            return Err(Error::TrailerMalformed);
        }
        self.body = decoded.body.into();
        self.trailers = decoded.trailers;
        Ok(self)
    }

    /// Holds the body against the digests that say what it should be.
    fn checked(self) -> Result<Self> {
        if let Some(said) = self.header("content-md5") {
            let said = STANDARD.decode(said).ok().filter(|md5| md5.len() == 16).ok_or(Error::Md5Invalid)?;
            if said != self.md5() {
                return Err(Error::DigestWrong { what: "Content-MD5", with: "what we received" });
            }
        }
        match self.header(CONTENT_SHA256) {
            Some(said) if said.len() == 64 => {
                let computed = hex(digest(&SHA256, &self.body).as_ref());
                if !computed.eq_ignore_ascii_case(said) {
                    return Err(Error::Sha256Wrong { client: said.to_owned(), computed });
                }
            }
            Some(said) if said != "UNSIGNED-PAYLOAD" && !said.starts_with("STREAMING-") => {
                let message = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
                               STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid \
                               sha256 value.";
                return Err(Error::argument(CONTENT_SHA256, said, message));
            }
            _ => {}
        }
        Ok(self)
    }
}

fn pairs(query: &str) -> Result<Vec<(String, String)>> {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8().map(String::from).map_err(|_| Error::UriInvalid)
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decoded(name)?, decoded(value)?))
    };
    pairs.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use aws_wire::World;

    use super::*;

    fn of(headers: &[(&str, &str)], body: &'static str) -> Result<Request> {
        let call =
            Call { world: World::new("0", "us-east-1"), access_key: None, invocation: None, request_id: "id".into() };
        let mut request = http::Request::put("/b/k?a=b%20c+d&e");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Request::of(call, request.header("host", "localhost").body(Bytes::from_static(body.as_bytes())).unwrap())
    }

    #[test]
    fn bodies_are_unframed_and_checked() {
        let plain = of(&[], "hello").unwrap();
        assert_eq!((plain.query("a"), plain.query("e"), plain.query("x")), (Some("b c d"), Some(""), None));
        let trailer = [
            (CONTENT_SHA256, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", "5"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        let framed = of(&trailer, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n").unwrap();
        assert_eq!((&framed.body[..], framed.checksum().unwrap().value), (&b"hello"[..], "NhCmhg==".to_owned()));
        let none = of(&trailer, "5\r\nhello\r\n0\r\n\r\n").err();
        assert_eq!(none, Some(Error::TrailerMalformed));
        assert_eq!(of(&trailer[..1], "0\r\n\r\n").err(), Some(Error::LengthMissing));
        of(&[("content-md5", "XUFAKrxLKna5cZ2REBfFkg==")], "hello").unwrap();
        let wrong = Error::DigestWrong { what: "Content-MD5", with: "what we received" };
        assert_eq!(of(&[("content-md5", "XUFAKrxLKna5cZ2REBfFkg==")], "other").err(), Some(wrong));
        assert_eq!(of(&[("content-md5", "nonsense")], "").err(), Some(Error::Md5Invalid));
        let zeros = "0".repeat(64);
        assert!(matches!(of(&[(CONTENT_SHA256, &zeros)], "x"), Err(Error::Sha256Wrong { .. })));
        assert!(matches!(of(&[(CONTENT_SHA256, "x")], "x"), Err(Error::InvalidArgument { .. })));
    }
}
