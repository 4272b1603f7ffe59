//! Constraints that many actions share, as the service model has them.

use aws_wire::{Pattern, Shape, Structure};

pub(crate) const KEY_ID: Shape = Shape::string().length(1, 2048);
pub(crate) const DESCRIPTION: Shape = Shape::string().length(0, 8192);
pub(crate) const LIMIT: Shape = Shape::integer().range(1, 1000);
pub(crate) const MARKER: Shape = Shape::string().length(1, 1024);
pub(crate) const ALIAS_NAME: Shape = Shape::string().length(1, 256).pattern(Pattern {
    text: "^[a-zA-Z0-9:/_-]+$",
    matches: |text| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'/' | b'_' | b'-');
        !text.is_empty() && text.bytes().all(allowed)
    },
});
pub(crate) const POLICY: Shape = Shape::string().length(1, 131_072);
pub(crate) const POLICY_NAME: Shape = Shape::string().length(1, 128);
pub(crate) const GRANT_TOKENS: Shape = Shape::list(&Shape::string().length(1, 8192)).length(0, 10);
pub(crate) const CONTEXT: Shape = Shape::map(&Shape::string(), &Shape::string());
pub(crate) const CIPHERTEXT: Shape = Shape::blob().length(1, 6144);
pub(crate) const ALGORITHM: Shape =
    Shape::string().one_of(&["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"]);
pub(crate) const DATA_KEY_SPEC: Shape = Shape::string().one_of(&["AES_256", "AES_128"]);
pub(crate) const NUMBER_OF_BYTES: Shape = Shape::integer().range(1, 1024);
pub(crate) const TAG_KEY: Shape = Shape::string().length(1, 128);
pub(crate) const TAGS: Shape = Shape::list(&TAG);
const TAG: Shape = Shape::structure(&Structure::new(
    "Tag",
    &[TAG_KEY.member("TagKey").required(), Shape::string().length(0, 256).member("TagValue").required()],
));
/// Of enclaves, which we do not have: any document, to be refused.
pub(crate) const RECIPIENT: Shape = Shape::document();

/// What keys can be for, in the order of the service model, as are specs.
pub(crate) const USAGES: &[&str] =
    &["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"];
pub(crate) const KEY_SPECS: &[&str] = &[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
];
/// An older member of requests knows only the first of them.
pub(crate) const MASTER_KEY_SPECS: &[&str] = KEY_SPECS.split_at(13).0;
pub(crate) const ORIGINS: &[&str] = &["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];
pub(crate) const CUSTOM_KEY_STORE_ID: Shape = Shape::string().length(1, 64);
pub(crate) const XKS_KEY_ID: Shape = Shape::string().length(1, 128).pattern(Pattern {
    text: "^[a-zA-Z0-9-_.]+$",
    matches: |text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)),
});
/// A message to sign or to authenticate, or its digest.
pub(crate) const MESSAGE: Shape = Shape::blob().length(1, 4096);
pub(crate) const MESSAGE_TYPE: Shape = Shape::string().one_of(&["RAW", "DIGEST", "EXTERNAL_MU"]);
pub(crate) const MAC_ALGORITHM: Shape =
    Shape::string().one_of(&["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"]);
pub(crate) const SIGNING_ALGORITHM: Shape = Shape::string().one_of(&[
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "ECDSA_SHA_256",
    "ECDSA_SHA_384",
    "ECDSA_SHA_512",
    "SM2DSA",
    "ML_DSA_SHAKE_256",
    "ED25519_SHA_512",
    "ED25519_PH_SHA_512",
]);
pub(crate) const KEY_AGREEMENT_ALGORITHM: Shape = Shape::string().one_of(&["ECDH"]);
pub(crate) const ENCAPSULATION_ALGORITHM: Shape = Shape::string().one_of(&["ML_KEM"]);
