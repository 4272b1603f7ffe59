//! UpdateAccountSettings: commits the account to a minimum throughput in this region, or ends that.
//!
//! A commitment lasts 24 hours at least: ended earlier, it is in force until then; enabled again, it goes on.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kinesis;

use super::account_settings::Output;

pub(super) struct UpdateAccountSettings;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    minimum_throughput_billing_commitment: Commitment,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Commitment {
    status: Status,
}

#[derive(PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Enabled,
    Disabled,
}

const COMMITMENT: Shape = Shape::structure(&Structure::new(
    "com.amazonaws.kinesis.v20131202.MinimumThroughputBillingCommitmentInput",
    &[Shape::string().one_of(&["ENABLED", "DISABLED"]).member("Status").required()],
));

impl Action<Kinesis> for UpdateAccountSettings {
    const NAME: &'static str = "UpdateAccountSettings";
    const INPUT: Structure = Structure::new(
        "UpdateAccountSettingsInput",
        &[COMMITMENT.member("MinimumThroughputBillingCommitment").required()],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        service.admit_call(call, Self::NAME, None)?;
        let enable = input.minimum_throughput_billing_commitment.status == Status::Enabled;
        let now = service.now();
        Ok(Output::of(service.accounts.commit(&call.world, enable, now)?, now))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    const DAY: u64 = 86_400;

    async fn set(fixture: &Fixture, status: &str) -> Value {
        let input = json!({"MinimumThroughputBillingCommitment": {"Status": status}});
        fixture.ok("UpdateAccountSettings", input).await["MinimumThroughputBillingCommitment"].clone()
    }

    #[tokio::test]
    async fn a_commitment_lasts_a_day_at_least_and_survives_a_restart() {
        let mut fixture = Fixture::new().await;
        assert_eq!(set(&fixture, "DISABLED").await, json!({"Status": "DISABLED"}));
        let (start, end) = (1_700_000_000.0, 1_700_086_400.0);
        let enabled = json!({"Status": "ENABLED", "StartedAt": start, "EarliestAllowedEndAt": end});
        assert_eq!(set(&fixture, "ENABLED").await, enabled);
        fixture.restart().await;
        fixture.advance_secs(10).await;
        assert_eq!(set(&fixture, "ENABLED").await, enabled);
        let ending = "ENABLED_UNTIL_EARLIEST_ALLOWED_END";
        let ending = json!({"Status": ending, "StartedAt": start, "EarliestAllowedEndAt": end});
        assert_eq!(set(&fixture, "DISABLED").await, ending);
        fixture.advance_secs(DAY).await;
        let described = fixture.ok("DescribeAccountSettings", json!({})).await;
        let over = json!({"Status": "DISABLED", "StartedAt": start, "EndedAt": end});
        assert_eq!(described["MinimumThroughputBillingCommitment"], over);
        assert_eq!(set(&fixture, "ENABLED").await["StartedAt"], json!(1_700_086_410.0));
    }

    #[tokio::test]
    async fn is_of_one_region() {
        let mut fixture = Fixture::new().await;
        set(&fixture, "ENABLED").await;
        fixture.world.region = "eu-west-1".into();
        let described = fixture.ok("DescribeAccountSettings", json!({})).await;
        assert_eq!(described["MinimumThroughputBillingCommitment"]["Status"], "DISABLED");
    }

    #[tokio::test]
    async fn knows_two_wishes() {
        let fixture = Fixture::new().await;
        let until = "ENABLED_UNTIL_EARLIEST_ALLOWED_END";
        let input = json!({"MinimumThroughputBillingCommitment": {"Status": until}});
        let words = format!(
            "ValidationException: 1 validation error detected: Value '{until}' at \
             'minimumThroughputBillingCommitment.status' failed to satisfy constraint: Member must satisfy enum value \
             set: [ENABLED, DISABLED]"
        );
        fixture.refused("UpdateAccountSettings", input, &words).await;
        let missing = "ValidationException: 1 validation error detected: Value null at \
                       'minimumThroughputBillingCommitment' failed to satisfy constraint: Member must not be null";
        fixture.refused("UpdateAccountSettings", json!({}), missing).await;
    }
}
