//! What the service says about a stream, as state.
//!
//! Pure. Spelling that differs from the configuration in nothing but form is the framework's business.

use std::collections::BTreeSet;

use aws_sdk_kinesis::types::{EnhancedMetrics, StreamDescriptionSummary, StreamMode};
use tf_framework::{Attr, Blocks};

use super::{KinesisStream, StreamModeDetails};
use crate::tags::TagsRead;

/// The state of the described stream. `stored` has what the service does not know.
pub(super) fn observed(found: &StreamDescriptionSummary, tags: TagsRead, stored: KinesisStream) -> KinesisStream {
    let mode = found.stream_mode_details.as_ref().map(|details| details.stream_mode.clone());
    let is_provisioned = mode.as_ref().is_none_or(|mode| *mode == StreamMode::Provisioned);
    let metrics = found.enhanced_monitoring.iter().flat_map(EnhancedMetrics::shard_level_metrics);
    let metrics: BTreeSet<_> = metrics.map(|metric| metric.as_str().to_owned()).collect();
    let warm_throughput = found.warm_throughput.as_ref().and_then(|warm| warm.current_mibps);
    KinesisStream {
        id: found.stream_arn.clone().into(),
        arn: found.stream_arn.clone().into(),
        name: found.stream_name.clone().into(),
        shard_count: if is_provisioned { i64::from(found.open_shard_count).into() } else { Attr::Null },
        retention_period: i64::from(found.retention_period_hours).into(),
        encryption_type: found.encryption_type.as_ref().map_or("NONE", |kind| kind.as_str()).into(),
        kms_key_id: found.key_id.clone().unwrap_or_default().into(),
        shard_level_metrics: metrics.into(),
        max_record_size_in_kib: found.max_record_size_in_kib.map(i64::from).into(),
        // The current one, not the target: a slow ramp shows.
        warm_throughput_mib_ps: warm_throughput.map(i64::from).into(),
        // Never known to the service. State of hashicorp/aws lacks it after an import.
        enforce_consumer_deletion: stored.enforce_consumer_deletion.unwrap_or_default().into(),
        stream_mode_details: mode
            .map(|mode| StreamModeDetails { stream_mode: mode.as_str().into() })
            .map_or_else(Blocks::none, Blocks::one),
        tags: tags.tags,
        tags_all: tags.tags_all,
        region: stored.region,
        timeouts: stored.timeouts,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_kinesis::types::{EncryptionType, MetricsName, StreamModeDetails as SdkMode, WarmThroughputObject};

    use super::*;

    fn summary() -> StreamDescriptionSummary {
        StreamDescriptionSummary::builder()
            .stream_name("demo")
            .stream_arn("arn:aws:kinesis:us-east-1:000000000000:stream/demo")
            .stream_status("ACTIVE".into())
            .retention_period_hours(48)
            .stream_creation_timestamp(aws_smithy_types::DateTime::from_secs(0))
            .set_enhanced_monitoring(Some(Vec::new()))
            .open_shard_count(3)
            .build()
            .unwrap()
    }

    fn observe(found: &StreamDescriptionSummary) -> KinesisStream {
        let tags = TagsRead { tags: Attr::Null, tags_all: Attr::Null };
        observed(found, tags, KinesisStream { region: "us-east-1".into(), ..KinesisStream::default() })
    }

    #[test]
    fn a_bare_stream() {
        let stream = observe(&summary());
        assert_eq!(stream.id, stream.arn);
        assert_eq!(stream.arn.text(), "arn:aws:kinesis:us-east-1:000000000000:stream/demo");
        assert_eq!((stream.shard_count, stream.retention_period), (3.into(), 48.into()));
        assert_eq!((stream.encryption_type.text(), stream.kms_key_id.text()), ("NONE", ""));
        assert_eq!(stream.enforce_consumer_deletion, Attr::Known(false));
        // A service that does not know modes: the block stays away, and shards are counted.
        assert!(stream.stream_mode_details.is_empty());
        assert!(stream.warm_throughput_mib_ps.is_null() && stream.max_record_size_in_kib.is_null());
        assert_eq!(stream.region.text(), "us-east-1");
    }

    #[test]
    fn an_on_demand_stream_counts_no_shards() {
        let mut found = summary();
        found.stream_mode_details = Some(SdkMode::builder().stream_mode(StreamMode::OnDemand).build().unwrap());
        found.warm_throughput = Some(WarmThroughputObject::builder().target_mibps(200).current_mibps(120).build());
        let stream = observe(&found);
        assert_eq!(stream.shard_count, Attr::Null);
        assert_eq!(stream.stream_mode_details[0].stream_mode.text(), "ON_DEMAND");
        assert_eq!(stream.warm_throughput_mib_ps, Attr::Known(120));
    }

    #[test]
    fn keys_come_back_as_they_were_given_and_metrics_as_one_set() {
        let mut found = summary();
        found.encryption_type = Some(EncryptionType::Kms);
        found.key_id = Some("alias/aws/kinesis".to_owned());
        found.enhanced_monitoring = vec![
            EnhancedMetrics::builder().shard_level_metrics(MetricsName::OutgoingBytes).build(),
            EnhancedMetrics::builder()
                .shard_level_metrics(MetricsName::IncomingBytes)
                .shard_level_metrics(MetricsName::OutgoingBytes)
                .build(),
        ];
        let stream = observe(&found);
        assert_eq!((stream.encryption_type.text(), stream.kms_key_id.text()), ("KMS", "alias/aws/kinesis"));
        let metrics: Vec<_> = stream.shard_level_metrics.known().unwrap().iter().map(String::as_str).collect();
        assert_eq!(metrics, ["IncomingBytes", "OutgoingBytes"]);
    }
}
