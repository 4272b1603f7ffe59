//! Verify: whether a signature is that of a message. Checked, and then told what is missing: nothing here signs.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kms;
use crate::shape;
use crate::spec::KeyUsage;

pub(super) struct Verify;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    signing_algorithm: String,
}

impl Action<Kms> for Verify {
    const NAME: &'static str = "Verify";
    const INPUT: Structure = Structure::new(
        "VerifyRequest",
        &[
            shape::KEY_ID.member("KeyId").required(),
            shape::MESSAGE.member("Message").required(),
            shape::MESSAGE_TYPE.member("MessageType"),
            shape::CIPHERTEXT.member("Signature").required(),
            shape::SIGNING_ALGORITHM.member("SigningAlgorithm").required(),
            shape::GRANT_TOKENS.member("GrantTokens"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        let key = service.find(&call.world, &input.key_id)?;
        Err(key.refusal(KeyUsage::SignVerify, Self::NAME, &input.signing_algorithm))
    }
}
