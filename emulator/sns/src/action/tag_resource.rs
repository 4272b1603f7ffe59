//! TagResource adds tags to a topic, replacing those that have the same keys.

use std::sync::Arc;

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use super::{Nothing, RESOURCE_ARN};
use crate::error::{Error, Result};
use crate::service::Sns;
use crate::tag::{self, TAGS, Tag};
use crate::topic::Topic;

pub(super) struct TagResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    resource_arn: String,
    tags: Vec<Tag>,
}

/// The topic that an action on a resource is about.
pub(super) fn resource(sns: &Sns, call: &Call, arn: &str) -> Result<Arc<Topic>> {
    sns.directory().topic(&call.world, arn).map_err(|_| Error::ResourceNotFound)
}

impl Action<Sns> for TagResource {
    const NAME: &'static str = "TagResource";
    const INPUT: Structure = Structure::new("TagResourceRequest", &[RESOURCE_ARN, TAGS.member("Tags").required()]);
    type Input = Input;
    type Output = Nothing;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<Nothing> {
        let writing = sns.directory().write();
        let mut topic = Topic::clone(&*resource(sns, call, &input.resource_arn)?);
        tag::set(&mut topic.tags, input.tags)?;
        writing.put_topic(topic)?;
        Ok(Nothing {})
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, TOPIC, first};

    #[tokio::test]
    async fn tags_come_and_go() {
        let mut fixture = Fixture::with_topic().await;
        let tags = [
            ("ResourceArn", TOPIC),
            ("Tags.member.1.Key", "a"),
            ("Tags.member.1.Value", "1"),
            ("Tags.member.2.Key", "b"),
            ("Tags.member.2.Value", "2"),
        ];
        let answer = fixture.ok("TagResource", &tags).await;
        assert!(answer.contains("<TagResourceResult></TagResourceResult>"), "{answer}");
        fixture.ok("UntagResource", &[("ResourceArn", TOPIC), ("TagKeys.member.1", "a")]).await;
        fixture.restart();
        let listed = fixture.ok("ListTagsForResource", &[("ResourceArn", TOPIC)]).await;
        assert_eq!((first(&listed, "Key").as_deref(), first(&listed, "Value").as_deref()), (Some("b"), Some("2")));
        let many: Vec<_> = (0..50).map(|n| (format!("Tags.member.{}.Key", n + 1), format!("k{n}"))).collect();
        let values: Vec<_> = (0..50).map(|n| format!("Tags.member.{}.Value", n + 1)).collect();
        let mut members = vec![("ResourceArn", TOPIC)];
        members.extend(many.iter().map(|(name, value)| (&**name, &**value)));
        members.extend(values.iter().map(|name| (&**name, "")));
        let words = "Could not complete request: tag quota of per resource exceeded";
        fixture.refused("TagResource", &members, "TagLimitExceeded", words).await;
    }

    #[tokio::test]
    async fn of_no_topic() {
        let fixture = Fixture::new();
        let words = "Resource does not exist";
        let tag = [("ResourceArn", TOPIC), ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "1")];
        fixture.refused("TagResource", &tag, "ResourceNotFound", words).await;
        let untag = [("ResourceArn", TOPIC), ("TagKeys.member.1", "a")];
        fixture.refused("UntagResource", &untag, "ResourceNotFound", words).await;
        fixture.refused("ListTagsForResource", &[("ResourceArn", TOPIC)], "ResourceNotFound", words).await;
    }
}
