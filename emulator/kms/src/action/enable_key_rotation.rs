//! EnableKeyRotation: gives a key new material every year, or every so many days.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::key::{ROTATION_DAYS, Rotation};
use crate::service::Kms;
use crate::shape;

pub(super) struct EnableKeyRotation;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    rotation_period_in_days: Option<u32>,
}

impl Action<Kms> for EnableKeyRotation {
    const NAME: &'static str = "EnableKeyRotation";
    const INPUT: Structure = Structure::new(
        "EnableKeyRotationRequest",
        &[shape::KEY_ID.member("KeyId").required(), Shape::integer().range(90, 2560).member("RotationPeriodInDays")],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        service
            .change(call, Self::NAME, &input.key_id, |key, now| {
                key.check_enabled()?;
                key.check_rotates()?;
                let days = input.rotation_period_in_days.unwrap_or(ROTATION_DAYS);
                // Who says the same again does not put the next one off.
                if key.rotation.is_none_or(|rotation| rotation.days != days) {
                    key.rotation = Some(Rotation::every(days, now));
                }
                Ok(())
            })
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn a_key_is_rotated_when_its_days_are_over_and_opens_what_it_made_before() {
        let mut fixture = Fixture::new();
        let (key, _) = fixture.key().await;
        fixture.ok("EnableKeyRotation", json!({"KeyId": key, "RotationPeriodInDays": 90})).await;
        let status = fixture.ok("GetKeyRotationStatus", json!({"KeyId": key})).await;
        assert_eq!((&status["KeyRotationEnabled"], &status["RotationPeriodInDays"]), (&json!(true), &json!(90)));
        let generate = json!({"KeyId": key, "KeySpec": "AES_256"});
        let first = fixture.ok("GenerateDataKey", generate.clone()).await;
        fixture.env.clock.advance(Duration::from_secs(90 * 86_400));
        let second = fixture.ok("GenerateDataKey", generate).await;
        assert_ne!(first["KeyMaterialId"], second["KeyMaterialId"]);
        fixture.restart();
        for made in [first, second] {
            let opened = fixture.ok("Decrypt", json!({"CiphertextBlob": made["CiphertextBlob"]})).await;
            assert_eq!((&opened["Plaintext"], &opened["KeyMaterialId"]), (&made["Plaintext"], &made["KeyMaterialId"]));
        }
        fixture.ok("DisableKeyRotation", json!({"KeyId": key})).await;
        let status = fixture.ok("GetKeyRotationStatus", json!({"KeyId": key})).await;
        assert_eq!(status["KeyRotationEnabled"], false);
    }
}
