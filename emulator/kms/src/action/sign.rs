//! Sign: a signature of a message. Checked, and then told what is missing: nothing here signs.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kms;
use crate::shape;
use crate::spec::KeyUsage;

pub(super) struct Sign;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    signing_algorithm: String,
}

impl Action<Kms> for Sign {
    const NAME: &'static str = "Sign";
    const INPUT: Structure = Structure::new(
        "SignRequest",
        &[
            shape::KEY_ID.member("KeyId").required(),
            shape::MESSAGE.member("Message").required(),
            shape::MESSAGE_TYPE.member("MessageType"),
            shape::GRANT_TOKENS.member("GrantTokens"),
            shape::SIGNING_ALGORITHM.member("SigningAlgorithm").required(),
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
