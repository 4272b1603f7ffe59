//! StartStreamEncryption: records put from now on are encrypted under a key; with another key, an encrypted stream
//! changes keys. Records that are there stay as they are.
//!
//! The key is told back exactly as it was given.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::output::EncryptionType;
use crate::service::Kinesis;
use crate::shape;
use crate::stream::Phase;

pub(super) struct StartStreamEncryption;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    encryption_type: EncryptionType,
    key_id: String,
}

pub(super) const ENCRYPTION_TYPE: Shape = Shape::string().one_of(&["NONE", "KMS"]);

impl Action<Kinesis> for StartStreamEncryption {
    const NAME: &'static str = "StartStreamEncryption";
    const INPUT: Structure = Structure::new(
        "StartStreamEncryptionInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            ENCRYPTION_TYPE.member("EncryptionType").required(),
            Shape::string().length(1, 2048).member("KeyId").required(),
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
        // The first data key: a key that cannot make one is refused here, and not with the next put.
        stream.sealing.data_key(&*service.keys, &stream.world, &stream.arn(), &input.key_id, service.now())?;
        let (delay, most) = (service.config().lifecycle_delay, service.config().encryption_changes_per_day());
        service
            .catalog
            .change(&stream, |state, now| {
                if !state.settings.encryption_starts.admit(most, now) {
                    return Err(Error::EncryptionChanges { verb: "started", stream: stream.label(), most });
                }
                state.settings.key_id = Some(input.key_id);
                state.settings.phase = Phase::Updated(now + delay);
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    fn key(key: &str) -> Value {
        json!({"StreamName": "s", "EncryptionType": "KMS", "KeyId": key})
    }

    #[tokio::test]
    async fn records_put_while_encrypted_say_so_for_ever() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "before", "").await;
        fixture.ok("StartStreamEncryption", key("alias/aws/kinesis")).await;
        let summary = fixture.ok("DescribeStreamSummary", json!({"StreamName": "s"})).await;
        let summary = &summary["StreamDescriptionSummary"];
        assert_eq!(summary["StreamStatus"], "UPDATING");
        assert_eq!((&summary["EncryptionType"], &summary["KeyId"]), (&json!("KMS"), &json!("alias/aws/kinesis")));
        fixture.advance_secs(1).await;
        let put = fixture.ok("PutRecord", json!({"StreamName": "s", "PartitionKey": "during", "Data": ""})).await;
        assert_eq!(put["EncryptionType"], "KMS");
        // The way the stock Terraform provider stops encryption, without a key.
        fixture.ok("StopStreamEncryption", key("")).await;
        fixture.restart().await;
        fixture.put("s", "after", "").await;
        let iterator = fixture.iterator("s", "shardId-000000000000", "TRIM_HORIZON").await;
        let page = fixture.ok("GetRecords", json!({"ShardIterator": iterator})).await;
        let types: Vec<&Value> = page["Records"].as_array().unwrap().iter().map(|r| &r["EncryptionType"]).collect();
        assert_eq!(types, [&Value::Null, &json!("KMS"), &Value::Null]);
    }

    #[tokio::test]
    async fn a_key_that_cannot_be_used_stops_puts_and_gets_of_encrypted_records() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.put("s", "before", "").await;
        fixture.ok("StartStreamEncryption", key("alias/aws/kinesis")).await;
        fixture.advance_secs(1).await;
        fixture.put("s", "during", "").await;
        fixture.keys.disable(true);
        let disabled = "KMSDisabledException: disabled";
        let record = json!({"StreamName": "s", "PartitionKey": "k", "Data": ""});
        fixture.refused("PutRecord", record.clone(), disabled).await;
        let records = json!({"StreamName": "s", "Records": [{"PartitionKey": "k", "Data": ""}]});
        fixture.refused("PutRecords", records, disabled).await;
        fixture.refused("StartStreamEncryption", key("alias/aws/kinesis"), disabled).await;
        fixture.restart().await;
        // What was not encrypted can be read; the next page cannot.
        let iterator = fixture.iterator("s", "shardId-000000000000", "TRIM_HORIZON").await;
        let page = fixture.ok("GetRecords", json!({"ShardIterator": iterator})).await;
        assert_eq!(page["Records"].as_array().unwrap().len(), 1);
        let next = json!({"ShardIterator": page["NextShardIterator"]});
        fixture.refused("GetRecords", next.clone(), disabled).await;
        fixture.keys.disable(false);
        assert_eq!(fixture.ok("GetRecords", next).await["Records"][0]["PartitionKey"], "during");
        fixture.ok("PutRecord", record).await;
    }

    #[tokio::test]
    async fn another_key_means_another_data_key() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        for id in ["alias/aws/kinesis", "alias/other"] {
            fixture.ok("StartStreamEncryption", key(id)).await;
            fixture.advance_secs(1).await;
            fixture.put("s", id, "").await;
        }
        assert_eq!(fixture.logs.wrapped_keys().len(), 2);
        assert_eq!(fixture.keys_in("s", "shardId-000000000000").await, ["alias/aws/kinesis", "alias/other"]);
    }

    #[tokio::test]
    async fn twenty_five_times_a_day_is_enough() {
        let fixture = Fixture::limited().await;
        fixture.stream("s", 1).await;
        for _ in 0..25 {
            for action in ["StartStreamEncryption", "StopStreamEncryption"] {
                fixture.ok(action, key("alias/aws/kinesis")).await;
                fixture.advance_secs(1).await;
            }
        }
        let words = |verb| {
            format!(
                "LimitExceededException: Encryption of stream s under account 000000000000 can not be {verb} more than 25 \
                 times within 24 hours."
            )
        };
        fixture.refused("StartStreamEncryption", key("alias/aws/kinesis"), &words("started")).await;
        // Nothing is there to be stopped, so nothing is counted.
        fixture.ok("StopStreamEncryption", key("alias/aws/kinesis")).await;
        fixture.advance_secs(86_400 - 50).await;
        fixture.ok("StartStreamEncryption", key("alias/aws/kinesis")).await;
        fixture.advance_secs(1).await;
        fixture.ok("StopStreamEncryption", key("alias/aws/kinesis")).await;
        fixture.advance_secs(1).await;
        for _ in 0..24 {
            for action in ["StartStreamEncryption", "StopStreamEncryption"] {
                fixture.ok(action, key("alias/aws/kinesis")).await;
                fixture.advance_secs(1).await;
            }
        }
    }

    #[tokio::test]
    async fn refuses_unknown_keys_and_no_encryption() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.refused("StartStreamEncryption", key("alias/x"), "KMSNotFoundException: no key alias/x").await;
        let none = json!({"StreamName": "s", "EncryptionType": "NONE", "KeyId": "alias/aws/kinesis"});
        fixture.refused("StartStreamEncryption", none, "InvalidArgumentException: EncryptionType must be KMS.").await;
        fixture.ok("StartStreamEncryption", key("alias/aws/kinesis")).await;
        let updating =
            "ResourceInUseException: Stream s under account 000000000000 not ACTIVE, instead in state UPDATING";
        fixture.refused("StartStreamEncryption", key("alias/aws/kinesis"), updating).await;
    }
}
