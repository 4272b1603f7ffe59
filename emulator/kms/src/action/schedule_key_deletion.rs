//! ScheduleKeyDeletion: a key can do nothing from now on, and after 7 to 30 days it is gone, and all it encrypted with it.
//!
//! The service model allows windows from 1 to 365 days; the service does not.

use aws_wire::{Action, Call, EpochSeconds, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::key::{DAY, State};
use crate::service::Kms;
use crate::shape;

pub(super) struct ScheduleKeyDeletion;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    pending_window_in_days: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    key_id: String,
    deletion_date: EpochSeconds,
    key_state: &'static str,
    pending_window_in_days: u32,
}

impl Action<Kms> for ScheduleKeyDeletion {
    const NAME: &'static str = "ScheduleKeyDeletion";
    const INPUT: Structure = Structure::new(
        "ScheduleKeyDeletionRequest",
        &[shape::KEY_ID.member("KeyId").required(), Shape::integer().range(7, 30).member("PendingWindowInDays")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let days = input.pending_window_in_days.unwrap_or(30);
        let at = EpochSeconds(service.now() + DAY * days);
        let key = service.change(call, Self::NAME, &input.key_id, |key, _| {
            key.check_not_pending()?;
            key.state = State::PendingDeletion { at };
            Ok(())
        })?;
        Ok(Output { key_id: key.arn(), deletion_date: at, key_state: "PendingDeletion", pending_window_in_days: days })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn a_key_goes_when_its_days_are_over() {
        let mut fixture = Fixture::new();
        let (key, arn) = fixture.key().await;
        fixture.ok("CreateAlias", json!({"AliasName": "alias/mine", "TargetKeyId": key})).await;
        fixture.ok("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await;
        let pending = format!("KMSInvalidStateException: {arn} is pending deletion.");
        for action in ["EnableKey", "DisableKey", "ScheduleKeyDeletion"] {
            fixture.refused(action, json!({"KeyId": key}), &pending).await;
        }
        fixture.refused("Encrypt", json!({"KeyId": key, "Plaintext": "AAAA"}), &pending).await;
        fixture.ok("CancelKeyDeletion", json!({"KeyId": key})).await;
        let metadata = &fixture.ok("DescribeKey", json!({"KeyId": key})).await["KeyMetadata"];
        assert_eq!(metadata["KeyState"], "Disabled");
        fixture.ok("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await;
        fixture.env.clock.advance(Duration::from_secs(7 * 86_400));
        let gone = format!("NotFoundException: Key '{arn}' does not exist");
        let alias = "NotFoundException: Alias arn:aws:kms:us-east-1:000000000000:alias/mine is not found.";
        for _ in 0..2 {
            fixture.refused("DescribeKey", json!({"KeyId": key}), &gone).await;
            fixture.refused("DescribeKey", json!({"KeyId": "alias/mine"}), alias).await;
            fixture.restart();
        }
    }

    #[tokio::test]
    async fn the_window_is_seven_to_thirty_days() {
        let fixture = Fixture::new();
        let (key, _) = fixture.key().await;
        let words = "ValidationException: 1 validation error detected: Value '6' at 'pendingWindowInDays' failed to satisfy \
                     constraint: Member must have value greater than or equal to 7";
        fixture.refused("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 6}), words).await;
    }
}
