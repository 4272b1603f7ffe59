//! GenerateMac: a code by which whoever has the key can tell that a message is what it was.

use aws_lc_rs::hmac;
use aws_wire::{Action, Blob, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::key::Key;
use crate::service::Kms;
use crate::shape;
use crate::spec::KeyUsage;

pub(super) struct GenerateMac;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    message: Blob,
    key_id: String,
    mac_algorithm: String,
    dry_run: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    mac: Blob,
    mac_algorithm: String,
    key_id: String,
}

/// What `action` authenticates with, under a key that can.
pub(super) fn authenticator(key: &Key, action: &'static str, algorithm: &str) -> Result<hmac::Key> {
    key.check_enabled()?;
    key.check_use(KeyUsage::GenerateVerifyMac, action, Some(algorithm))?;
    let (_, material) = key.current().ok_or(Error::Internal)?;
    let algorithm = key.spec.mac().ok_or(Error::Internal)?;
    Ok(hmac::Key::new(algorithm, material.bytes()))
}

impl Action<Kms> for GenerateMac {
    const NAME: &'static str = "GenerateMac";
    const INPUT: Structure = Structure::new(
        "GenerateMacRequest",
        &[
            shape::MESSAGE.member("Message").required(),
            shape::KEY_ID.member("KeyId").required(),
            shape::MAC_ALGORITHM.member("MacAlgorithm").required(),
            shape::GRANT_TOKENS.member("GrantTokens"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let key = service.find(&call.world, &input.key_id)?;
        let mac = hmac::sign(&authenticator(&key, Self::NAME, &input.mac_algorithm)?, &input.message.0);
        if input.dry_run == Some(true) {
            return Err(Error::DryRun);
        }
        let mac = Blob(mac.as_ref().to_vec().into());
        Ok(Output { mac, mac_algorithm: input.mac_algorithm, key_id: key.arn() })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn a_code_is_good_for_its_message_and_key_only() {
        let mut fixture = Fixture::new();
        for (bits, length) in [(224, 28), (256, 32), (384, 48), (512, 64)] {
            let (spec, algorithm) = (format!("HMAC_{bits}"), format!("HMAC_SHA_{bits}"));
            let input = json!({"KeySpec": spec, "KeyUsage": "GENERATE_VERIFY_MAC"});
            let key = fixture.ok("CreateKey", input.clone()).await["KeyMetadata"]["KeyId"].clone();
            let other = fixture.ok("CreateKey", input).await["KeyMetadata"]["KeyId"].clone();
            let of = |key: &serde_json::Value, message: &str| json!({"KeyId": key, "Message": message, "MacAlgorithm": algorithm});
            let made = fixture.ok("GenerateMac", of(&key, "AAAA")).await;
            assert_eq!(STANDARD.decode(made["Mac"].as_str().unwrap()).unwrap().len(), length);
            fixture.restart();
            let check = |key: &serde_json::Value, message: &str| {
                let mut input = of(key, message);
                input["Mac"] = made["Mac"].clone();
                input
            };
            let good = fixture.ok("VerifyMac", check(&key, "AAAA")).await;
            let expected = json!({"KeyId": made["KeyId"], "MacValid": true, "MacAlgorithm": algorithm});
            assert_eq!(good, expected);
            for input in [check(&key, "AAAB"), check(&other, "AAAA")] {
                fixture.refused("VerifyMac", input, "KMSInvalidMacException: ").await;
            }
        }
    }

    #[tokio::test]
    async fn who_does_not_authenticate() {
        let fixture = Fixture::new();
        let (key, arn) = fixture.key().await;
        let input = json!({"KeyId": key, "Message": "AAAA", "MacAlgorithm": "HMAC_SHA_256"});
        let words =
            format!("InvalidKeyUsageException: {arn} key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac.");
        fixture.refused("GenerateMac", input, &words).await;
        let input = json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"});
        let key = fixture.ok("CreateKey", input).await["KeyMetadata"]["KeyId"].clone();
        let input = json!({"KeyId": key, "Message": "AAAA", "MacAlgorithm": "HMAC_SHA_512"});
        let words = "InvalidKeyUsageException: Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256.";
        fixture.refused("GenerateMac", input, words).await;
    }
}
