//! Encrypt: up to 4 KiB under a key, bound to an encryption context.

use aws_wire::{Action, Blob, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::ciphertext::EncryptionContext;
use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;
use crate::spec::SYMMETRIC;

pub(super) struct Encrypt;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    plaintext: Blob,
    encryption_context: Option<EncryptionContext>,
    encryption_algorithm: Option<String>,
    dry_run: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    ciphertext_blob: Blob,
    key_id: String,
    encryption_algorithm: &'static str,
}

impl Action<Kms> for Encrypt {
    const NAME: &'static str = "Encrypt";
    const INPUT: Structure = Structure::new(
        "EncryptRequest",
        &[
            shape::KEY_ID.member("KeyId").required(),
            Shape::blob().length(1, 4096).member("Plaintext").required(),
            shape::CONTEXT.member("EncryptionContext"),
            shape::GRANT_TOKENS.member("GrantTokens"),
            shape::ALGORITHM.member("EncryptionAlgorithm"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let (world, algorithm) = (&call.world, input.encryption_algorithm.as_deref());
        let context = input.encryption_context.unwrap_or_default();
        let (key, ciphertext) =
            service.encrypt(world, Self::NAME, &input.key_id, algorithm, &input.plaintext.0, &context)?;
        if input.dry_run == Some(true) {
            return Err(Error::DryRun);
        }
        Ok(Output { ciphertext_blob: Blob(ciphertext.into()), key_id: key.arn(), encryption_algorithm: SYMMETRIC })
    }
}
