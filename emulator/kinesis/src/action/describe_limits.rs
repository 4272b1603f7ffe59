//! DescribeLimits: the quotas of the account in this region and how much of them is used.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::service::Kinesis;

pub(super) struct DescribeLimits;

#[derive(Deserialize)]
pub(super) struct Input {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    shard_limit: u32,
    open_shard_count: u32,
    on_demand_stream_count: u32,
    on_demand_stream_count_limit: u32,
    channel_count: u32,
    channel_count_limit: u32,
}

impl Action<Kinesis> for DescribeLimits {
    const NAME: &'static str = "DescribeLimits";
    const INPUT: Structure = Structure::new("DescribeLimitsInput", &[]);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, Input {}: Input) -> Result<Output> {
        service.admit_call(call, Self::NAME, None)?;
        let streams = service.catalog.in_world(&call.world);
        let config = service.config();
        Ok(Output {
            shard_limit: config.shard_limit(&call.world.region),
            open_shard_count: super::provisioned_shards(&streams),
            on_demand_stream_count: super::on_demand_streams(&streams),
            on_demand_stream_count_limit: config.on_demand_stream_limit(),
            // Nobody can have a channel here.
            channel_count: 0,
            channel_count_limit: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn counts_provisioned_shards_and_on_demand_streams() {
        let mut fixture = Fixture::limited().await;
        fixture.stream("a", 3).await;
        let mode = json!({"StreamMode": "ON_DEMAND"});
        fixture.ok("CreateStream", json!({"StreamName": "b", "StreamModeDetails": mode})).await;
        assert_eq!(
            fixture.ok("DescribeLimits", json!({})).await,
            json!({"ShardLimit": 500, "OpenShardCount": 3, "OnDemandStreamCount": 1, "OnDemandStreamCountLimit": 50, "ChannelCount": 0, "ChannelCountLimit": 0})
        );
        fixture.world.region = "eu-north-1".into();
        assert_eq!(
            fixture.ok("DescribeLimits", json!({})).await,
            json!({"ShardLimit": 200, "OpenShardCount": 0, "OnDemandStreamCount": 0, "OnDemandStreamCountLimit": 50, "ChannelCount": 0, "ChannelCountLimit": 0})
        );
    }
}
