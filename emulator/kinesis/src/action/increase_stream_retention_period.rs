//! IncreaseStreamRetentionPeriod: keeps records longer, up to 8,760 hours. What is past the present period does not come back.
//!
//! The present value is accepted and changes nothing: Terraform sends it.

use aws_wire::{Action, Call, Structure};

use crate::error::{Error, Result};
use crate::service::Kinesis;

use super::retention_period::{INPUT_MEMBERS, Input};

pub(super) struct IncreaseStreamRetentionPeriod;

impl Action<Kinesis> for IncreaseStreamRetentionPeriod {
    const NAME: &'static str = "IncreaseStreamRetentionPeriod";
    const INPUT: Structure = Structure::new("IncreaseStreamRetentionPeriodInput", INPUT_MEMBERS);
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let (stream, hours) = input.check(service, call, Self::NAME).await?;
        service
            .catalog
            .change(&stream, |state, now| {
                let current = state.settings.retention_hours;
                if hours < current {
                    return Err(Error::RetentionBelowCurrent { name: stream.name.to_string(), hours, current });
                }
                state.settings.set_retention(hours, now);
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn raises_and_keeps_but_does_not_lower() {
        let mut fixture = Fixture::new().await;
        let hours = |hours: i64| json!({"StreamName": "s", "RetentionPeriodHours": hours});
        let unknown = "ResourceNotFoundException: Stream s under account 000000000000 not found.";
        fixture.refused("IncreaseStreamRetentionPeriod", hours(24), unknown).await;
        fixture.ok("CreateStream", json!({"StreamName": "s", "ShardCount": 1})).await;
        let creating =
            "ResourceInUseException: Stream s under account 000000000000 not ACTIVE, instead in state CREATING";
        fixture.refused("IncreaseStreamRetentionPeriod", hours(24), creating).await;
        fixture.advance_secs(1).await;
        for same_or_more in [24, 48, 48] {
            fixture.ok("IncreaseStreamRetentionPeriod", hours(same_or_more)).await;
        }
        for (given, words) in [
            (23, "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short."),
            (
                8761,
                "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.",
            ),
            (-1, "Minimum allowed retention period is 24 hours. Requested retention period (-1 hours) is too short."),
            (
                47,
                "Requested retention period (47 hours) for stream s can not be shorter than existing retention period \
                 (48 hours). Use DecreaseRetentionPeriod API.",
            ),
        ] {
            let words = format!("InvalidArgumentException: {words}");
            fixture.refused("IncreaseStreamRetentionPeriod", hours(given), &words).await;
        }
        fixture.restart().await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        assert_eq!(summary["StreamDescriptionSummary"]["RetentionPeriodHours"], 48);
    }
}
