//! UpdateStreamWarmThroughput: the throughput that an on-demand stream is ready for whatever its traffic, a shard for each
//! MiB a second.
//!
//! The account has to be committed to a minimum throughput. A smaller value gives back what the traffic does not need.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::reshard::Reshard;
use crate::service::Kinesis;
use crate::stream::Phase;
use crate::{on_demand, shape};

use super::description::WarmThroughput;

pub(super) struct UpdateStreamWarmThroughput;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    stream_name: Option<String>,
    warm_throughput_mi_bps: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    stream_name: String,
    warm_throughput: WarmThroughput,
}

impl Action<Kinesis> for UpdateStreamWarmThroughput {
    const NAME: &'static str = "UpdateStreamWarmThroughput";
    const INPUT: Structure = Structure::new(
        "UpdateStreamWarmThroughputInput",
        &[
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_NAME.member("StreamName"),
            shape::STREAM_ID.member("StreamId"),
            shape::WARM_THROUGHPUT.member("WarmThroughputMiBps").required(),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let stream =
            service.stream(call, Self::NAME, input.stream_name.as_deref(), input.stream_arn.as_deref()).await?;
        let wanted = input.warm_throughput_mi_bps;
        let delay = service.config().lifecycle_delay;
        service
            .catalog
            .change(&stream, |state, now| {
                super::check_warm_throughput(service, &call.world, state.settings.mode, wanted)?;
                let before = super::open_shards(state);
                state.settings.warm_throughput = Some(wanted);
                let target = on_demand::capacity(&state.settings, now);
                if target == before {
                    state.settings.phase = Phase::Updated(now + delay);
                } else {
                    super::begin_reshard(state, Reshard::Scale { target }, now + delay);
                }
                Ok(Output {
                    stream_arn: stream.arn(),
                    stream_name: stream.name.to_string(),
                    warm_throughput: WarmThroughput { target_mi_bps: wanted, current_mi_bps: before },
                })
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    const UNAVAILABLE: &str = "ValidationException: WarmThroughputMiBps needs a stream in ON_DEMAND mode and an account \
                               with a minimum throughput billing commitment.";

    fn to(warm: u32) -> Value {
        json!({"StreamName": "s", "WarmThroughputMiBps": warm})
    }

    async fn committed() -> Fixture {
        let fixture = Fixture::limited().await;
        let input = json!({"MinimumThroughputBillingCommitment": {"Status": "ENABLED"}});
        fixture.ok("UpdateAccountSettings", input).await;
        fixture
    }

    async fn summary(fixture: &Fixture) -> Value {
        fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await["StreamDescriptionSummary"].clone()
    }

    #[tokio::test]
    async fn scales_up_before_the_traffic_and_down_again() {
        let mut fixture = committed().await;
        let mode = json!({"StreamMode": "ON_DEMAND"});
        let create = json!({"StreamName": "s", "StreamModeDetails": mode, "WarmThroughputMiBps": 6});
        fixture.ok("CreateStream", create).await;
        fixture.advance_secs(1).await;
        assert_eq!(summary(&fixture).await["OpenShardCount"], 6);
        assert_eq!(
            fixture.ok("UpdateStreamWarmThroughput", to(20)).await,
            json!({
                "StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
                "StreamName": "s",
                "WarmThroughput": {"TargetMiBps": 20, "CurrentMiBps": 6},
            })
        );
        let updating = summary(&fixture).await;
        assert_eq!(updating["StreamStatus"], "UPDATING");
        assert_eq!(updating["WarmThroughput"], json!({"TargetMiBps": 20, "CurrentMiBps": 6}));
        let busy = "ResourceInUseException: Stream s under account 000000000000 not ACTIVE, instead in state UPDATING";
        fixture.refused("UpdateStreamWarmThroughput", to(21), busy).await;
        fixture.restart().await;
        fixture.advance_secs(1).await;
        let scaled = summary(&fixture).await;
        assert_eq!((&scaled["StreamStatus"], &scaled["OpenShardCount"]), (&json!("ACTIVE"), &json!(20)));
        assert_eq!(scaled["WarmThroughput"], json!({"TargetMiBps": 20, "CurrentMiBps": 20}));
        fixture.ok("UpdateStreamWarmThroughput", to(0)).await;
        fixture.advance_secs(1).await;
        // What it began with stays.
        assert_eq!(summary(&fixture).await["WarmThroughput"], json!({"TargetMiBps": 0, "CurrentMiBps": 6}));
    }

    #[tokio::test]
    async fn switching_to_on_demand_can_bring_it_along() {
        let fixture = committed().await;
        fixture.stream("s", 2).await;
        let to = |mode: &str| {
            let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
            json!({"StreamARN": arn, "StreamModeDetails": {"StreamMode": mode}, "WarmThroughputMiBps": 8})
        };
        fixture.refused("UpdateStreamMode", to("PROVISIONED"), UNAVAILABLE).await;
        fixture.ok("UpdateStreamMode", to("ON_DEMAND")).await;
        fixture.advance_secs(1).await;
        assert_eq!(summary(&fixture).await["WarmThroughput"], json!({"TargetMiBps": 8, "CurrentMiBps": 8}));
    }

    #[tokio::test]
    async fn needs_a_commitment_an_on_demand_stream_and_measure() {
        let fixture = Fixture::limited().await;
        let mode = json!({"StreamMode": "ON_DEMAND"});
        let create = json!({"StreamName": "s", "StreamModeDetails": mode, "WarmThroughputMiBps": 6});
        fixture.refused("CreateStream", create, UNAVAILABLE).await;
        fixture.ok("CreateStream", json!({"StreamName": "s", "StreamModeDetails": mode})).await;
        fixture.advance_secs(1).await;
        fixture.refused("UpdateStreamWarmThroughput", to(6), UNAVAILABLE).await;
        assert_eq!(summary(&fixture).await.get("WarmThroughput"), None);

        let fixture = committed().await;
        fixture.stream("s", 1).await;
        fixture.refused("UpdateStreamWarmThroughput", to(6), UNAVAILABLE).await;
        let words = "LimitExceededException: This request would exceed the warm throughput limit of a stream. Limit: \
                     10240 MiBps. Requested: 10241 MiBps.";
        let create = json!({"StreamName": "t", "StreamModeDetails": mode, "WarmThroughputMiBps": 10_241});
        fixture.refused("CreateStream", create, words).await;
        fixture.ok("CreateStream", json!({"StreamName": "t", "StreamModeDetails": mode})).await;
        fixture.advance_secs(1).await;
        let update = json!({"StreamName": "t", "WarmThroughputMiBps": 10_241});
        fixture.refused("UpdateStreamWarmThroughput", update, words).await;
        let unnamed = "InvalidArgumentException: Either StreamName or StreamARN should be provided.";
        fixture.refused("UpdateStreamWarmThroughput", json!({"WarmThroughputMiBps": 1}), unnamed).await;
    }
}
