//! Checksums of objects: five of those that S3 knows, of a whole body or of the parts of an upload.
//!
//! What a client says is held against what came, and without a word from the client S3 keeps a CRC64NVME.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::xml::Xml;

/// Checksums that S3 knows as well. One that is not looked at would be a promise that nobody keeps.
const OTHERS: [&str; 5] = [
    "x-amz-checksum-md5",
    "x-amz-checksum-sha512",
    "x-amz-checksum-xxhash128",
    "x-amz-checksum-xxhash3",
    "x-amz-checksum-xxhash64",
];

/// How a checksum is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// What a checksum is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Of all the bytes.
    FullObject,
    /// Of the checksums of the parts.
    Composite,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::FullObject, Self::Composite].into_iter().find(|kind| kind.name() == name)
    }
}

/// A checksum as headers and documents show it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) value: String,
    pub(crate) kind: Kind,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    pub(crate) const fn element(self) -> &'static str {
        match self {
            Self::Crc32 => "ChecksumCRC32",
            Self::Crc32c => "ChecksumCRC32C",
            Self::Crc64Nvme => "ChecksumCRC64NVME",
            Self::Sha1 => "ChecksumSHA1",
            Self::Sha256 => "ChecksumSHA256",
        }
    }

    /// The algorithm of that name.
    pub(crate) fn parse(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
            Error::InvalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]".into())
        })
    }

    const fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// What an upload's checksum is of when nobody says.
    pub(crate) const fn default_kind(self) -> Kind {
        match self {
            Self::Crc64Nvme => Kind::FullObject,
            _ => Kind::Composite,
        }
    }

    /// Whether an upload can have a checksum of that kind.
    pub(crate) const fn allows(self, kind: Kind) -> bool {
        !matches!((self, kind), (Self::Crc64Nvme, Kind::Composite) | (Self::Sha1 | Self::Sha256, Kind::FullObject))
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        let legacy = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
        match self {
            Self::Sha1 => aws_lc_rs::digest::digest(legacy, bytes).as_ref().to_vec(),
            Self::Sha256 => aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().to_vec(),
            crc => crc.crc().map(|algorithm| self.spell(crc_fast::checksum(algorithm, bytes))).unwrap_or_default(),
        }
    }

    /// The bytes of a CRC, most significant first.
    fn spell(self, crc: u64) -> Vec<u8> {
        let bytes = crc.to_be_bytes();
        match self {
            Self::Crc32 | Self::Crc32c => bytes[4..].to_vec(),
            _ => bytes.to_vec(),
        }
    }

    /// The checksum of `bytes`.
    pub(crate) fn of(self, bytes: &[u8]) -> Checksum {
        Checksum { algorithm: self, value: STANDARD.encode(self.digest(bytes)), kind: Kind::FullObject }
    }

    /// The checksum of an object made of parts of these checksums and sizes.
    pub(crate) fn of_parts(self, kind: Kind, parts: &[(&Checksum, u64)]) -> Result<Checksum> {
        // The values are ours, made by `of`.
        let raw = |checksum: &Checksum| STANDARD.decode(&checksum.value).map_err(|_| Error::Internal);
        let value = match (kind, self.crc()) {
            (Kind::FullObject, Some(algorithm)) => {
                let mut whole = None;
                for (checksum, size) in parts {
                    let part = raw(checksum)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
                    whole = Some(match whole {
                        None => part,
                        Some(whole) => crc_fast::checksum_combine(algorithm, whole, part, *size),
                    });
                }
                STANDARD.encode(self.spell(whole.unwrap_or_default()))
            }
            _ => {
                let mut all = Vec::new();
                for (checksum, _) in parts {
                    all.extend(raw(checksum)?);
                }
                format!("{}-{}", STANDARD.encode(self.digest(&all)), parts.len())
            }
        };
        Ok(Checksum { algorithm: self, value, kind })
    }
}

impl Checksum {
    /// Into a document.
    pub(crate) fn write(&self, xml: &mut Xml) {
        xml.text(self.algorithm.element(), &self.value);
    }
}

