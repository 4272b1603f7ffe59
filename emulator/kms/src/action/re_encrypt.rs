//! ReEncrypt: what one key encrypted, under another key or in another context, without showing the plaintext.

use aws_wire::{Action, Blob, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::ciphertext::{Ciphertext, EncryptionContext};
use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;
use crate::spec::{KeySpec, SYMMETRIC};

pub(super) struct ReEncrypt;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    ciphertext_blob: Blob,
    source_encryption_context: Option<EncryptionContext>,
    source_key_id: Option<String>,
    destination_key_id: String,
    destination_encryption_context: Option<EncryptionContext>,
    source_encryption_algorithm: Option<String>,
    destination_encryption_algorithm: Option<String>,
    dry_run: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    ciphertext_blob: Blob,
    source_key_id: String,
    key_id: String,
    source_encryption_algorithm: &'static str,
    destination_encryption_algorithm: &'static str,
}

impl Action<Kms> for ReEncrypt {
    const NAME: &'static str = "ReEncrypt";
    const INPUT: Structure = Structure::new(
        "ReEncryptRequest",
        &[
            shape::CIPHERTEXT.member("CiphertextBlob").required(),
            shape::CONTEXT.member("SourceEncryptionContext"),
            shape::KEY_ID.member("SourceKeyId"),
            shape::KEY_ID.member("DestinationKeyId").required(),
            shape::CONTEXT.member("DestinationEncryptionContext"),
            shape::ALGORITHM.member("SourceEncryptionAlgorithm"),
            shape::ALGORITHM.member("DestinationEncryptionAlgorithm"),
            shape::GRANT_TOKENS.member("GrantTokens"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let from = input.source_encryption_algorithm.as_deref();
        let to = input.destination_encryption_algorithm.as_deref();
        let named = input.source_key_id.map(|name| service.find(&call.world, &name)).transpose()?;
        // Nothing here is what another kind of key made.
        if let Some(named) = named.as_ref().filter(|named| named.spec != KeySpec::Symmetric) {
            named.check_enabled()?;
            named.check_encrypts(Self::NAME, from)?;
        }
        let ciphertext = Ciphertext::parse(&input.ciphertext_blob.0).ok_or(Error::CiphertextInvalid)?;
        if named.is_some_and(|named| named.id != ciphertext.key_id()) {
            return Err(Error::CiphertextOfOtherKey);
        }
        let source = service.key_of(&call.world, &ciphertext)?;
        source.check_encrypts(Self::NAME, from)?;
        let (plaintext, _) = ciphertext.decrypt(&source, &input.source_encryption_context.unwrap_or_default())?;
        let context = input.destination_encryption_context.unwrap_or_default();
        let (world, destination) = (&call.world, &input.destination_key_id);
        let (key, ciphertext) = service.encrypt(world, Self::NAME, destination, to, &plaintext, &context)?;
        if input.dry_run == Some(true) {
            return Err(Error::DryRun);
        }
        Ok(Output {
            ciphertext_blob: Blob(ciphertext.into()),
            source_key_id: source.arn(),
            key_id: key.arn(),
            source_encryption_algorithm: SYMMETRIC,
            destination_encryption_algorithm: SYMMETRIC,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn moves_to_another_key_and_context() {
        let fixture = Fixture::new();
        let ((from, from_arn), (to, to_arn)) = (fixture.key().await, fixture.key().await);
        let blob = fixture.ok("Encrypt", json!({"KeyId": from, "Plaintext": "AAAA"})).await["CiphertextBlob"].clone();
        let context = json!({"a": "b"});
        let input = json!({
            "CiphertextBlob": blob, "DestinationKeyId": to, "DestinationEncryptionContext": context,
        });
        let moved = fixture.ok("ReEncrypt", input).await;
        assert_eq!((&moved["SourceKeyId"], &moved["KeyId"]), (&json!(from_arn), &json!(to_arn)));
        let input = json!({"CiphertextBlob": moved["CiphertextBlob"], "EncryptionContext": context});
        assert_eq!(fixture.ok("Decrypt", input).await["Plaintext"], "AAAA");
    }
}
