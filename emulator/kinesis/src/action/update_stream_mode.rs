//! UpdateStreamMode: switches between provisioned and on-demand capacity, twice within 24 hours at most.
//!
//! The shards stay as they are, unless a warm throughput asks for more. The present mode is accepted and changes nothing: Terraform sends it.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::on_demand::Traffic;
use crate::output::StreamModeDetails;
use crate::reshard::Reshard;
use crate::service::Kinesis;
use crate::shape;
use crate::stream::{Mode, Phase, RecordDistribution};

pub(super) struct UpdateStreamMode;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    stream_mode_details: StreamModeDetails,
    warm_throughput_mi_bps: Option<u32>,
}

impl Action<Kinesis> for UpdateStreamMode {
    const NAME: &'static str = "UpdateStreamMode";
    const INPUT: Structure = Structure::new(
        "UpdateStreamModeInput",
        &[
            shape::STREAM_ARN.member("StreamARN").required(),
            shape::STREAM_MODE_DETAILS.member("StreamModeDetails").required(),
            shape::WARM_THROUGHPUT.member("WarmThroughputMiBps"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let stream = service.stream(call, Self::NAME, None, Some(&input.stream_arn)).await?;
        let mode = input.stream_mode_details.stream_mode;
        let warm_throughput = input.warm_throughput_mi_bps.filter(|warm| *warm > 0);
        if let Some(warm) = warm_throughput {
            super::check_warm_throughput(service, &call.world, mode, warm)?;
        }
        let (most, delay) = (service.config().mode_switches_per_day(), service.config().lifecycle_delay);
        let streams = service.catalog.in_world(&call.world);
        service
            .catalog
            .change(&stream, |state, now| {
                let open = super::open_shards(state);
                let settings = &mut state.settings;
                if settings.mode == mode {
                    return Ok(());
                }
                match mode {
                    Mode::OnDemand => super::check_on_demand_limit(service, &call.world, &streams)?,
                    Mode::Provisioned => super::check_shard_limit(service, &call.world, &streams, open)?,
                }
                if !settings.mode_switches.admit(most, now) {
                    return Err(Error::ModeSwitches { stream: stream.label(), most });
                }
                settings.mode = mode;
                settings.distribution = RecordDistribution::default();
                settings.warm_throughput = warm_throughput;
                settings.traffic = Traffic::beginning(open, now);
                settings.phase = match warm_throughput.filter(|warm| *warm > open) {
                    Some(target) => Phase::Resharding { at: now + delay, reshard: Reshard::Scale { target } },
                    None => Phase::Updated(now + delay),
                };
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    fn mode(mode: &str) -> Value {
        json!({
            "StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
            "StreamModeDetails": {"StreamMode": mode},
        })
    }

    #[tokio::test]
    async fn keeps_the_shards() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 3).await;
        fixture.ok("UpdateStreamMode", mode("PROVISIONED")).await;
        fixture.ok("UpdateStreamMode", mode("ON_DEMAND")).await;
        let updating =
            "ResourceInUseException: Stream s under account 000000000000 not ACTIVE, instead in state UPDATING";
        fixture.refused("UpdateStreamMode", mode("PROVISIONED"), updating).await;
        fixture.advance_secs(1).await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        let summary = &summary["StreamDescriptionSummary"];
        assert_eq!(summary["StreamModeDetails"]["StreamMode"], "ON_DEMAND");
        assert_eq!((&summary["StreamStatus"], &summary["OpenShardCount"]), (&json!("ACTIVE"), &json!(3)));
    }

    #[tokio::test]
    async fn twice_a_day_is_enough() {
        let fixture = Fixture::limited().await;
        fixture.stream("s", 1).await;
        for to in ["ON_DEMAND", "PROVISIONED"] {
            fixture.ok("UpdateStreamMode", mode(to)).await;
            fixture.advance_secs(1).await;
        }
        let words = "LimitExceededException: The capacity mode of stream s under account 000000000000 can not be switched \
                     more than 2 times within 24 hours.";
        fixture.refused("UpdateStreamMode", mode("ON_DEMAND"), words).await;
        fixture.advance_secs(86_400).await;
        fixture.ok("UpdateStreamMode", mode("ON_DEMAND")).await;
    }
}
