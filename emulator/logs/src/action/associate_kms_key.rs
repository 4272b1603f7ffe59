//! AssociateKmsKey: says which key a group's events are encrypted with from now on. It is kept and shown; events lie open.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::group::Record;
use crate::name::{check_key, group_for_key};
use crate::service::Logs;
use crate::shape;

pub(super) struct AssociateKmsKey;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: Option<String>,
    kms_key_id: String,
    resource_identifier: Option<String>,
}

impl Action<Logs> for AssociateKmsKey {
    const NAME: &'static str = "AssociateKmsKey";
    const INPUT: Structure = Structure::new(
        "AssociateKmsKeyRequest",
        &[
            shape::GROUP_NAME.member("logGroupName"),
            shape::KMS_KEY_ID.member("kmsKeyId").required(),
            shape::RESOURCE_IDENTIFIER.member("resourceIdentifier"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        let group = group_for_key(&call.world, input.log_group_name, input.resource_identifier)?;
        check_key(&call.world, &input.kms_key_id)?;
        let associate = |record: &mut Record| {
            record.key = Some(input.kms_key_id);
            Ok(())
        };
        service.catalog().change_group(&call.world, &group, associate).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Fixture;

    const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/1234";

    #[tokio::test]
    async fn by_name_or_arn_and_off_again() {
        let mut fixture = Fixture::with_stream().await;
        let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
        for named in [json!({"logGroupName": "g"}), json!({"resourceIdentifier": arn})] {
            let mut input = named.clone();
            input["kmsKeyId"] = KEY.into();
            fixture.ok("AssociateKmsKey", input).await;
            fixture.restart().await;
            let key = async || fixture.ok("DescribeLogGroups", json!({})).await["logGroups"][0]["kmsKeyId"].clone();
            assert_eq!(key().await, KEY);
            fixture.ok("DisassociateKmsKey", named).await;
            assert_eq!(key().await, Value::Null);
        }
    }

    #[tokio::test]
    async fn what_is_refused() {
        let fixture = Fixture::with_stream().await;
        let missing = "ResourceNotFoundException: The specified log group does not exist.";
        fixture.refused("AssociateKmsKey", json!({"logGroupName": "x", "kmsKeyId": KEY}), missing).await;
        fixture.refused("DisassociateKmsKey", json!({"logGroupName": "x"}), missing).await;
        let key = "InvalidParameterException: The specified KMS Key Id could not be found.";
        fixture.refused("AssociateKmsKey", json!({"logGroupName": "g", "kmsKeyId": "k"}), key).await;
        let results = "arn:aws:logs:us-east-1:000000000000:query-result:*";
        for (input, words) in [
            (json!({}), "Either logGroupName or resourceIdentifier must be provided"),
            (json!({"resourceIdentifier": results}), "millrace does not do this: results of queries (query-result)"),
            (
                json!({"resourceIdentifier": "g"}),
                "The resourceIdentifier is not the ARN of a log group or of query results",
            ),
            (
                json!({"logGroupName": "g", "resourceIdentifier": results}),
                "Only one of logGroupName or resourceIdentifier can be provided",
            ),
        ] {
            fixture.refused("DisassociateKmsKey", input, &format!("InvalidParameterException: {words}")).await;
        }
    }
}
