//! CreateLogGroup: an empty group whose events never expire.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::group::Record;
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
            Shape::string().at_most(256).member("kmsKeyId"),
            shape::TAGS.member("tags"),
            shape::CLASS.member("logGroupClass"),
            Shape::boolean().member("deletionProtectionEnabled"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        if input.kms_key_id.is_some() {
            return Err(Error::Unsupported("encrypted log groups (kmsKeyId)"));
        }
        if input.log_group_class.as_deref() == Some("DELIVERY") {
            return Err(Error::Unsupported("log groups of the class DELIVERY"));
        }
        let catalog = service.catalog();
        let draft = Record::named(&input.log_group_name, catalog.now());
        let draft = Record {
            class: input.log_group_class.unwrap_or(draft.class),
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
        for (member, value) in [("kmsKeyId", "key"), ("logGroupClass", "DELIVERY")] {
            let error = fixture.error("CreateLogGroup", json!({"logGroupName": "x", member: value})).await;
            assert!(error.starts_with("InvalidParameterException: millrace does not do this"), "{error}");
        }
    }
}
