//! UpdateStreamRecordDistributionStrategy: whether keys decide an on-demand stream's shards, or the stream itself.
//!
//! The change takes effect at once, for records put from now on; provisioned streams know keys only.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::service::Kinesis;
use crate::shape;
use crate::stream::{Mode, RecordDistribution};

pub(super) struct UpdateStreamRecordDistributionStrategy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    record_distribution_strategy: RecordDistribution,
}

impl Action<Kinesis> for UpdateStreamRecordDistributionStrategy {
    const NAME: &'static str = "UpdateStreamRecordDistributionStrategy";
    const INPUT: Structure = Structure::new(
        "UpdateStreamRecordDistributionStrategyInput",
        &[
            shape::STREAM_ARN.member("StreamARN").required(),
            shape::STREAM_ID.member("StreamId"),
            shape::RECORD_DISTRIBUTION_STRATEGY.member("RecordDistributionStrategy").required(),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let stream = service.stream(call, Self::NAME, None, Some(&input.stream_arn)).await?;
        let wanted = input.record_distribution_strategy;
        service
            .catalog
            .change(&stream, |state, _| {
                if wanted == RecordDistribution::Auto && state.settings.mode == Mode::Provisioned {
                    return Err(Error::DistributionProvisioned);
                }
                state.settings.distribution = wanted;
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    const ARN: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";

    fn to(strategy: &str) -> Value {
        json!({"StreamARN": ARN, "RecordDistributionStrategy": strategy})
    }

    async fn told(fixture: &Fixture) -> Value {
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        summary["StreamDescriptionSummary"]["RecordDistributionStrategy"].clone()
    }

    #[tokio::test]
    async fn takes_effect_at_once_and_is_told_for_on_demand_streams() {
        let mut fixture = Fixture::new().await;
        let mode = json!({"StreamMode": "ON_DEMAND"});
        fixture.ok("CreateStream", json!({"StreamName": "s", "StreamModeDetails": mode})).await;
        let creating =
            "ResourceInUseException: Stream s under account 000000000000 not ACTIVE, instead in state CREATING";
        fixture.refused("UpdateStreamRecordDistributionStrategy", to("AUTO"), creating).await;
        fixture.advance_secs(1).await;
        assert_eq!(told(&fixture).await, "USER_PARTITION_KEY");
        fixture.ok("UpdateStreamRecordDistributionStrategy", to("AUTO")).await;
        fixture.ok("UpdateStreamRecordDistributionStrategy", to("AUTO")).await;
        fixture.restart().await;
        assert_eq!(told(&fixture).await, "AUTO");
        // A provisioned stream has no strategy, and begins anew with keys when it is on-demand again.
        for mode in ["PROVISIONED", "ON_DEMAND"] {
            let details = json!({"StreamMode": mode});
            fixture.ok("UpdateStreamMode", json!({"StreamARN": ARN, "StreamModeDetails": details})).await;
            fixture.advance_secs(1).await;
            let expected = if mode == "ON_DEMAND" { json!("USER_PARTITION_KEY") } else { Value::Null };
            assert_eq!(told(&fixture).await, expected);
        }
    }

    #[tokio::test]
    async fn provisioned_streams_go_by_keys() {
        let fixture = Fixture::new().await;
        let unknown = "ResourceNotFoundException: Stream s under account 000000000000 not found.";
        fixture.refused("UpdateStreamRecordDistributionStrategy", to("AUTO"), unknown).await;
        let words = "InvalidArgumentException: RecordDistributionStrategy AUTO is only supported for a stream in \
                     ON_DEMAND mode.";
        let create = json!({"StreamName": "s", "ShardCount": 1, "RecordDistributionStrategy": "AUTO"});
        fixture.refused("CreateStream", create, words).await;
        fixture.stream("s", 1).await;
        fixture.refused("UpdateStreamRecordDistributionStrategy", to("AUTO"), words).await;
        fixture.ok("UpdateStreamRecordDistributionStrategy", to("USER_PARTITION_KEY")).await;
        assert_eq!(told(&fixture).await, Value::Null);
    }
}
