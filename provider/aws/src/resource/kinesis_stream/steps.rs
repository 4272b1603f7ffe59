//! What it takes to bring a stream from one state to another: the steps, in the order the service is asked for them.
//!
//! Pure; taking a step is `remote`'s business. Each step is one call, followed by a wait until the stream is active again.

use std::collections::BTreeSet;

use super::KinesisStream;
use super::capacity::Mode;

/// One change of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// UpdateStreamMode.
    Mode(Mode),
    /// UpdateShardCount, straight to the target.
    ShardCount(i64),
    /// IncreaseStreamRetentionPeriod, to so many hours.
    IncreaseRetention(i64),
    /// DecreaseStreamRetentionPeriod, to so many hours.
    DecreaseRetention(i64),
    /// DisableEnhancedMonitoring.
    DisableMetrics(BTreeSet<String>),
    /// EnableEnhancedMonitoring.
    EnableMetrics(BTreeSet<String>),
    /// StartStreamEncryption; without a key it cannot be taken.
    StartEncryption {
        /// The key as configured.
        key: Option<String>,
    },
    /// StopStreamEncryption; the service wants to hear what there was.
    StopEncryption {
        /// The type before.
        encryption_type: String,
        /// The key before.
        key: String,
    },
    /// UpdateMaxRecordSize, in KiB.
    MaxRecordSize(i64),
    /// UpdateStreamWarmThroughput, in MiB per second.
    WarmThroughput(i64),
}

impl Step {
    /// The service's name for it.
    pub(super) const fn operation(&self) -> &'static str {
        match self {
            Self::Mode(_) => "UpdateStreamMode",
            Self::ShardCount(_) => "UpdateShardCount",
            Self::IncreaseRetention(_) => "IncreaseStreamRetentionPeriod",
            Self::DecreaseRetention(_) => "DecreaseStreamRetentionPeriod",
            Self::DisableMetrics(_) => "DisableEnhancedMonitoring",
            Self::EnableMetrics(_) => "EnableEnhancedMonitoring",
            Self::StartEncryption { .. } => "StartStreamEncryption",
            Self::StopEncryption { .. } => "StopStreamEncryption",
            Self::MaxRecordSize(_) => "UpdateMaxRecordSize",
            Self::WarmThroughput(_) => "UpdateStreamWarmThroughput",
        }
    }

    /// What is being done to the stream of that name.
    pub(super) fn doing(&self, name: &str) -> String {
        let (verb, object) = match self {
            Self::Mode(_) => ("updating", "stream mode"),
            Self::ShardCount(_) => ("updating", "shard count"),
            Self::IncreaseRetention(_) => ("increasing", "retention period"),
            Self::DecreaseRetention(_) => ("decreasing", "retention period"),
            Self::DisableMetrics(_) => ("disabling", "enhanced monitoring"),
            Self::EnableMetrics(_) => ("enabling", "enhanced monitoring"),
            Self::StartEncryption { .. } => ("starting", "encryption"),
            Self::StopEncryption { .. } => ("stopping", "encryption"),
            Self::MaxRecordSize(_) => ("updating", "maximum record size"),
            Self::WarmThroughput(_) => ("updating", "warm throughput"),
        };
        format!("{verb} Kinesis Stream ({name}) {object}")
    }

    /// The attribute that asked for it.
    pub(super) const fn attribute(&self) -> &'static str {
        match self {
            Self::Mode(_) => "stream_mode_details",
            Self::ShardCount(_) => "shard_count",
            Self::IncreaseRetention(_) | Self::DecreaseRetention(_) => "retention_period",
            Self::DisableMetrics(_) | Self::EnableMetrics(_) => "shard_level_metrics",
            Self::StartEncryption { .. } => "kms_key_id",
            Self::StopEncryption { .. } => "encryption_type",
            Self::MaxRecordSize(_) => "max_record_size_in_kib",
            Self::WarmThroughput(_) => "warm_throughput_mib_ps",
        }
    }
}

