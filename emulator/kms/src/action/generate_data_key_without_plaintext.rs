//! GenerateDataKeyWithoutPlaintext: a data key for later, encrypted only.

use aws_wire::{Action, Blob, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::action::generate_data_key::{fresh, length};
use crate::ciphertext::EncryptionContext;
use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;

pub(super) struct GenerateDataKeyWithoutPlaintext;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    encryption_context: Option<EncryptionContext>,
    number_of_bytes: Option<usize>,
    key_spec: Option<String>,
    dry_run: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    ciphertext_blob: Blob,
    key_id: String,
    key_material_id: Option<String>,
}

impl Action<Kms> for GenerateDataKeyWithoutPlaintext {
    const NAME: &'static str = "GenerateDataKeyWithoutPlaintext";
    const INPUT: Structure = Structure::new(
        "GenerateDataKeyWithoutPlaintextRequest",
        &[
            shape::KEY_ID.member("KeyId").required(),
            shape::CONTEXT.member("EncryptionContext"),
            shape::NUMBER_OF_BYTES.member("NumberOfBytes"),
            shape::DATA_KEY_SPEC.member("KeySpec"),
            shape::GRANT_TOKENS.member("GrantTokens"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
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
            key_id: key.arn(),
            key_material_id: key.current().map(|(_, material)| material.id.clone()),
        })
    }
}
