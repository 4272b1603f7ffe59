//! UpdateMaxRecordSize: how large a record of the stream may be, partition key included: 1 to 10 MiB.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kinesis;
use crate::shape;
use crate::stream::Phase;

pub(super) struct UpdateMaxRecordSize;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    #[serde(rename = "MaxRecordSizeInKiB")]
    max_record_size_in_ki_b: u32,
}

impl Action<Kinesis> for UpdateMaxRecordSize {
    const NAME: &'static str = "UpdateMaxRecordSize";
    const INPUT: Structure = Structure::new(
        "UpdateMaxRecordSizeInput",
        &[
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
            shape::MAX_RECORD_SIZE.member("MaxRecordSizeInKiB").required(),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let stream = service.stream(call, Self::NAME, None, input.stream_arn.as_deref()).await?;
        let delay = service.config().lifecycle_delay;
        service
            .catalog
            .change(&stream, |state, now| {
                if state.settings.max_record_kib != input.max_record_size_in_ki_b {
                    state.settings.max_record_kib = input.max_record_size_in_ki_b;
                    state.settings.phase = Phase::Updated(now + delay);
                }
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn is_told_in_the_summary_and_has_bounds() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let input = |size: u32| json!({"StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "MaxRecordSizeInKiB": size});
        fixture.ok("UpdateMaxRecordSize", input(10_240)).await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        assert_eq!(summary["StreamDescriptionSummary"]["MaxRecordSizeInKiB"], 10_240);
        for (size, rule) in [(1023, "greater than or equal to 1024"), (10_241, "less than or equal to 10240")] {
            let words = format!(
                "ValidationException: 1 validation error detected: Value '{size}' at 'maxRecordSizeInKiB' failed to \
                 satisfy constraint: Member must have value {rule}"
            );
            fixture.refused("UpdateMaxRecordSize", input(size), &words).await;
        }
    }
}
