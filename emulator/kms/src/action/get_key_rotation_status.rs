//! GetKeyRotationStatus: whether a key gets new material by itself, and when next.

use aws_wire::{Action, Call, EpochSeconds, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::service::Kms;
use crate::shape;

pub(super) struct GetKeyRotationStatus;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    key_id: String,
    key_rotation_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation_period_in_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_rotation_date: Option<EpochSeconds>,
}

impl Action<Kms> for GetKeyRotationStatus {
    const NAME: &'static str = "GetKeyRotationStatus";
    const INPUT: Structure = Structure::new("GetKeyRotationStatusRequest", &[shape::KEY_ID.member("KeyId").required()]);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let key = service.find(&call.world, &input.key_id)?;
        // One that is to be deleted is not rotated any more.
        let rotation = key.rotation.filter(|_| key.check_not_pending().is_ok());
        Ok(Output {
            key_id: key.arn(),
            key_rotation_enabled: rotation.is_some(),
            rotation_period_in_days: rotation.map(|rotation| rotation.days),
            next_rotation_date: rotation.map(|rotation| rotation.next),
        })
    }
}
