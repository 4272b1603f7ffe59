//! GetPublicKey: the half of a pair that anybody may have. Checked, and then told what is missing: keys here have no pairs.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;

pub(super) struct GetPublicKey;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

impl Action<Kms> for GetPublicKey {
    const NAME: &'static str = "GetPublicKey";
    const INPUT: Structure = Structure::new(
        "GetPublicKeyRequest",
        &[shape::KEY_ID.member("KeyId").required(), shape::GRANT_TOKENS.member("GrantTokens")],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        let key = service.find(&call.world, &input.key_id)?;
        key.check_enabled()?;
        if !key.spec.is_asymmetric() {
            return Err(Error::SpecInvalid { arn: key.arn(), spec: key.spec.name() });
        }
        Err(key.without_cipher(Self::NAME))
    }
}
