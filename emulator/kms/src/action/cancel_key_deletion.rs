//! CancelKeyDeletion: keeps a key that was to be deleted. It is disabled afterwards.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::key::State;
use crate::service::Kms;
use crate::shape;

pub(super) struct CancelKeyDeletion;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    key_id: String,
}

impl Action<Kms> for CancelKeyDeletion {
    const NAME: &'static str = "CancelKeyDeletion";
    const INPUT: Structure = Structure::new("CancelKeyDeletionRequest", &[shape::KEY_ID.member("KeyId").required()]);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let key = service.change(call, Self::NAME, &input.key_id, |key, _| match key.state {
            State::PendingDeletion { .. } => {
                key.state = State::Disabled;
                Ok(())
            }
            State::Enabled | State::Disabled => Err(Error::NotPendingDeletion { arn: key.arn() }),
        })?;
        Ok(Output { key_id: key.arn() })
    }
}
