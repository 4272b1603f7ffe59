//! The two spellings of a document: JSON, and CBOR as the Java SDKs speak it.
//!
//! An action knows neither. What is different about bytes and times is known to [`Blob`](crate::Blob) and
//! [`EpochSeconds`](crate::EpochSeconds) on the way out, and to the shape of a member on the way in.

use bytes::Bytes;
use memchr::memchr_iter;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::shape::Structure;
use crate::{AwsError, cbor};

/// As many values as a document holds. The largest request that makes sense has some thousands, and some hundred thousand
/// commas in its keys; an array of ten million nulls would take thirty times its own size in memory.
pub(crate) const MOST_VALUES: usize = 1 << 18;

/// How a document is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// JSON 1.1: bytes are base64, times are seconds.
    Json,
    /// CBOR 1.1: bytes are bytes, times are tagged milliseconds.
    Cbor,
}

impl Format {
    /// The media type of requests and answers.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/x-amz-json-1.1",
            Self::Cbor => "application/x-amz-cbor-1.1",
        }
    }

    /// The format that a media type names. Parameters after a semicolon are not looked at.
    pub fn of(content_type: &str) -> Option<Self> {
        let content_type = content_type.split(';').next().unwrap_or_default().trim();
        [Self::Json, Self::Cbor].into_iter().find(|format| format.content_type().eq_ignore_ascii_case(content_type))
    }

    /// Writes a document. What does not encode is a mistake of ours: the log hears of it, the caller only that.
    pub(crate) fn encode<T: Serialize>(self, document: &T) -> Result<Vec<u8>, AwsError> {
        let encoded = match self {
            Self::Json => serde_json::to_vec(document).map_err(|error| error.to_string()),
            Self::Cbor => cbor::to_vec(document).map_err(|error| error.to_string()),
        };
        encoded.map_err(|error| {
            tracing::error!(document = std::any::type_name::<T>(), error, "an answer does not encode");
            AwsError::internal()
        })
    }

    /// Whether a document says that there is nothing.
    pub(crate) fn is_null(self, document: &[u8]) -> bool {
        match self {
            Self::Json => document == b"null",
            Self::Cbor => document == [cbor::NULL],
        }
    }

    /// Whether `document` is a whole object and nothing else, whatever is in it.
    pub(crate) fn is_object(self, document: &[u8]) -> bool {
        match self {
            Self::Json => {
                document.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
                    && serde_json::from_slice::<serde::de::IgnoredAny>(document).is_ok()
            }
            Self::Cbor => cbor::members(&Structure::new("", &[]), document).is_ok(),
        }
    }
}

/// A document as it came.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// How it is written.
    pub format: Format,
    /// What came.
    pub bytes: Bytes,
}

impl Encoded {
    /// A document in JSON.
    pub fn json(text: impl Into<Bytes>) -> Self {
        Self { format: Format::Json, bytes: text.into() }
    }

    /// A document in CBOR.
    pub fn cbor(bytes: impl Into<Bytes>) -> Self {
        Self { format: Format::Cbor, bytes: bytes.into() }
    }

    /// About the bytes that are left when its bytes are no base64 any more.
    pub fn room(&self) -> usize {
        match self.format {
            Format::Json => self.bytes.len() / 4 * 3,
            Format::Cbor => self.bytes.len(),
        }
    }

    /// Its members, in the terms of JSON: `structure` says which texts are bytes and which numbers are times.
    pub(crate) fn members(&self, structure: &Structure) -> Result<Map<String, Value>, AwsError> {
        match self.format {
            // Values stand between commas, but for those that nest, and how deep they may is limited anyway.
            Format::Json if memchr_iter(b',', &self.bytes).count() > MOST_VALUES => {
                Err(AwsError::bare("SerializationException"))
            }
            Format::Json => serde_json::from_slice(&self.bytes).map_err(|_| AwsError::bare("SerializationException")),
            Format::Cbor => cbor::members(structure, &self.bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_of_millions_of_values_is_none() {
        let many = |count: usize| Encoded::json(format!("{{\"a\":[{}]}}", vec!["0"; count].join(",")));
        let nothing = Structure::new("", &[]);
        assert!(many(MOST_VALUES).members(&nothing).is_ok());
        let error = many(MOST_VALUES + 2).members(&nothing).unwrap_err();
        assert_eq!(error, AwsError::bare("SerializationException"));
    }

    #[test]
    fn media_types() {
        assert_eq!(Format::of("application/x-amz-json-1.1"), Some(Format::Json));
        assert_eq!(Format::of("application/x-amz-cbor-1.1 ; charset=utf-8"), Some(Format::Cbor));
        assert_eq!(Format::of("application/x-amz-json-1.0"), None);
        assert_eq!(Format::of(""), None);
    }
}
