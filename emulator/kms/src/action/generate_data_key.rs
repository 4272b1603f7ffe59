//! GenerateDataKey: fresh random bytes, in the clear to encrypt with and encrypted to keep.

use aws_wire::{Action, Blob, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::ciphertext::EncryptionContext;
use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;

pub(super) struct GenerateDataKey;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    encryption_context: Option<EncryptionContext>,
    number_of_bytes: Option<usize>,
    key_spec: Option<String>,
    dry_run: Option<bool>,
    recipient: Option<serde_json::Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    ciphertext_blob: Blob,
    pub(super) plaintext: Blob,
    key_id: String,
    key_material_id: Option<String>,
}

/// The bytes of a data key that is asked for by a number or by a name.
pub(super) fn length(number_of_bytes: Option<usize>, key_spec: Option<&str>) -> Result<usize> {
    match (number_of_bytes, key_spec) {
        (Some(bytes), None) => Ok(bytes),
        (None, Some("AES_128")) => Ok(16),
        // The other one that there is: AES_256.
        (None, Some(_)) => Ok(32),
        (Some(_), Some(_)) | (None, None) => Err(Error::DataKeySize),
    }
}

/// So many random bytes.
pub(super) fn fresh(service: &Kms, length: usize) -> Vec<u8> {
    std::iter::repeat_with(|| service.random().bytes::<32>()).flatten().take(length).collect()
}

impl Action<Kms> for GenerateDataKey {
    const NAME: &'static str = "GenerateDataKey";
    const INPUT: Structure = Structure::new(
        "GenerateDataKeyRequest",
        &[
            shape::KEY_ID.member("KeyId").required(),
            shape::CONTEXT.member("EncryptionContext"),
            shape::NUMBER_OF_BYTES.member("NumberOfBytes"),
            shape::DATA_KEY_SPEC.member("KeySpec"),
            shape::GRANT_TOKENS.member("GrantTokens"),
            shape::RECIPIENT.member("Recipient"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        if input.recipient.is_some() {
            return Err(Error::Unsupported { what: "enclaves" });
        }
        let length = length(input.number_of_bytes, input.key_spec.as_deref())?;
        let plaintext = fresh(service, length);
        let context = input.encryption_context.unwrap_or_default();
        let (key, ciphertext) =
            service.encrypt_data_key(&call.world, Self::NAME, &input.key_id, &plaintext, &context)?;
        if input.dry_run == Some(true) {
            return Err(Error::DryRun);
        }
        Ok(Output {
            ciphertext_blob: Blob(ciphertext.into()),
            plaintext: Blob(plaintext.into()),
            key_id: key.arn(),
            key_material_id: key.current().map(|(_, material)| material.id.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn a_data_key_has_the_length_asked_for_and_comes_back() {
        let fixture = Fixture::new();
        let (key, _) = fixture.key().await;
        for (member, value, length) in
            [("KeySpec", json!("AES_256"), 32), ("KeySpec", json!("AES_128"), 16), ("NumberOfBytes", json!(100), 100)]
        {
            let made = fixture.ok("GenerateDataKey", json!({"KeyId": key, member: value})).await;
            assert_eq!(STANDARD.decode(made["Plaintext"].as_str().unwrap()).unwrap().len(), length);
            let opened = fixture.ok("Decrypt", json!({"CiphertextBlob": made["CiphertextBlob"]})).await;
            assert_eq!(opened["Plaintext"], made["Plaintext"]);
        }
        let words = "ValidationException: Please specify either number of bytes or key spec.";
        fixture.refused("GenerateDataKey", json!({"KeyId": key}), words).await;
        let without = json!({"KeyId": key, "KeySpec": "AES_256"});
        let made = fixture.ok("GenerateDataKeyWithoutPlaintext", without).await;
        assert!(made.get("Plaintext").is_none() && made["CiphertextBlob"].is_string());
    }
}
