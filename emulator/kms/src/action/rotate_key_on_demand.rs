//! RotateKeyOnDemand: gives a key new material now, up to 25 times. What it encrypted before stays readable.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::key::Occasion;
use crate::service::Kms;
use crate::shape;

pub(super) struct RotateKeyOnDemand;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

/// How often a key can be rotated so.
const LIMIT: usize = 25;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    key_id: String,
}

impl Action<Kms> for RotateKeyOnDemand {
    const NAME: &'static str = "RotateKeyOnDemand";
    const INPUT: Structure = Structure::new("RotateKeyOnDemandRequest", &[shape::KEY_ID.member("KeyId").required()]);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let key = service.change(call, Self::NAME, &input.key_id, |key, now| {
            key.check_enabled()?;
            key.check_rotates()?;
            if key.rotated_on_demand >= LIMIT {
                return Err(Error::RotationLimit { limit: LIMIT });
            }
            key.rotated_on_demand += 1;
            key.rotate(Occasion::OnDemand, now, service.random());
            Ok(())
        })?;
        Ok(Output { key_id: key.arn() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn the_material_is_another_and_the_number_of_times_limited() {
        let fixture = Fixture::new();
        let (key, _) = fixture.key().await;
        let material = async || {
            fixture.ok("DescribeKey", json!({"KeyId": key})).await["KeyMetadata"]["CurrentKeyMaterialId"].clone()
        };
        let before = material().await;
        for _ in 0..25 {
            fixture.ok("RotateKeyOnDemand", json!({"KeyId": key})).await;
        }
        assert_ne!(before, material().await);
        let words = "LimitExceededException: A key is rotated on demand at most 25 times";
        fixture.refused("RotateKeyOnDemand", json!({"KeyId": key}), words).await;
    }
}
