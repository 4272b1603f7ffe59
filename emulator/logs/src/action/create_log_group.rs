//! CreateLogGroup: an empty group whose events never expire, unless its class decides about that.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::group::{DELIVERY, DELIVERY_DAYS, Record};
use crate::name::check_key;
use crate::service::Logs;
use crate::shape;

pub(super) struct CreateLogGroup;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: String,
    kms_key_id: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    log_group_class: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

impl Action<Logs> for CreateLogGroup {
    const NAME: &'static str = "CreateLogGroup";
    const INPUT: Structure = Structure::new(
        "CreateLogGroupRequest",
        &[
            shape::GROUP_NAME.member("logGroupName").required(),
            shape::KMS_KEY_ID.member("kmsKeyId"),
            shape::TAGS.member("tags"),
            shape::CLASS.member("logGroupClass"),
            Shape::boolean().member("deletionProtectionEnabled"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        if let Some(key) = &input.kms_key_id {
            check_key(&call.world, key)?;
        }
        let catalog = service.catalog();
        let draft = Record::named(&input.log_group_name, catalog.now());
        let draft = Record {
            retention_days: (input.log_group_class.as_deref() == Some(DELIVERY)).then_some(DELIVERY_DAYS),
            class: input.log_group_class.unwrap_or(draft.class),
            key: input.kms_key_id,
            tags: input.tags.unwrap_or_default(),
            protected: input.deletion_protection_enabled.unwrap_or_default(),
            ..draft
        };
        catalog.create_group(&call.world, draft).await?;
        tracing::info!(group = input.log_group_name, "log group created");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn once() {
        let mut fixture = Fixture::new().await;
        let tags = json!({"a": "1"});
        fixture.ok("CreateLogGroup", json!({"logGroupName": "/a/b", "tags": tags})).await;
        fixture.restart().await;
        let exists = "ResourceAlreadyExistsException: The specified log group already exists";
        fixture.refused("CreateLogGroup", json!({"logGroupName": "/a/b"}), exists).await;
        let listed = fixture.ok("ListTagsLogGroup", json!({"logGroupName": "/a/b"})).await;
        assert_eq!(listed["tags"], tags);
    }

    #[tokio::test]
    async fn with_a_key_and_a_class() {
        let mut fixture = Fixture::new().await;
        let key = "arn:aws:kms:us-east-1:000000000000:key/mrk-0123";
        let input = json!({"logGroupName": "g", "kmsKeyId": key, "logGroupClass": "DELIVERY"});
        fixture.ok("CreateLogGroup", input).await;
        fixture.restart().await;
        let group = fixture.ok("DescribeLogGroups", json!({})).await["logGroups"][0].clone();
        assert_eq!((&group["kmsKeyId"], &group["logGroupClass"]), (&json!(key), &json!("DELIVERY")));
        assert_eq!(group["retentionInDays"], 2);
        let error = fixture.error("PutRetentionPolicy", json!({"logGroupName": "g", "retentionInDays": 7})).await;
        assert!(error.starts_with("InvalidParameterException: "), "{error}");
        for key in
            ["key", "alias/k", "arn:aws:kms:us-east-1:000000000000:alias/k", "arn:aws:kms:eu-west-1:000000000000:key/k"]
        {
            let refused = "InvalidParameterException: The specified KMS Key Id could not be found.";
            fixture.refused("CreateLogGroup", json!({"logGroupName": "x", "kmsKeyId": key}), refused).await;
        }
    }
}
