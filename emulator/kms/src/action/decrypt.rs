//! Decrypt: the plaintext of what a key of this region encrypted, in the same encryption context. The key is found by the
//! ciphertext; who names one as well means that no other will do.

use aws_wire::{Action, Blob, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::ciphertext::{Ciphertext, EncryptionContext};
use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;
use crate::spec::{KeySpec, SYMMETRIC};

pub(super) struct Decrypt;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    ciphertext_blob: Blob,
    encryption_context: Option<EncryptionContext>,
    key_id: Option<String>,
    encryption_algorithm: Option<String>,
    recipient: Option<serde_json::Value>,
    dry_run: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    key_id: String,
    plaintext: Blob,
    encryption_algorithm: &'static str,
    key_material_id: String,
}

impl Action<Kms> for Decrypt {
    const NAME: &'static str = "Decrypt";
    const INPUT: Structure = Structure::new(
        "DecryptRequest",
        &[
            shape::CIPHERTEXT.member("CiphertextBlob").required(),
            shape::CONTEXT.member("EncryptionContext"),
            shape::GRANT_TOKENS.member("GrantTokens"),
            shape::KEY_ID.member("KeyId"),
            shape::ALGORITHM.member("EncryptionAlgorithm"),
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
        let algorithm = input.encryption_algorithm.as_deref();
        let named = input.key_id.map(|name| service.find(&call.world, &name)).transpose()?;
        // Nothing here is what another kind of key made.
        if let Some(named) = named.as_ref().filter(|named| named.spec != KeySpec::Symmetric) {
            named.check_enabled()?;
            named.check_encrypts(Self::NAME, algorithm)?;
        }
        let ciphertext = Ciphertext::parse(&input.ciphertext_blob.0).ok_or(Error::CiphertextInvalid)?;
        if named.is_some_and(|named| named.id != ciphertext.key_id()) {
            return Err(Error::CiphertextOfOtherKey);
        }
        let key = service.key_of(&call.world, &ciphertext)?;
        key.check_encrypts(Self::NAME, algorithm)?;
        let (plaintext, material) = ciphertext.decrypt(&key, &input.encryption_context.unwrap_or_default())?;
        if input.dry_run == Some(true) {
            return Err(Error::DryRun);
        }
        Ok(Output {
            key_id: key.arn(),
            plaintext: Blob(plaintext.into()),
            encryption_algorithm: SYMMETRIC,
            key_material_id: material.id.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn decrypts_in_the_same_context_only() {
        let fixture = Fixture::new();
        let (key, arn) = fixture.key().await;
        let (other, _) = fixture.key().await;
        let input = json!({"KeyId": key, "Plaintext": "c2VjcmV0", "EncryptionContext": {"a": "b"}});
        let blob = fixture.ok("Encrypt", input).await["CiphertextBlob"].clone();
        let input = json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}});
        let answer = fixture.ok("Decrypt", input.clone()).await;
        assert_eq!((&answer["Plaintext"], &answer["KeyId"]), (&json!("c2VjcmV0"), &json!(arn)));
        let with = |member: &str, value: serde_json::Value| {
            let mut input = input.clone();
            input[member] = value;
            input
        };
        fixture.ok("Decrypt", with("KeyId", json!(key))).await;
        let invalid = "InvalidCiphertextException: ";
        fixture.refused("Decrypt", with("EncryptionContext", json!({"a": "c"})), invalid).await;
        fixture.refused("Decrypt", with("EncryptionContext", json!({})), invalid).await;
        fixture.refused("Decrypt", with("CiphertextBlob", json!("AAAA")), invalid).await;
        let incorrect =
            "IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.";
        fixture.refused("Decrypt", with("KeyId", json!(other)), incorrect).await;
        let dry = "DryRunOperationException: The request would have succeeded, but the DryRun option is set.";
        fixture.refused("Decrypt", with("DryRun", json!(true)), dry).await;
    }
}