/// What CreateStream could not do by itself.
pub(super) fn after_create(planned: &KinesisStream) -> Vec<Step> {
    // Always, as the AWS provider does: increasing to the present value is no error.
    let mut steps = vec![Step::IncreaseRetention(planned.retention_period.unwrap_or_default())];
    let metrics = planned.shard_level_metrics.clone().unwrap_or_default();
    if !metrics.is_empty() {
        steps.push(Step::EnableMetrics(metrics));
    }
    if is_kms(planned) {
        steps.push(Step::StartEncryption { key: key(planned) });
    }
    steps
}

/// What leads from `prior` to `planned`, tags aside.
pub(super) fn of_update(prior: &KinesisStream, planned: &KinesisStream) -> Vec<Step> {
    let mut steps = Vec::new();
    let (old_mode, mode) = (Mode::of(&prior.stream_mode_details), Mode::of(&planned.stream_mode_details));
    if let Some(mode) = mode.filter(|_| old_mode != mode) {
        steps.push(Step::Mode(mode));
    }
    let (old_shards, shards) = (prior.shard_count.unwrap_or_default(), planned.shard_count.unwrap_or_default());
    if mode == Some(Mode::Provisioned) && old_shards != shards {
        steps.push(Step::ShardCount(shards));
    }
    let (old_hours, hours) = (prior.retention_period.unwrap_or_default(), planned.retention_period.unwrap_or_default());
    if hours > old_hours {
        steps.push(Step::IncreaseRetention(hours));
    }
    if hours < old_hours {
        steps.push(Step::DecreaseRetention(hours));
    }
    steps.extend(metrics(prior, planned));
    steps.extend(encryption(prior, planned));
    if let Some(&size) = planned.max_record_size_in_kib.known()
        && planned.max_record_size_in_kib != prior.max_record_size_in_kib
    {
        steps.push(Step::MaxRecordSize(size));
    }
    let (old_warm, warm) =
        (prior.warm_throughput_mib_ps.unwrap_or_default(), planned.warm_throughput_mib_ps.unwrap_or_default());
    if old_warm != warm {
        steps.push(Step::WarmThroughput(warm));
    }
    steps
}

fn metrics(prior: &KinesisStream, planned: &KinesisStream) -> impl Iterator<Item = Step> {
    let old = prior.shard_level_metrics.clone().unwrap_or_default();
    let new = planned.shard_level_metrics.clone().unwrap_or_default();
    let removed: BTreeSet<_> = old.difference(&new).cloned().collect();
    let added: BTreeSet<_> = new.difference(&old).cloned().collect();
    let disable = (!removed.is_empty()).then_some(Step::DisableMetrics(removed));
    let enable = (!added.is_empty()).then_some(Step::EnableMetrics(added));
    disable.into_iter().chain(enable)
}

fn encryption(prior: &KinesisStream, planned: &KinesisStream) -> Option<Step> {
    let type_changed = !prior.encryption_type.text().eq_ignore_ascii_case(planned.encryption_type.text());
    if !type_changed && prior.kms_key_id.text() == planned.kms_key_id.text() {
        return None;
    }
    if is_kms(planned) {
        // Also from one key to another: no stop in between.
        return Some(Step::StartEncryption { key: key(planned) });
    }
    let encryption_type = prior.encryption_type.text().to_owned();
    Some(Step::StopEncryption { encryption_type, key: prior.kms_key_id.text().to_owned() })
}

fn is_kms(stream: &KinesisStream) -> bool {
    stream.encryption_type.text().eq_ignore_ascii_case("KMS")
}

