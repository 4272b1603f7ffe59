//! What switching shard-level metrics on and off have in common. `ALL` stands for the seven there are.

use std::collections::BTreeSet;

use aws_wire::{Call, Member};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::service::Kinesis;
use crate::shape;
use crate::stream::ShardMetric;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    shard_level_metrics: Vec<Metrics>,
}

#[derive(Deserialize)]
enum Metrics {
    #[serde(rename = "ALL")]
    All,
    #[serde(untagged)]
    One(ShardMetric),
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    stream_name: String,
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    current_shard_level_metrics: Vec<ShardMetric>,
    desired_shard_level_metrics: Vec<ShardMetric>,
}

pub(super) const INPUT_MEMBERS: &[Member] = &[
    shape::STREAM_NAME.member("StreamName"),
    shape::SHARD_METRICS.member("ShardLevelMetrics").required(),
    shape::STREAM_ARN.member("StreamARN"),
    shape::STREAM_ID.member("StreamId"),
];

impl Input {
    /// Applies `change` for every metric named.
    pub(super) async fn apply(
        self,
        service: &Kinesis,
        call: &Call,
        action: &'static str,
        change: fn(&mut BTreeSet<ShardMetric>, ShardMetric),
    ) -> Result<Output> {
        let stream = service.stream(call, action, self.stream_name.as_deref(), self.stream_arn.as_deref()).await?;
        let named = self.shard_level_metrics.iter().flat_map(|metrics| match metrics {
            Metrics::One(metric) => std::slice::from_ref(metric),
            Metrics::All => &ShardMetric::ALL,
        });
        service
            .catalog
            .change(&stream, |state, _| {
                let metrics = &mut state.settings.shard_metrics;
                let before = metrics.iter().copied().collect();
                named.for_each(|metric| change(metrics, *metric));
                Ok(Output {
                    stream_name: stream.name.to_string(),
                    stream_arn: stream.arn(),
                    current_shard_level_metrics: before,
                    desired_shard_level_metrics: metrics.iter().copied().collect(),
                })
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn tells_what_was_and_what_will_be() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let call = async |action, metrics: &[&str]| {
            let answer = fixture.ok(action, json!({"StreamName": "s", "ShardLevelMetrics": metrics})).await;
            assert_eq!(answer["StreamName"], "s");
            assert_eq!(answer["StreamARN"], "arn:aws:kinesis:us-east-1:000000000000:stream/s");
            let count = |member: &str| answer[member].as_array().unwrap().len();
            (count("CurrentShardLevelMetrics"), count("DesiredShardLevelMetrics"))
        };
        assert_eq!(call("EnableEnhancedMonitoring", &["IncomingBytes", "IncomingBytes"]).await, (0, 1));
        assert_eq!(call("EnableEnhancedMonitoring", &["ALL"]).await, (1, 7));
        assert_eq!(call("DisableEnhancedMonitoring", &["OutgoingBytes", "IncomingBytes"]).await, (7, 5));
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        let shown = &summary["StreamDescriptionSummary"]["EnhancedMonitoring"][0]["ShardLevelMetrics"];
        assert_eq!(shown.as_array().unwrap().len(), 5);
        assert_eq!(call("DisableEnhancedMonitoring", &["ALL"]).await, (5, 0));
    }

    #[tokio::test]
    async fn refuses_unknown_metrics() {
        let fixture = Fixture::new().await;
        let input = json!({"StreamName": "s", "ShardLevelMetrics": ["Nonsense"]});
        let words = "ValidationException: 1 validation error detected: Value '[Nonsense]' at 'shardLevelMetrics' failed \
                     to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: \
                     [IncomingBytes, IncomingRecords, OutgoingBytes, OutgoingRecords, \
                     WriteProvisionedThroughputExceeded, ReadProvisionedThroughputExceeded, IteratorAgeMilliseconds, \
                     ALL]]";
        fixture.refused("EnableEnhancedMonitoring", input, words).await;
    }
}
