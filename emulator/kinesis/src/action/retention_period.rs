//! What raising and lowering the retention period have in common.

use std::sync::Arc;

use aws_wire::{Call, Member, Shape};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::service::Kinesis;
use crate::shape;
use crate::stream::Stream;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    retention_period_hours: i64,
}

/// The bounds are no constraints in the model: breaking them has sentences of its own.
pub(super) const INPUT_MEMBERS: &[Member] = &[
    shape::STREAM_NAME.member("StreamName"),
    Shape::integer().member("RetentionPeriodHours").required(),
    shape::STREAM_ARN.member("StreamARN"),
    shape::STREAM_ID.member("StreamId"),
];

const SHORTEST: i64 = 24;
const LONGEST: i64 = 8760;

impl Input {
    /// The stream and the hours, if those are within bounds.
    pub(super) async fn check(
        self,
        service: &Kinesis,
        call: &Call,
        action: &'static str,
    ) -> Result<(Arc<Stream>, u32)> {
        let stream = service.stream(call, action, self.stream_name.as_deref(), self.stream_arn.as_deref()).await?;
        let hours = self.retention_period_hours;
        if hours < SHORTEST {
            return Err(Error::RetentionTooShort { hours });
        }
        match u32::try_from(hours) {
            Ok(within) if hours <= LONGEST => Ok((stream, within)),
            _ => Err(Error::RetentionTooLong { hours }),
        }
    }
}
