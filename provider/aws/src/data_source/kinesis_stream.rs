//! `aws_kinesis_stream`: a data stream by name, with its open and closed shards.

use std::collections::BTreeSet;

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::types::{EnhancedMetrics, Shard, StreamDescriptionSummary};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Context, DataSource, Diagnostic, Diagnostics};

use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::region;
use crate::resource::kinesis_stream::{describe, list_tags};
use crate::tags::Tags;

/// A Kinesis data stream.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KinesisStream {
    /// The ARN of the stream.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// The ids of shards that take no more records.
    #[schemars(extend("tf" = computed()))]
    closed_shards: Attr<BTreeSet<String>>,
    /// When the stream was created, in seconds since 1970.
    #[schemars(extend("tf" = computed()))]
    creation_timestamp: Attr<i64>,
    /// Whether records are encrypted at rest: `NONE` or `KMS`.
    #[schemars(extend("tf" = computed()))]
    encryption_type: Attr<String>,
    /// The ARN of the stream.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The key that encrypts records.
    #[schemars(extend("tf" = computed()))]
    kms_key_id: Attr<String>,
    /// The largest record that the stream takes, in KiB.
    #[schemars(extend("tf" = computed()))]
    max_record_size_in_kib: Attr<i64>,
    /// The name.
    #[schemars(extend("tf" = required()))]
    name: Attr<String>,
    /// The ids of shards that take records.
    #[schemars(extend("tf" = computed()))]
    open_shards: Attr<BTreeSet<String>>,
    /// The region of the stream; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// How many hours a record can be read.
    #[schemars(extend("tf" = computed()))]
    retention_period: Attr<i64>,
    /// The CloudWatch metrics that are collected per shard.
    #[schemars(extend("tf" = computed()))]
    shard_level_metrics: Attr<BTreeSet<String>>,
    /// What the stream is doing.
    #[schemars(extend("tf" = computed()))]
    status: Attr<String>,
    /// The capacity mode.
    #[schemars(extend("tf" = computed()))]
    stream_mode_details: Attr<Vec<Mode>>,
    /// Tags of the stream.
    #[schemars(extend("tf" = optional_computed()))]
    tags: Attr<Tags>,
    /// The throughput that the stream is prepared for.
    #[schemars(extend("tf" = computed()))]
    warm_throughput: Attr<Vec<WarmThroughput>>,
}

/// A capacity mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Mode {
    stream_mode: String,
}

/// A throughput in MiB per second, as it is and as it shall be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct WarmThroughput {
    current_mib_ps: Option<i64>,
    target_mib_ps: Option<i64>,
}

impl DataSource for KinesisStream {
    const TYPE: &'static str = "aws_kinesis_stream";
    type Client = Aws;

    async fn read(cx: &Context<Aws>, config: Self) -> Result<Self, Diagnostics> {
        let kinesis = cx.client().kinesis(&config.region)?;
        let name = config.name.text();
        let Some(found) = describe(&kinesis, name).await.while_doing(&format!("reading Kinesis Stream ({name})"))?
        else {
            return Err(Diagnostic::error(
                format!("reading Kinesis Stream ({name}): couldn't find resource"),
                "There is no stream of this name in the region.",
            )
            .at("name")
            .into());
        };
        let shards = list_shards(&kinesis, name).await;
        let shards = shards.while_doing(&format!("listing Kinesis Stream ({name}) shards"))?;
        let tags = list_tags(&kinesis, name).await.while_doing(&format!("listing tags for Kinesis Stream ({name})"))?;
        let tags = cx.client().tags().read(tags, &Attr::Null, &Attr::Null).tags_all;
        let region = region::of_state(cx.client(), &config.region);
        Ok(Self { region, tags, ..observed(&found, shards) })
    }
}

async fn list_shards(kinesis: &Client, name: &str) -> Result<Vec<Shard>, ApiError> {
    let mut page = kinesis.list_shards().stream_name(name).send().await?;
    let mut shards = page.shards.take().unwrap_or_default();
    while let Some(token) = page.next_token.take() {
        // The token stands for the stream as well; the service refuses both.
        page = kinesis.list_shards().next_token(token).send().await?;
        shards.append(&mut page.shards.take().unwrap_or_default());
    }
    Ok(shards)
}

