//! DecreaseStreamRetentionPeriod: keeps records less long, at least 24 hours. What is older is not readable from now on.
//!
//! The present value is accepted and changes nothing: Terraform sends it.

use aws_wire::{Action, Call, Structure};

use crate::error::{Error, Result};
use crate::service::Kinesis;

use super::retention_period::{INPUT_MEMBERS, Input};

pub(super) struct DecreaseStreamRetentionPeriod;

impl Action<Kinesis> for DecreaseStreamRetentionPeriod {
    const NAME: &'static str = "DecreaseStreamRetentionPeriod";
    const INPUT: Structure = Structure::new("DecreaseStreamRetentionPeriodInput", INPUT_MEMBERS);
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let (stream, hours) = input.check(service, call, Self::NAME).await?;
        service
            .catalog
            .change(&stream, |state, now| {
                let current = state.settings.retention_hours;
                if hours > current {
                    return Err(Error::RetentionAboveCurrent { name: stream.name.to_string(), hours, current });
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
    async fn lowers_and_keeps_but_does_not_raise() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let hours = |hours: u32| json!({"StreamName": "s", "RetentionPeriodHours": hours});
        fixture.ok("IncreaseStreamRetentionPeriod", hours(72)).await;
        for same_or_less in [72, 48] {
            fixture.ok("DecreaseStreamRetentionPeriod", hours(same_or_less)).await;
        }
        let words = "InvalidArgumentException: Requested retention period (49 hours) for stream s can not be longer than \
                     existing retention period (48 hours). Use IncreaseRetentionPeriod API.";
        fixture.refused("DecreaseStreamRetentionPeriod", hours(49), words).await;
    }
}
