//! CreateKey: a new key, whose material is durable when it answers. One that takes a pair is kept without any, as nothing is
//! done with pairs here.

use std::sync::Arc;

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::action::key_metadata::KeyMetadata;
use crate::action::put_key_policy::check_policy;
use crate::error::{Error, Result};
use crate::key::{Key, MULTI_REGION, Manager, State};
use crate::service::Kms;
use crate::shape;
use crate::spec::{KeySpec, KeyUsage};
use crate::tag::{self, Tag};

pub(super) struct CreateKey;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    policy: Option<String>,
    description: Option<String>,
    key_usage: Option<KeyUsage>,
    customer_master_key_spec: Option<KeySpec>,
    key_spec: Option<KeySpec>,
    origin: Option<String>,
    custom_key_store_id: Option<String>,
    tags: Option<Vec<Tag>>,
    multi_region: Option<bool>,
    xks_key_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    key_metadata: KeyMetadata,
}

impl Action<Kms> for CreateKey {
    const NAME: &'static str = "CreateKey";
    const INPUT: Structure = Structure::new(
        "CreateKeyRequest",
        &[
            shape::POLICY.member("Policy"),
            shape::DESCRIPTION.member("Description"),
            Shape::string().one_of(shape::USAGES).member("KeyUsage"),
            Shape::string().one_of(shape::MASTER_KEY_SPECS).member("CustomerMasterKeySpec"),
            Shape::string().one_of(shape::KEY_SPECS).member("KeySpec"),
            Shape::string().one_of(shape::ORIGINS).member("Origin"),
            shape::CUSTOM_KEY_STORE_ID.member("CustomKeyStoreId"),
            Shape::boolean().member("BypassPolicyLockoutSafetyCheck"),
            shape::TAGS.member("Tags"),
            Shape::boolean().member("MultiRegion"),
            shape::XKS_KEY_ID.member("XksKeyId"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        check_origin(&input)?;
        let kind = kind(call, &input)?;
        let writing = service.directory().write();
        let keys = service.directory().keys(&call.world);
        let is_repeated =
            |key: &&Arc<Key>| call.repeats(key.maker.as_ref()) && !matches!(key.state, State::PendingDeletion { .. });
        if let Some(there) = keys.iter().find(is_repeated) {
            return Ok(Output { key_metadata: KeyMetadata::of(there) });
        }
        let random = service.random();
        let id = match input.multi_region {
            Some(true) => format!("{MULTI_REGION}{}", random.uuid().replace('-', "")),
            Some(false) | None => random.uuid(),
        };
        let mut key = Key::of_kind(&call.world, id, Manager::Customer, kind, service.now(), random);
        if let Some(policy) = input.policy {
            check_policy(&policy)?;
            key.policy = policy;
        }
        key.maker = call.invocation.clone();
        key.description = input.description.unwrap_or_default();
        tag::add(&mut key.tags, input.tags.unwrap_or_default())?;
        let key = writing.put_key(key)?;
        Ok(Output { key_metadata: KeyMetadata::of(&key) })
    }
}

/// Fails unless KMS itself makes the material, outside of key stores.
fn check_origin(input: &Input) -> Result<()> {
    let origin = input.origin.as_deref().unwrap_or("AWS_KMS");
    match (origin, &input.custom_key_store_id) {
        // There are none.
        (_, Some(id)) => Err(Error::KeyStoreNotFound { id: id.clone() }),
        ("AWS_KMS", None) if input.xks_key_id.is_some() => {
            Err(Error::Invalid("XksKeyId is valid only for keys whose Origin is EXTERNAL_KEY_STORE"))
        }
        ("AWS_KMS", None) => Ok(()),
        ("EXTERNAL", None) => Err(Error::Unsupported { what: "keys with material from elsewhere" }),
        (_, None) => Err(Error::Invalid("A key of this Origin needs a CustomKeyStoreId")),
    }
}

/// What kind of key is asked for, if there is such a kind.
fn kind(call: &Call, input: &Input) -> Result<(KeySpec, KeyUsage)> {
    let spec = input.key_spec.or(input.customer_master_key_spec).unwrap_or_default();
    let usage = match input.key_usage {
        Some(usage) => usage,
        None if spec == KeySpec::Symmetric => KeyUsage::EncryptDecrypt,
        None => return Err(Error::UsageMissing),
    };
    if !spec.usages().contains(&usage) {
        return Err(Error::UsageIncompatible { usage: usage.name(), spec: spec.name() });
    }
    if spec.is_chinese().is_some_and(|is_chinese| is_chinese != call.world.partition().eq("aws-cn")) {
        return Err(Error::SpecElsewhere { spec: spec.name(), region: call.world.region.clone() });
    }
    Ok((spec, usage))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::alias::AWS_MANAGED;
    use crate::fixture::Fixture;

    #[tokio::test]
    async fn a_key_is_there_after_a_restart() {
        let mut fixture = Fixture::new();
        let input = json!({"Description": "mine", "Tags": [{"TagKey": "a", "TagValue": "b"}]});
        let created = fixture.ok("CreateKey", input).await["KeyMetadata"].clone();
        let id = created["KeyId"].as_str().unwrap();
        assert_eq!(created["Arn"], format!("arn:aws:kms:us-east-1:000000000000:key/{id}"));
        assert_eq!(
            (&created["KeyManager"], &created["KeyState"], &created["KeySpec"]),
            (&json!("CUSTOMER"), &json!("Enabled"), &json!("SYMMETRIC_DEFAULT"))
        );
        fixture.restart();
        assert_eq!(fixture.ok("DescribeKey", json!({"KeyId": created["Arn"]})).await["KeyMetadata"], created);
        let keys = fixture.ok("ListKeys", json!({})).await;
        assert_eq!(keys["Keys"].as_array().unwrap().len(), 1 + AWS_MANAGED.len());
    }

    #[tokio::test]
    async fn a_key_of_every_kind_is_described_after_a_restart() {
        let mut fixture = Fixture::new();
        let pkcs = ["RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512"];
        let pss = ["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512"];
        let rsa_signs: Value = [pkcs, pss].concat().into();
        for (spec, usage, member, algorithms) in [
            ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "EncryptionAlgorithms", json!(["SYMMETRIC_DEFAULT"])),
            ("RSA_2048", "ENCRYPT_DECRYPT", "EncryptionAlgorithms", json!(["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])),
            ("RSA_4096", "SIGN_VERIFY", "SigningAlgorithms", rsa_signs),
            ("ECC_NIST_P256", "SIGN_VERIFY", "SigningAlgorithms", json!(["ECDSA_SHA_256"])),
            ("ECC_NIST_P384", "KEY_AGREEMENT", "KeyAgreementAlgorithms", json!(["ECDH"])),
            ("ECC_NIST_P521", "SIGN_VERIFY", "SigningAlgorithms", json!(["ECDSA_SHA_512"])),
            ("ECC_SECG_P256K1", "SIGN_VERIFY", "SigningAlgorithms", json!(["ECDSA_SHA_256"])),
            (
                "ECC_NIST_EDWARDS25519",
                "SIGN_VERIFY",
                "SigningAlgorithms",
                json!(["ED25519_SHA_512", "ED25519_PH_SHA_512"]),
            ),
            ("HMAC_384", "GENERATE_VERIFY_MAC", "MacAlgorithms", json!(["HMAC_SHA_384"])),
            ("ML_DSA_65", "SIGN_VERIFY", "SigningAlgorithms", json!(["ML_DSA_SHAKE_256"])),
            ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE", "EncapsulationAlgorithms", json!(["ML_KEM"])),
        ] {
            let input = json!({"KeySpec": spec, "KeyUsage": usage});
            let created = fixture.ok("CreateKey", input).await["KeyMetadata"].clone();
            fixture.restart();
            let described = fixture.ok("DescribeKey", json!({"KeyId": created["KeyId"]})).await["KeyMetadata"].clone();
            assert_eq!(described, created, "{spec}");
            assert_eq!((&described["KeySpec"], &described["CustomerMasterKeySpec"]), (&json!(spec), &json!(spec)));
            assert_eq!((&described["KeyUsage"], &described["MultiRegion"]), (&json!(usage), &json!(false)));
            let lists = ["Encryption", "Signing", "Mac", "KeyAgreement", "Encapsulation"];
            for list in lists.map(|list| format!("{list}Algorithms")) {
                assert_eq!(described.get(&list), (list == member).then_some(&algorithms), "{spec}: {list}");
            }
            assert_eq!(described["CurrentKeyMaterialId"].is_string(), spec == "SYMMETRIC_DEFAULT");
        }
    }

    #[tokio::test]
    async fn a_key_of_several_regions_is_its_own_primary_and_encrypts() {
        let mut fixture = Fixture::new();
        let created = fixture.ok("CreateKey", json!({"MultiRegion": true})).await["KeyMetadata"].clone();
        let id = created["KeyId"].as_str().unwrap();
        assert!(id.starts_with("mrk-") && id.len() == 36, "{id}");
        assert_eq!(created["MultiRegion"], true);
        let primary = json!({"Arn": created["Arn"], "Region": "us-east-1"});
        let configuration = json!({"MultiRegionKeyType": "PRIMARY", "PrimaryKey": primary, "ReplicaKeys": []});
        assert_eq!(created["MultiRegionConfiguration"], configuration);
        let made = fixture.ok("Encrypt", json!({"KeyId": id, "Plaintext": "AAAA"})).await;
        fixture.restart();
        let opened = fixture.ok("Decrypt", json!({"CiphertextBlob": made["CiphertextBlob"]})).await;
        assert_eq!((&opened["Plaintext"], &opened["KeyId"]), (&json!("AAAA"), &created["Arn"]));
    }

    #[tokio::test]
    async fn what_cannot_be() {
        let fixture = Fixture::new();
        for (input, words) in [
            (
                json!({"KeyUsage": "SIGN_VERIFY"}),
                "ValidationException: KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT",
            ),
            (
                json!({"KeySpec": "HMAC_256", "KeyUsage": "ENCRYPT_DECRYPT"}),
                "ValidationException: KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec HMAC_256",
            ),
            (
                json!({"CustomerMasterKeySpec": "RSA_2048"}),
                "ValidationException: You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
            ),
            (
                json!({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}),
                "UnsupportedOperationException: KeySpec SM2 is not supported in us-east-1",
            ),
            (
                json!({"CustomKeyStoreId": "cks-1", "Origin": "AWS_CLOUDHSM"}),
                "CustomKeyStoreNotFoundException: Cannot find the custom key store cks-1",
            ),
            (
                json!({"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "x"}),
                "ValidationException: A key of this Origin needs a CustomKeyStoreId",
            ),
            (
                json!({"XksKeyId": "x"}),
                "ValidationException: XksKeyId is valid only for keys whose Origin is EXTERNAL_KEY_STORE",
            ),
            (
                json!({"Origin": "EXTERNAL"}),
                "UnsupportedOperationException: millrace does not do this: keys with material from elsewhere",
            ),
        ] {
            fixture.refused("CreateKey", input, words).await;
        }
    }

    #[tokio::test]
    async fn what_a_kind_of_key_does_not_do() {
        let fixture = Fixture::new();
        let key = async |spec: &str, usage: &str| {
            let metadata = fixture.ok("CreateKey", json!({"KeySpec": spec, "KeyUsage": usage})).await;
            metadata["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
        };
        let (rsa, signs) = (key("RSA_2048", "ENCRYPT_DECRYPT").await, key("ECC_NIST_P256", "SIGN_VERIFY").await);
        let (mac, agrees) = (key("HMAC_256", "GENERATE_VERIFY_MAC").await, key("ECC_NIST_P256", "KEY_AGREEMENT").await);
        let (capsule, symmetric) = (key("ML_KEM_512", "ENCAPSULATE_DECAPSULATE").await, fixture.key().await.1);
        let without = |action: &str, spec: &str| {
            format!("UnsupportedOperationException: millrace does not do this: {action} with a key of the spec {spec}")
        };
        let unfit = |arn: &str, usage: &str, action: &str| {
            format!("InvalidKeyUsageException: {arn} key usage is {usage} which is not valid for {action}.")
        };
        let signing = |key: &str| json!({"KeyId": key, "Message": "AAAA", "SigningAlgorithm": "ECDSA_SHA_256"});
        let verifying = |key: &str| {
            let mut input = signing(key);
            input["Signature"] = "AAAA".into();
            input
        };
        let agreeing = |key: &str| json!({"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": "AAAA"});
        let encapsulating = |key: &str| json!({"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"});
        let decapsulating = |key: &str| {
            let mut input = encapsulating(key);
            input["SharedSecretCiphertextBlob"] = "AAAA".into();
            input
        };
        let encrypting =
            |key: &str, algorithm: &str| json!({"KeyId": key, "Plaintext": "AAAA", "EncryptionAlgorithm": algorithm});
        let unfit_algorithm = |algorithm: &str, spec: &str| {
            format!("InvalidKeyUsageException: Algorithm {algorithm} is incompatible with key spec {spec}.")
        };
        for (action, input, words) in [
            ("Encrypt", encrypting(&rsa, "RSAES_OAEP_SHA_256"), without("Encrypt", "RSA_2048")),
            ("Encrypt", encrypting(&rsa, "SYMMETRIC_DEFAULT"), unfit_algorithm("SYMMETRIC_DEFAULT", "RSA_2048")),
            ("Encrypt", encrypting(&symmetric, "SM2PKE"), unfit_algorithm("SM2PKE", "SYMMETRIC_DEFAULT")),
            ("Encrypt", encrypting(&signs, "SYMMETRIC_DEFAULT"), unfit(&signs, "SIGN_VERIFY", "Encrypt")),
            (
                "Decrypt",
                json!({"KeyId": rsa, "CiphertextBlob": "AAAA", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}),
                without("Decrypt", "RSA_2048"),
            ),
            (
                "GenerateDataKey",
                json!({"KeyId": rsa, "KeySpec": "AES_256"}),
                "InvalidKeyUsageException: You cannot generate a data key with an asymmetric CMK".to_owned(),
            ),
            (
                "GenerateDataKey",
                json!({"KeyId": mac, "KeySpec": "AES_256"}),
                unfit(&mac, "GENERATE_VERIFY_MAC", "GenerateDataKey"),
            ),
            ("Sign", signing(&signs), without("Sign", "ECC_NIST_P256")),
            ("Sign", signing(&symmetric), unfit(&symmetric, "ENCRYPT_DECRYPT", "Sign")),
            ("Verify", verifying(&signs), without("Verify", "ECC_NIST_P256")),
            ("Verify", verifying(&agrees), unfit(&agrees, "KEY_AGREEMENT", "Verify")),
            ("DeriveSharedSecret", agreeing(&agrees), without("DeriveSharedSecret", "ECC_NIST_P256")),
            ("DeriveSharedSecret", agreeing(&signs), unfit(&signs, "SIGN_VERIFY", "DeriveSharedSecret")),
            ("Encapsulate", encapsulating(&capsule), without("Encapsulate", "ML_KEM_512")),
            ("Encapsulate", encapsulating(&mac), unfit(&mac, "GENERATE_VERIFY_MAC", "Encapsulate")),
            ("Decapsulate", decapsulating(&capsule), without("Decapsulate", "ML_KEM_512")),
            ("GetPublicKey", json!({"KeyId": rsa}), without("GetPublicKey", "RSA_2048")),
            (
                "GetPublicKey",
                json!({"KeyId": symmetric}),
                format!(
                    "UnsupportedOperationException: {symmetric} key spec is SYMMETRIC_DEFAULT which is not valid for this operation."
                ),
            ),
        ] {
            fixture.refused(action, input, &words).await;
        }
        // Nobody rotates them, and that is no secret.
        for action in ["EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"] {
            let words = format!(
                "UnsupportedOperationException: {signs} key spec is ECC_NIST_P256 which is not valid for this operation."
            );
            fixture.refused(action, json!({"KeyId": signs}), &words).await;
        }
        let status = fixture.ok("GetKeyRotationStatus", json!({"KeyId": signs})).await;
        assert_eq!(status, json!({"KeyId": signs, "KeyRotationEnabled": false}));
        fixture.ok("DisableKey", json!({"KeyId": signs})).await;
        fixture.refused("Sign", signing(&signs), &format!("DisabledException: {signs} is disabled.")).await;
    }
}
