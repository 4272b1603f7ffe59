//! Encrypt: up to 4 KiB under a key, bound to an encryption context.

use aws_wire::{Action, Blob, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::ciphertext::EncryptionContext;
use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;

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

/// The algorithm of symmetric keys, and so of all keys here.
pub(super) const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";

/// Fails if another algorithm is asked for than keys here have.
pub(super) fn check_algorithm(algorithm: Option<&str>) -> Result<()> {
    match algorithm {
        None | Some(SYMMETRIC) => Ok(()),
        Some(_) => Err(Error::Unsupported { what: "keys that are not symmetric" }),
    }
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
        check_algorithm(input.encryption_algorithm.as_deref())?;
        let context = input.encryption_context.unwrap_or_default();
        let (key, ciphertext) = service.encrypt(&call.world, &input.key_id, &input.plaintext.0, &context)?;
        if input.dry_run == Some(true) {
            return Err(Error::DryRun);
        }
        Ok(Output { ciphertext_blob: Blob(ciphertext.into()), key_id: key.arn(), encryption_algorithm: SYMMETRIC })
    }
}