/// What the service says about a stream. A shard is closed when it has a last sequence number.
fn observed(found: &StreamDescriptionSummary, shards: Vec<Shard>) -> KinesisStream {
    let is_closed =
        |shard: &Shard| shard.sequence_number_range().is_some_and(|range| range.ending_sequence_number.is_some());
    let (closed, open): (Vec<Shard>, Vec<Shard>) = shards.into_iter().partition(is_closed);
    let ids = |shards: Vec<Shard>| -> BTreeSet<String> { shards.into_iter().map(|shard| shard.shard_id).collect() };
    let metrics = found.enhanced_monitoring.iter().flat_map(EnhancedMetrics::shard_level_metrics);
    let metrics: BTreeSet<_> = metrics.map(|metric| metric.as_str().to_owned()).collect();
    let mode = found.stream_mode_details.iter().map(|mode| Mode { stream_mode: mode.stream_mode.as_str().to_owned() });
    let warm_throughput = found.warm_throughput.iter().map(|warm| WarmThroughput {
        current_mib_ps: warm.current_mibps.map(i64::from),
        target_mib_ps: warm.target_mibps.map(i64::from),
    });
    KinesisStream {
        arn: found.stream_arn.clone().into(),
        closed_shards: ids(closed).into(),
        creation_timestamp: found.stream_creation_timestamp.secs().into(),
        encryption_type: found.encryption_type.as_ref().map_or("NONE", |kind| kind.as_str()).into(),
        id: found.stream_arn.clone().into(),
        kms_key_id: found.key_id.clone().unwrap_or_default().into(),
        max_record_size_in_kib: found.max_record_size_in_kib.map(i64::from).into(),
        name: found.stream_name.clone().into(),
        open_shards: ids(open).into(),
        region: Attr::Null,
        retention_period: i64::from(found.retention_period_hours).into(),
        shard_level_metrics: metrics.into(),
        status: found.stream_status.as_str().into(),
        stream_mode_details: mode.collect::<Vec<_>>().into(),
        tags: Attr::Null,
        warm_throughput: warm_throughput.collect::<Vec<_>>().into(),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_kinesis::types::{SequenceNumberRange, StreamMode, StreamModeDetails, WarmThroughputObject};
    use aws_smithy_types::DateTime;

    use super::*;

    fn shard(id: &str, last: Option<&str>) -> Shard {
        let range = SequenceNumberRange::builder()
            .starting_sequence_number("1")
            .set_ending_sequence_number(last.map(str::to_owned))
            .build()
            .unwrap();
        Shard::builder().shard_id(id).sequence_number_range(range).build().unwrap()
    }

    #[test]
    fn a_shard_with_a_last_number_is_closed() {
        let found = StreamDescriptionSummary::builder()
            .stream_name("demo")
            .stream_arn("arn:aws:kinesis:us-east-1:000000000000:stream/demo")
            .stream_status("ACTIVE".into())
            .retention_period_hours(24)
            .stream_creation_timestamp(DateTime::from_millis(1_700_000_000_900))
            .set_enhanced_monitoring(Some(Vec::new()))
            .open_shard_count(1)
            .stream_mode_details(StreamModeDetails::builder().stream_mode(StreamMode::Provisioned).build().unwrap())
            .warm_throughput(WarmThroughputObject::builder().current_mibps(4).build())
            .build()
            .unwrap();
        let stream = observed(&found, vec![shard("a", Some("9")), shard("b", None), shard("c", Some("9"))]);
        assert_eq!(stream.closed_shards, BTreeSet::from(["a".to_owned(), "c".to_owned()]).into());
        assert_eq!(stream.open_shards, BTreeSet::from(["b".to_owned()]).into());
        assert_eq!(stream.creation_timestamp, Attr::Known(1_700_000_000));
        assert_eq!(stream.stream_mode_details, vec![Mode { stream_mode: "PROVISIONED".to_owned() }].into());
        assert_eq!(
            stream.warm_throughput,
            vec![WarmThroughput { current_mib_ps: Some(4), target_mib_ps: None }].into()
        );
    }
}
