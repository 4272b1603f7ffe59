//! DescribeAccountSettings: whether the account committed to a minimum throughput in this region.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kinesis;

use super::account_settings::Output;

pub(super) struct DescribeAccountSettings;

#[derive(Deserialize)]
pub(super) struct Input {}

impl Action<Kinesis> for DescribeAccountSettings {
    const NAME: &'static str = "DescribeAccountSettings";
    const INPUT: Structure = Structure::new("DescribeAccountSettingsInput", &[]);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, Input {}: Input) -> Result<Output> {
        service.admit_call(call, Self::NAME, None)?;
        Ok(Output::of(service.accounts.commitment(&call.world), service.now()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn nobody_is_committed_at_first() {
        let answer = Fixture::new().await.ok("DescribeAccountSettings", json!({})).await;
        assert_eq!(answer, json!({"MinimumThroughputBillingCommitment": {"Status": "DISABLED"}}));
    }
}
