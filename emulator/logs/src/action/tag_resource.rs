//! TagResource: adds tags to a group or gives them other values.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Structure, World};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::group::Record;
use crate::name;
use crate::service::Logs;
use crate::shape;

/// The most that a group may have.
const MOST: usize = 50;

pub(super) struct TagResource;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    resource_arn: String,
    tags: BTreeMap<String, String>,
}

impl Action<Logs> for TagResource {
    const NAME: &'static str = "TagResource";
    const INPUT: Structure = Structure::new(
        "TagResourceRequest",
        &[shape::RESOURCE_ARN.member("resourceArn").required(), shape::TAGS.member("tags").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        let group = resource(service, &call.world, &input.resource_arn)?;
        service.catalog().change_group(&call.world, &group, |record| add(record, input.tags)).await
    }
}

/// The name of the group that an ARN means.
pub(super) fn resource(service: &Logs, world: &World, arn: &str) -> Result<String> {
    let name = Some(arn).filter(|arn| arn.starts_with("arn:")).and_then(|arn| name::named(world, arn));
    let name = name.ok_or(Error::ResourceNotFound)?;
    service.catalog().group(world, &name).map(|_| name).map_err(|_| Error::ResourceNotFound)
}

/// Adds tags to a group.
pub(super) fn add(record: &mut Record, tags: BTreeMap<String, String>) -> Result<()> {
    record.tags.extend(tags);
    if record.tags.len() > MOST { Err(Error::TooManyTags { limit: MOST }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn by_arn_and_by_name() {
        let mut fixture = Fixture::with_stream().await;
        let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
        fixture.ok("TagResource", json!({"resourceArn": arn, "tags": {"a": "1", "b": "2"}})).await;
        fixture.ok("TagLogGroup", json!({"logGroupName": "g", "tags": {"b": "3", "c": ""}})).await;
        fixture.restart().await;
        let listed = fixture.ok("ListTagsForResource", json!({"resourceArn": arn})).await;
        assert_eq!(listed, json!({"tags": {"a": "1", "b": "3", "c": ""}}));
        fixture.ok("UntagResource", json!({"resourceArn": arn, "tagKeys": ["a", "z"]})).await;
        fixture.ok("UntagLogGroup", json!({"logGroupName": "g", "tags": ["b"]})).await;
        let listed = fixture.ok("ListTagsLogGroup", json!({"logGroupName": "g"})).await;
        assert_eq!(listed, json!({"tags": {"c": ""}}));
    }

    #[tokio::test]
    async fn what_is_refused() {
        let fixture = Fixture::with_stream().await;
        let missing = "ResourceNotFoundException: The specified resource does not exist.";
        for arn in
            ["g", "arn:aws:logs:us-east-1:000000000000:log-group:x", "arn:aws:logs:eu-west-1:000000000000:log-group:g"]
        {
            fixture.refused("TagResource", json!({"resourceArn": arn, "tags": {"a": "1"}}), missing).await;
            fixture.refused("UntagResource", json!({"resourceArn": arn, "tagKeys": ["a"]}), missing).await;
            fixture.refused("ListTagsForResource", json!({"resourceArn": arn}), missing).await;
        }
        let missing = "ResourceNotFoundException: The specified log group does not exist.";
        fixture.refused("TagLogGroup", json!({"logGroupName": "x", "tags": {"a": "1"}}), missing).await;
        fixture.refused("UntagLogGroup", json!({"logGroupName": "x", "tags": ["a"]}), missing).await;
        fixture.refused("ListTagsLogGroup", json!({"logGroupName": "x"}), missing).await;
        let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
        let many: serde_json::Map<_, _> = (0..50).map(|number| (number.to_string(), Value::from(""))).collect();
        fixture.ok("TagResource", json!({"resourceArn": arn, "tags": many})).await;
        let limit = "TooManyTagsException: A resource can have no more than 50 tags.";
        fixture.refused("TagResource", json!({"resourceArn": arn, "tags": {"more": ""}}), limit).await;
    }
}
