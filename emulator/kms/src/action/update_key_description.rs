//! UpdateKeyDescription: another description for a key.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kms;
use crate::shape;

pub(super) struct UpdateKeyDescription;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    description: String,
}

impl Action<Kms> for UpdateKeyDescription {
    const NAME: &'static str = "UpdateKeyDescription";
    const INPUT: Structure = Structure::new(
        "UpdateKeyDescriptionRequest",
        &[shape::KEY_ID.member("KeyId").required(), shape::DESCRIPTION.member("Description").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        service
            .change(call, Self::NAME, &input.key_id, |key, _| {
                key.check_not_pending()?;
                key.description = input.description;
                Ok(())
            })
            .map(drop)
    }
}
