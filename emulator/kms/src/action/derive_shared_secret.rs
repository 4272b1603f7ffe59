//! DeriveSharedSecret: what two pairs agree on. Checked, and then told what is missing: nothing here agrees.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kms;
use crate::shape;
use crate::spec::KeyUsage;

pub(super) struct DeriveSharedSecret;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    key_agreement_algorithm: String,
}

impl Action<Kms> for DeriveSharedSecret {
    const NAME: &'static str = "DeriveSharedSecret";
    const INPUT: Structure = Structure::new(
        "DeriveSharedSecretRequest",
        &[
            shape::KEY_ID.member("KeyId").required(),
            shape::KEY_AGREEMENT_ALGORITHM.member("KeyAgreementAlgorithm").required(),
            Shape::blob().length(1, 8192).member("PublicKey").required(),
            shape::GRANT_TOKENS.member("GrantTokens"),
            Shape::boolean().member("DryRun"),
            shape::RECIPIENT.member("Recipient"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        let key = service.find(&call.world, &input.key_id)?;
        Err(key.refusal(KeyUsage::KeyAgreement, Self::NAME, &input.key_agreement_algorithm))
    }
}
