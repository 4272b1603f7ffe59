//! What both ways to describe a stream have in common.

use aws_wire::EpochSeconds;
use env::Timestamp;
use serde::Serialize;

use crate::output::{EncryptionType, StreamModeDetails, whole_seconds};
use crate::stream::{ShardMetric, Status, Stream, StreamState};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Description {
    stream_name: String,
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    stream_status: Status,
    stream_mode_details: StreamModeDetails,
    retention_period_hours: u32,
    stream_creation_timestamp: EpochSeconds,
    enhanced_monitoring: [EnhancedMonitoring; 1],
    encryption_type: EncryptionType,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EnhancedMonitoring {
    shard_level_metrics: Vec<ShardMetric>,
}

/// In MiB a second; a shard takes one.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WarmThroughput {
    pub(super) target_mi_bps: u32,
    pub(super) current_mi_bps: u32,
}

impl Description {
    pub(super) fn of(stream: &Stream, state: &StreamState, now: Timestamp) -> Self {
        let settings = &state.settings;
        let shard_level_metrics = settings.shard_metrics.iter().copied().collect();
        Self {
            stream_name: stream.name.to_string(),
            stream_arn: stream.arn(),
            stream_status: settings.status(now),
            stream_mode_details: StreamModeDetails { stream_mode: settings.mode },
            retention_period_hours: settings.retention_hours,
            stream_creation_timestamp: whole_seconds(settings.created),
            enhanced_monitoring: [EnhancedMonitoring { shard_level_metrics }],
            encryption_type: EncryptionType::of(settings.key_id.is_some()),
            key_id: settings.key_id.clone(),
        }
    }
}
