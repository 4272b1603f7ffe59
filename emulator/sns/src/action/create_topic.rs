//! CreateTopic makes a topic, or answers with the one of that name if it has the attributes and tags that are asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::ATTRIBUTES;
use crate::error::{Error, Result};
use crate::service::Sns;
use crate::tag::{self, TAGS, Tag, Tags};
use crate::topic::{Topic, check_name};

pub(super) struct CreateTopic;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    tags: Vec<Tag>,
    data_protection_policy: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    topic_arn: String,
}

impl Action<Sns> for CreateTopic {
    const NAME: &'static str = "CreateTopic";
    const INPUT: Structure = Structure::new(
        "CreateTopicInput",
        &[
            Shape::string().member("Name").required(),
            ATTRIBUTES,
            TAGS.member("Tags"),
            Shape::string().member("DataProtectionPolicy"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<Output> {
        let fifo = input.attributes.get("FifoTopic").is_some_and(|value| value == "true");
        check_name(&input.name, fifo)?;
        let now = sns.env().clock.now();
        let mut topic = Topic::new(&call.world, input.name);
        for (name, value) in &input.attributes {
            topic.set(name, value, now)?;
        }
        if let Some(policy) = &input.data_protection_policy {
            topic.set("DataProtectionPolicy", policy, now)?;
        }
        let mut tags = Tags::new();
        let mentions_tags = !input.tags.is_empty();
        tag::set(&mut tags, input.tags)?;
        topic.tags = tags;
        topic.maker.clone_from(&call.invocation);
        let writing = sns.directory().write();
        let is_repeated = |topic: &&Arc<Topic>| call.repeats(topic.maker.as_ref());
        if let Some(there) = sns.directory().all(&call.world).iter().find(is_repeated) {
            return Ok(Output { topic_arn: there.arn() });
        }
        let topic_arn = topic.arn();
        match sns.directory().by_name(&call.world, &topic.name) {
            None => writing.put_topic(topic)?,
            Some(there) => {
                let (asked, found) = (topic.show(now), there.show(now));
                if input.attributes.keys().any(|name| asked.get(name) != found.get(name)) {
                    return Err(Error::invalid("Attributes Reason: Topic already exists with different attributes"));
                }
                if mentions_tags && topic.tags != there.tags {
                    return Err(Error::invalid("Tags Reason: Topic already exists with different tags"));
                }
            }
        }
        Ok(Output { topic_arn })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, TOPIC, first};

    #[tokio::test]
    async fn twice_the_same_is_the_same_topic() {
        let mut fixture = Fixture::new();
        let named = [("Attributes.entry.1.key", "DisplayName"), ("Attributes.entry.1.value", "d")];
        let tagged = [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
        let all = [&[("Name", "t")], &named[..], &tagged].concat();
        let made = fixture.ok("CreateTopic", &all).await;
        assert_eq!(first(&made, "TopicArn").as_deref(), Some(TOPIC));
        fixture.restart();
        for members in [&all[..], &[("Name", "t")]] {
            assert_eq!(fixture.ok("CreateTopic", members).await, made);
        }
        let other = [("Name", "t"), ("Attributes.entry.1.key", "DisplayName"), ("Attributes.entry.1.value", "e")];
        let words = "Invalid parameter: Attributes Reason: Topic already exists with different attributes";
        fixture.refused("CreateTopic", &other, "InvalidParameter", words).await;
        let other = [("Name", "t"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "w")];
        let words = "Invalid parameter: Tags Reason: Topic already exists with different tags";
        fixture.refused("CreateTopic", &other, "InvalidParameter", words).await;
    }

    #[tokio::test]
    async fn names() {
        let fixture = Fixture::new();
        for name in ["a b", "t.fifo", ""] {
            fixture
                .refused("CreateTopic", &[("Name", name)], "InvalidParameter", "Invalid parameter: Topic Name")
                .await;
        }
        let fifo =
            |name| [("Name", name), ("Attributes.entry.1.key", "FifoTopic"), ("Attributes.entry.1.value", "true")];
        fixture.ok("CreateTopic", &fifo("t.fifo")).await;
        let words = "Invalid parameter: Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.";
        fixture.refused("CreateTopic", &fifo("t"), "InvalidParameter", words).await;
    }
}
