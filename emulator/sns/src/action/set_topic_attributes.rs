//! SetTopicAttributes sets one attribute of a topic; without a value it removes it.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use super::TOPIC_ARN;
use crate::error::{Error, Result};
use crate::service::Sns;
use crate::topic::Topic;

pub(super) struct SetTopicAttributes;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    topic_arn: String,
    attribute_name: String,
    #[serde(default)]
    attribute_value: String,
}

impl Action<Sns> for SetTopicAttributes {
    const NAME: &'static str = "SetTopicAttributes";
    const INPUT: Structure = Structure::new(
        "SetTopicAttributesInput",
        &[TOPIC_ARN, Shape::string().member("AttributeName").required(), Shape::string().member("AttributeValue")],
    );
    type Input = Input;
    type Output = ();

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<()> {
        // A topic is what its name says, for ever.
        if input.attribute_name == "FifoTopic" {
            return Err(Error::invalid("AttributeName"));
        }
        let writing = sns.directory().write();
        let mut topic = Topic::clone(&*sns.directory().topic(&call.world, &input.topic_arn)?);
        topic.set(&input.attribute_name, &input.attribute_value, sns.env().clock.now())?;
        writing.put_topic(topic)
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, TOPIC, entry};

    #[tokio::test]
    async fn one_at_a_time() {
        let mut fixture = Fixture::with_topic().await;
        let set = |name, value| [("TopicArn", TOPIC), ("AttributeName", name), ("AttributeValue", value)];
        fixture.ok("SetTopicAttributes", &set("DisplayName", "d")).await;
        fixture.restart();
        let shown = fixture.ok("GetTopicAttributes", &[("TopicArn", TOPIC)]).await;
        assert_eq!(entry(&shown, "DisplayName").as_deref(), Some("d"));
        fixture.ok("SetTopicAttributes", &set("DisplayName", "")).await;
        for name in ["Color", "FifoTopic"] {
            let words = "Invalid parameter: AttributeName";
            fixture.refused("SetTopicAttributes", &set(name, "false"), "InvalidParameter", words).await;
        }
    }
}
