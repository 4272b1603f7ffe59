//! StopStreamEncryption: records put from now on are not encrypted. Those that are stay readable.
//!
//! The key is not looked at, and may be empty: that is what Terraform sends.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::output::EncryptionType;
use crate::service::Kinesis;
use crate::shape;
use crate::stream::Phase;

use super::start_stream_encryption::ENCRYPTION_TYPE;

pub(super) struct StopStreamEncryption;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    encryption_type: EncryptionType,
}

impl Action<Kinesis> for StopStreamEncryption {
    const NAME: &'static str = "StopStreamEncryption";
    const INPUT: Structure = Structure::new(
        "StopStreamEncryptionInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            ENCRYPTION_TYPE.member("EncryptionType").required(),
            Shape::string().length(0, 2048).member("KeyId").required(),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let stream =
            service.stream(call, Self::NAME, input.stream_name.as_deref(), input.stream_arn.as_deref()).await?;
        if input.encryption_type == EncryptionType::None {
            return Err(Error::EncryptionTypeNone);
        }
        let (delay, most) = (service.config().lifecycle_delay, service.config().encryption_changes_per_day());
        service
            .catalog
            .change(&stream, |state, now| {
                if state.settings.key_id.take().is_some() {
                    if !state.settings.encryption_stops.admit(most, now) {
                        return Err(Error::EncryptionChanges { verb: "stopped", stream: stream.label(), most });
                    }
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
    async fn the_key_disappears() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let input = json!({"StreamName": "s", "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"});
        // A stream that is not encrypted has nothing to stop.
        fixture.ok("StopStreamEncryption", input.clone()).await;
        fixture.ok("StartStreamEncryption", input.clone()).await;
        fixture.advance_secs(1).await;
        fixture.ok("StopStreamEncryption", input).await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        let summary = &summary["StreamDescriptionSummary"];
        assert_eq!((&summary["StreamStatus"], &summary["EncryptionType"]), (&json!("UPDATING"), &json!("NONE")));
        assert!(summary.get("KeyId").is_none());
        let none = json!({"StreamName": "s", "EncryptionType": "NONE", "KeyId": "alias/aws/kinesis"});
        fixture.refused("StopStreamEncryption", none, "InvalidArgumentException: EncryptionType must be KMS.").await;
    }
}
