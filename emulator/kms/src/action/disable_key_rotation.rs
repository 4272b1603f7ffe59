//! DisableKeyRotation: a key keeps its material from now on.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kms;
use crate::shape;

pub(super) struct DisableKeyRotation;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

impl Action<Kms> for DisableKeyRotation {
    const NAME: &'static str = "DisableKeyRotation";
    const INPUT: Structure = Structure::new("DisableKeyRotationRequest", &[shape::KEY_ID.member("KeyId").required()]);
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        service
            .change(call, Self::NAME, &input.key_id, |key, _| {
                key.check_enabled()?;
                key.check_rotates()?;
                key.rotation = None;
                Ok(())
            })
            .map(drop)
    }
}
