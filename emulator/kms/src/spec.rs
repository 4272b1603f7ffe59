//! What kinds of keys there are, what each is for, and the algorithms that go with that.
//!
//! Left to others: doing any of it. Invariant: a key's usage is one of those that its spec has.

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};

/// What a key's material is. Persisted by its name in the API.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) enum KeySpec {
    #[default]
    #[serde(rename = "SYMMETRIC_DEFAULT")]
    Symmetric,
    #[serde(rename = "HMAC_224")]
    Hmac224,
    #[serde(rename = "HMAC_256")]
    Hmac256,
    #[serde(rename = "HMAC_384")]
    Hmac384,
    #[serde(rename = "HMAC_512")]
    Hmac512,
    #[serde(rename = "RSA_2048")]
    Rsa2048,
    #[serde(rename = "RSA_3072")]
    Rsa3072,
    #[serde(rename = "RSA_4096")]
    Rsa4096,
    #[serde(rename = "ECC_NIST_P256")]
    P256,
    #[serde(rename = "ECC_NIST_P384")]
    P384,
    #[serde(rename = "ECC_NIST_P521")]
    P521,
    #[serde(rename = "ECC_NIST_EDWARDS25519")]
    Edwards25519,
    #[serde(rename = "ECC_SECG_P256K1")]
    P256K1,
    #[serde(rename = "ML_DSA_44")]
    MlDsa44,
    #[serde(rename = "ML_DSA_65")]
    MlDsa65,
    #[serde(rename = "ML_DSA_87")]
    MlDsa87,
    #[serde(rename = "ML_KEM_512")]
    MlKem512,
    #[serde(rename = "ML_KEM_768")]
    MlKem768,
    #[serde(rename = "ML_KEM_1024")]
    MlKem1024,
    #[serde(rename = "SM2")]
    Sm2,
}

/// What a key is for. Persisted by its name in the API.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum KeyUsage {
    #[default]
    EncryptDecrypt,
    SignVerify,
    GenerateVerifyMac,
    KeyAgreement,
    EncapsulateDecapsulate,
}

/// The algorithm of symmetric encryption keys.
pub(crate) const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";