fn key(stream: &KinesisStream) -> Option<String> {
    stream.kms_key_id.as_str().filter(|key| !key.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use tf_framework::{Attr, Blocks};

    use super::super::StreamModeDetails;
    use super::*;

    fn base() -> KinesisStream {
        KinesisStream {
            shard_count: 2.into(),
            retention_period: 24.into(),
            encryption_type: "NONE".into(),
            max_record_size_in_kib: 1024.into(),
            stream_mode_details: mode("PROVISIONED"),
            ..KinesisStream::default()
        }
    }

    fn mode(name: &str) -> Blocks<StreamModeDetails> {
        Blocks::one(StreamModeDetails { stream_mode: name.into() })
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn encrypted(key: &str) -> KinesisStream {
        KinesisStream { encryption_type: "KMS".into(), kms_key_id: key.into(), ..base() }
    }

    #[test]
    fn a_create_always_sets_the_retention() {
        assert_eq!(after_create(&base()), [Step::IncreaseRetention(24)]);
        let rich = KinesisStream { shard_level_metrics: set(&["IncomingBytes"]).into(), ..encrypted("alias/k") };
        assert_eq!(
            after_create(&rich),
            [
                Step::IncreaseRetention(24),
                Step::EnableMetrics(set(&["IncomingBytes"])),
                Step::StartEncryption { key: Some("alias/k".to_owned()) },
            ]
        );
        let keyless = KinesisStream { kms_key_id: Attr::Null, ..encrypted("") };
        assert_eq!(after_create(&keyless).last(), Some(&Step::StartEncryption { key: None }));
    }

    #[test]
    fn no_difference_takes_no_step() {
        assert_eq!(of_update(&base(), &base()), []);
        let spelled = KinesisStream {
            kms_key_id: "".into(),
            shard_level_metrics: BTreeSet::new().into(),
            warm_throughput_mib_ps: 0.into(),
            encryption_type: "none".into(),
            enforce_consumer_deletion: true.into(),
            ..base()
        };
        assert_eq!(of_update(&base(), &spelled), []);
    }

    #[test]
    fn steps_come_in_the_order_of_the_service() {
        let prior = KinesisStream {
            retention_period: 48.into(),
            shard_level_metrics: set(&["IncomingBytes", "OutgoingBytes"]).into(),
            ..base()
        };
        let planned = KinesisStream {
            shard_count: 4.into(),
            shard_level_metrics: set(&["OutgoingBytes", "OutgoingRecords"]).into(),
            max_record_size_in_kib: 2048.into(),
            ..encrypted("k")
        };
        assert_eq!(
            of_update(&prior, &planned),
            [
                Step::ShardCount(4),
                Step::DecreaseRetention(24),
                Step::DisableMetrics(set(&["IncomingBytes"])),
                Step::EnableMetrics(set(&["OutgoingRecords"])),
                Step::StartEncryption { key: Some("k".to_owned()) },
                Step::MaxRecordSize(2048),
            ]
        );
    }

    #[test]
    fn a_mode_comes_before_the_shards_it_counts() {
        let on_demand = KinesisStream { shard_count: Attr::Null, stream_mode_details: mode("ON_DEMAND"), ..base() };
        assert_eq!(of_update(&base(), &on_demand), [Step::Mode(Mode::OnDemand)]);
        assert_eq!(of_update(&on_demand, &base()), [Step::Mode(Mode::Provisioned), Step::ShardCount(2)]);
        let warm = KinesisStream { warm_throughput_mib_ps: 100.into(), ..on_demand.clone() };
        assert_eq!(of_update(&on_demand, &warm), [Step::WarmThroughput(100)]);
    }

    #[test]
    fn encryption_starts_with_the_new_key_and_stops_with_the_old() {
        let start = |key: &str| vec![Step::StartEncryption { key: Some(key.to_owned()) }];
        let stop = |encryption_type: &str, key: &str| {
            vec![Step::StopEncryption { encryption_type: encryption_type.to_owned(), key: key.to_owned() }]
        };
        assert_eq!(of_update(&base(), &encrypted("a")), start("a"));
        assert_eq!(of_update(&encrypted("a"), &encrypted("b")), start("b"));
        assert_eq!(of_update(&encrypted("a"), &base()), stop("KMS", "a"));
        // A key without encryption is asked to stop what never began, and the service says so.
        let key_only = KinesisStream { kms_key_id: "a".into(), ..base() };
        assert_eq!(of_update(&base(), &key_only), stop("NONE", ""));
    }
}
