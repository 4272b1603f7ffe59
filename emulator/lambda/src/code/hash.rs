//! The SHA-256 of a package's bytes: what AWS reports, and the name we keep the package by.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a package. Stored and reported as base64, shown as hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct CodeHash([u8; 32]);

impl CodeHash {
    /// The hash of `package`.
    pub(crate) fn of(package: &[u8]) -> Self {
        Self(Sha256::digest(package).into())
    }

    /// The form of `CodeSha256`.
    pub(crate) fn base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// The hash that `text`, as [`Display`](fmt::Display) writes it, stands for.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for CodeHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = STANDARD.decode(text).map_err(|_| "not base64")?;
        bytes.try_into().map(Self).map_err(|_| "not 32 bytes")
    }
}

impl From<CodeHash> for String {
    fn from(hash: CodeHash) -> Self {
        hash.base64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_two_text_forms() {
        let hash = CodeHash::of(b"abc");
        assert_eq!(hash.base64(), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        let hex = hash.to_string();
        assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(CodeHash::from_hex(&hex), Some(hash));
        assert_eq!(CodeHash::from_hex("../../etc/passwd"), None);
        assert_eq!(CodeHash::from_hex(&hex.to_uppercase()), None);
        assert_eq!(CodeHash::try_from(hash.base64()), Ok(hash));
    }
}