/// The checksum of `body`: the one that the client names with `header` (headers or trailers), and which must be right; else the
/// one of the algorithm that it says it uses; else S3's own choice.
pub(crate) fn verified(body: &[u8], header: impl Fn(&str) -> Option<String>) -> Result<Checksum> {
    if let Some(other) = OTHERS.into_iter().find(|name| header(name).is_some()) {
        return Err(Error::NotImplemented(format!("checksums of the kind {other}")));
    }
    let said = Algorithm::ALL.into_iter().filter_map(|algorithm| Some((algorithm, header(algorithm.header())?)));
    let said: Vec<_> = said.collect();
    if said.len() > 1 {
        let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
        return Err(Error::InvalidRequest(message.into()));
    }
    let Some((algorithm, value)) = said.into_iter().next() else {
        let named = header("x-amz-checksum-algorithm").or_else(|| header("x-amz-sdk-checksum-algorithm"));
        let algorithm = named.map_or(Ok(Algorithm::Crc64Nvme), |name| Algorithm::parse(&name))?;
        return Ok(algorithm.of(body));
    };
    let computed = algorithm.of(body);
    if computed.value == value {
        return Ok(computed);
    }
    let length = STANDARD.decode(&value).map(|bytes| bytes.len());
    if length != STANDARD.decode(&computed.value).map(|bytes| bytes.len()) {
        return Err(Error::InvalidRequest(format!("Value for {} header is invalid.", algorithm.header())));
    }
    Err(Error::DigestWrong { what: algorithm.name(), with: "the calculated checksum" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values() {
        let check =
            |algorithm: Algorithm, value: &str| assert_eq!(algorithm.of(b"123456789").value, value, "{algorithm:?}");
        check(Algorithm::Crc32, "y/Q5Jg==");
        check(Algorithm::Crc32c, "4waSgw==");
        check(Algorithm::Crc64Nvme, "rosUhgp5mIg=");
        check(Algorithm::Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE=");
        check(Algorithm::Sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=");
    }

    #[test]
    fn parts_make_the_checksum_of_the_whole() {
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let (one, two) = (algorithm.of(b"1234"), algorithm.of(b"56789"));
            let whole = algorithm.of_parts(Kind::FullObject, &[(&one, 4), (&two, 5)]).unwrap();
            assert_eq!(whole, algorithm.of(b"123456789"));
        }
        let parts = [Algorithm::Sha256.of(b"a"), Algorithm::Sha256.of(b"b")];
        let whole = Algorithm::Sha256.of_parts(Kind::Composite, &[(&parts[0], 1), (&parts[1], 1)]).unwrap();
        assert!(whole.value.ends_with("=-2") && whole.kind == Kind::Composite, "{whole:?}");
    }

    #[test]
    fn what_a_client_says_is_checked() {
        let says = |pairs: &'static [(&'static str, &'static str)]| {
            verified(b"123456789", |name| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned()))
        };
        assert_eq!(says(&[]).unwrap().algorithm, Algorithm::Crc64Nvme);
        assert_eq!(says(&[("x-amz-sdk-checksum-algorithm", "sha1")]).unwrap().algorithm, Algorithm::Sha1);
        assert_eq!(says(&[("x-amz-checksum-crc32", "y/Q5Jg==")]).unwrap().algorithm, Algorithm::Crc32);
        let wrong = Error::DigestWrong { what: "CRC32", with: "the calculated checksum" };
        assert_eq!(says(&[("x-amz-checksum-crc32", "AAAAAA==")]), Err(wrong));
        assert!(matches!(says(&[("x-amz-checksum-crc32", "AAA=")]), Err(Error::InvalidRequest(_))));
        assert!(matches!(says(&[("x-amz-checksum-algorithm", "MD4")]), Err(Error::InvalidRequest(_))));
        assert!(matches!(says(&[("x-amz-checksum-md5", "")]), Err(Error::NotImplemented(_))));
        let two = says(&[("x-amz-checksum-crc32", "y/Q5Jg=="), ("x-amz-checksum-sha1", "")]);
        assert!(matches!(two, Err(Error::InvalidRequest(_))));
    }
}
