//! EnableKey: lets a key be used again.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::key::State;
use crate::service::Kms;
use crate::shape;

pub(super) struct EnableKey;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

impl Action<Kms> for EnableKey {
    const NAME: &'static str = "EnableKey";
    const INPUT: Structure = Structure::new("EnableKeyRequest", &[shape::KEY_ID.member("KeyId").required()]);
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        service
            .change(call, Self::NAME, &input.key_id, |key, _| {
                key.check_not_pending()?;
                key.state = State::Enabled;
                Ok(())
            })
            .map(drop)
    }
}
