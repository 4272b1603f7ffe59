//! DescribeAccountSettings: whether the account committed to a minimum throughput. Nobody can commit here yet, so none
//! has.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::service::Kinesis;

pub(super) struct DescribeAccountSettings;

#[derive(Deserialize)]
pub(super) struct Input {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    minimum_throughput_billing_commitment: Commitment,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Commitment {
    status: &'static str,
}

impl Action<Kinesis> for DescribeAccountSettings {
    const NAME: &'static str = "DescribeAccountSettings";
    const INPUT: Structure = Structure::new("DescribeAccountSettingsInput", &[]);
    type Input = Input;
    type Output = Output;

    async fn run(_: &Kinesis, _: &Call, Input {}: Input) -> Result<Output> {
        Ok(Output { minimum_throughput_billing_commitment: Commitment { status: "DISABLED" } })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn nobody_is_committed() {
        let answer = Fixture::new().await.ok("DescribeAccountSettings", json!({})).await;
        assert_eq!(answer, json!({"MinimumThroughputBillingCommitment": {"Status": "DISABLED"}}));
    }
}