impl KeySpec {
    /// Its name in the API.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Symmetric => SYMMETRIC,
            Self::Hmac224 => "HMAC_224",
            Self::Hmac256 => "HMAC_256",
            Self::Hmac384 => "HMAC_384",
            Self::Hmac512 => "HMAC_512",
            Self::Rsa2048 => "RSA_2048",
            Self::Rsa3072 => "RSA_3072",
            Self::Rsa4096 => "RSA_4096",
            Self::P256 => "ECC_NIST_P256",
            Self::P384 => "ECC_NIST_P384",
            Self::P521 => "ECC_NIST_P521",
            Self::Edwards25519 => "ECC_NIST_EDWARDS25519",
            Self::P256K1 => "ECC_SECG_P256K1",
            Self::MlDsa44 => "ML_DSA_44",
            Self::MlDsa65 => "ML_DSA_65",
            Self::MlDsa87 => "ML_DSA_87",
            Self::MlKem512 => "ML_KEM_512",
            Self::MlKem768 => "ML_KEM_768",
            Self::MlKem1024 => "ML_KEM_1024",
            Self::Sm2 => "SM2",
        }
    }

    /// What keys of this spec can be for.
    pub(crate) const fn usages(self) -> &'static [KeyUsage] {
        use KeyUsage::{EncapsulateDecapsulate, EncryptDecrypt, GenerateVerifyMac, KeyAgreement, SignVerify};
        match self {
            Self::Symmetric => &[EncryptDecrypt],
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => &[GenerateVerifyMac],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[EncryptDecrypt, SignVerify],
            Self::P256 | Self::P384 | Self::P521 => &[SignVerify, KeyAgreement],
            Self::Edwards25519 | Self::P256K1 | Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[SignVerify],
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[EncapsulateDecapsulate],
            Self::Sm2 => &[EncryptDecrypt, SignVerify, KeyAgreement],
        }
    }

    /// The algorithms of a key of this spec that is for `usage`, as the API names them.
    pub(crate) const fn algorithms(self, usage: KeyUsage) -> &'static [&'static str] {
        match (self, usage) {
            (Self::Symmetric, _) => &[SYMMETRIC],
            (Self::Hmac224, _) => &["HMAC_SHA_224"],
            (Self::Hmac256, _) => &["HMAC_SHA_256"],
            (Self::Hmac384, _) => &["HMAC_SHA_384"],
            (Self::Hmac512, _) => &["HMAC_SHA_512"],
            (Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096, KeyUsage::EncryptDecrypt) => {
                &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
            }
            (Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096, _) => &[
                "RSASSA_PKCS1_V1_5_SHA_256",
                "RSASSA_PKCS1_V1_5_SHA_384",
                "RSASSA_PKCS1_V1_5_SHA_512",
                "RSASSA_PSS_SHA_256",
                "RSASSA_PSS_SHA_384",
                "RSASSA_PSS_SHA_512",
            ],
            (Self::P256 | Self::P384 | Self::P521 | Self::Sm2, KeyUsage::KeyAgreement) => &["ECDH"],
            (Self::P256 | Self::P256K1, _) => &["ECDSA_SHA_256"],
            (Self::P384, _) => &["ECDSA_SHA_384"],
            (Self::P521, _) => &["ECDSA_SHA_512"],
            (Self::Edwards25519, _) => &["ED25519_SHA_512", "ED25519_PH_SHA_512"],
            (Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87, _) => &["ML_DSA_SHAKE_256"],
            (Self::MlKem512 | Self::MlKem768 | Self::MlKem1024, _) => &["ML_KEM"],
            (Self::Sm2, KeyUsage::EncryptDecrypt) => &["SM2PKE"],
            (Self::Sm2, _) => &["SM2DSA"],
        }
    }

    /// Whether it is in China's regions only, or in all but those; `None` if it is everywhere.
    pub(crate) const fn is_chinese(self) -> Option<bool> {
        match self {
            Self::Sm2 => Some(true),
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => Some(false),
            Self::Symmetric
            | Self::Hmac224
            | Self::Hmac256
            | Self::Hmac384
            | Self::Hmac512
            | Self::Rsa2048
            | Self::Rsa3072
            | Self::Rsa4096
            | Self::P256
            | Self::P384
            | Self::P521
            | Self::Edwards25519
            | Self::P256K1
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87 => None,
        }
    }

    /// Whether its keys are pairs.
    pub(crate) const fn is_asymmetric(self) -> bool {
        !matches!(self, Self::Symmetric) && self.mac().is_none()
    }

    /// The bytes of a secret that does all that its keys do; `None` if that takes a pair, which nobody here makes.
    pub(crate) fn secret_length(self) -> Option<usize> {
        match self {
            Self::Symmetric => Some(32),
            // As long as its codes.
            spec => spec.mac().map(|mac| mac.digest_algorithm().output_len()),
        }
    }

    /// How its keys authenticate, if they do.
    pub(crate) const fn mac(self) -> Option<hmac::Algorithm> {
        match self {
            Self::Hmac224 => Some(hmac::HMAC_SHA224),
            Self::Hmac256 => Some(hmac::HMAC_SHA256),
            Self::Hmac384 => Some(hmac::HMAC_SHA384),
            Self::Hmac512 => Some(hmac::HMAC_SHA512),
            Self::Symmetric
            | Self::Rsa2048
            | Self::Rsa3072
            | Self::Rsa4096
            | Self::P256
            | Self::P384
            | Self::P521
            | Self::Edwards25519
            | Self::P256K1
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87
            | Self::MlKem512
            | Self::MlKem768
            | Self::MlKem1024
            | Self::Sm2 => None,
        }
    }
}

impl KeyUsage {
    /// Its name in the API.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::EncryptDecrypt => "ENCRYPT_DECRYPT",
            Self::SignVerify => "SIGN_VERIFY",
            Self::GenerateVerifyMac => "GENERATE_VERIFY_MAC",
            Self::KeyAgreement => "KEY_AGREEMENT",
            Self::EncapsulateDecapsulate => "ENCAPSULATE_DECAPSULATE",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::shape::{KEY_SPECS, USAGES};

    #[test]
    fn every_name_of_the_api_is_one_of_ours() {
        for name in KEY_SPECS {
            let spec: KeySpec = serde_json::from_value(json!(name)).unwrap();
            assert_eq!(spec.name(), *name);
            for usage in spec.usages() {
                assert!(!spec.algorithms(*usage).is_empty(), "{name}");
            }
            assert_eq!(spec.is_asymmetric(), spec.secret_length().is_none(), "{name}");
        }
        for name in USAGES {
            let usage: KeyUsage = serde_json::from_value(json!(name)).unwrap();
            assert_eq!(usage.name(), *name);
        }
    }
}
