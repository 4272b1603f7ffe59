//! CreateKey: a new symmetric key, whose material is durable when it answers. Other kinds of keys are refused.

use std::sync::Arc;

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::action::key_metadata::KeyMetadata;
use crate::action::put_key_policy::check_policy;
use crate::error::{Error, Result};
use crate::key::{Key, Manager, State};
use crate::service::Kms;
use crate::shape;
use crate::tag::{self, Tag};

pub(super) struct CreateKey;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    policy: Option<String>,
    description: Option<String>,
    key_usage: Option<String>,
    customer_master_key_spec: Option<String>,
    key_spec: Option<String>,
    origin: Option<String>,
    custom_key_store_id: Option<String>,
    tags: Option<Vec<Tag>>,
    multi_region: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    key_metadata: KeyMetadata,
}

const USAGES: &[&str] = &["SIGN_VERIFY", "ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"];
const MASTER_KEY_SPECS: &[&str] = &[
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
];
const KEY_SPECS: &[&str] = &[
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
];
const ORIGINS: &[&str] = &["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];

impl Action<Kms> for CreateKey {
    const NAME: &'static str = "CreateKey";
    const INPUT: Structure = Structure::new(
        "CreateKeyRequest",
        &[
            shape::POLICY.member("Policy"),
            shape::DESCRIPTION.member("Description"),
            Shape::string().one_of(USAGES).member("KeyUsage"),
            Shape::string().one_of(MASTER_KEY_SPECS).member("CustomerMasterKeySpec"),
            Shape::string().one_of(KEY_SPECS).member("KeySpec"),
            Shape::string().one_of(ORIGINS).member("Origin"),
            Shape::string().length(1, 64).member("CustomKeyStoreId"),
            Shape::boolean().member("BypassPolicyLockoutSafetyCheck"),
            shape::TAGS.member("Tags"),
            Shape::boolean().member("MultiRegion"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let spec = input.key_spec.or(input.customer_master_key_spec);
        let refused = [
            (input.key_usage.is_some_and(|usage| usage != "ENCRYPT_DECRYPT"), "keys that sign, agree or authenticate"),
            (spec.is_some_and(|spec| spec != "SYMMETRIC_DEFAULT"), "keys that are not symmetric"),
            (input.origin.is_some_and(|origin| origin != "AWS_KMS"), "keys with material from elsewhere"),
            (input.custom_key_store_id.is_some(), "key stores"),
            (input.multi_region == Some(true), "keys of several regions"),
        ];
        if let Some((_, what)) = refused.into_iter().find(|(is_asked, _)| *is_asked) {
            return Err(Error::Unsupported { what });
        }
        let writing = service.directory().write();
        let keys = service.directory().keys(&call.world);
        let is_repeated =
            |key: &&Arc<Key>| call.repeats(key.maker.as_ref()) && !matches!(key.state, State::PendingDeletion { .. });
        if let Some(there) = keys.iter().find(is_repeated) {
            return Ok(Output { key_metadata: KeyMetadata::of(there) });
        }
        let random = service.random();
        let mut key = Key::new(&call.world, random.uuid(), Manager::Customer, service.now(), random);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

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
    async fn other_kinds_are_refused_by_name() {
        let fixture = Fixture::new();
        let refused = async |input, what: &str| {
            let words = format!("UnsupportedOperationException: millrace does not do this: {what}");
            fixture.refused("CreateKey", input, &words).await;
        };
        refused(json!({"KeyUsage": "SIGN_VERIFY"}), "keys that sign, agree or authenticate").await;
        refused(json!({"KeySpec": "RSA_2048"}), "keys that are not symmetric").await;
        refused(json!({"MultiRegion": true}), "keys of several regions").await;
    }
}
