//! Decapsulate: the secret in a capsule. Checked, and then told what is missing: nothing here encapsulates.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kms;
use crate::shape;
use crate::spec::KeyUsage;

pub(super) struct Decapsulate;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    encapsulation_algorithm: String,
}

impl Action<Kms> for Decapsulate {
    const NAME: &'static str = "Decapsulate";
    const INPUT: Structure = Structure::new(
        "DecapsulateRequest",
        &[
            shape::KEY_ID.member("KeyId").required(),
            shape::CIPHERTEXT.member("SharedSecretCiphertextBlob").required(),
            shape::ENCAPSULATION_ALGORITHM.member("EncapsulationAlgorithm").required(),
            shape::GRANT_TOKENS.member("GrantTokens"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        let key = service.find(&call.world, &input.key_id)?;
        Err(key.refusal(KeyUsage::EncapsulateDecapsulate, Self::NAME, &input.encapsulation_algorithm))
    }
}
