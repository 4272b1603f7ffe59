//! GetTopicAttributes shows what is set of a topic, and how many subscriptions it has.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use super::{AttributesOutput, TOPIC_ARN};
use crate::error::Result;
use crate::service::Sns;

pub(super) struct GetTopicAttributes;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    topic_arn: String,
}

impl Action<Sns> for GetTopicAttributes {
    const NAME: &'static str = "GetTopicAttributes";
    const INPUT: Structure = Structure::new("GetTopicAttributesInput", &[TOPIC_ARN]);
    type Input = Input;
    type Output = AttributesOutput;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<AttributesOutput> {
        let topic = sns.directory().topic(&call.world, &input.topic_arn)?;
        let subscriptions = sns.directory().subscriptions(&topic);
        let confirmed = subscriptions.iter().filter(|one| one.is_confirmed()).count();
        let mut attributes = topic.show(sns.env().clock.now());
        attributes.extend(
            [
                ("SubscriptionsConfirmed", confirmed.to_string()),
                ("SubscriptionsPending", (subscriptions.len() - confirmed).to_string()),
                ("SubscriptionsDeleted", topic.removed.to_string()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        Ok(AttributesOutput { attributes: attributes.into() })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, QUEUE, TOPIC, URL, entry};

    #[tokio::test]
    async fn counts_and_what_is_set() {
        let fixture = Fixture::with_topic().await;
        let gone = fixture.subscribe("sqs", QUEUE, &[]).await;
        fixture.ok("Unsubscribe", &[("SubscriptionArn", &gone)]).await;
        fixture.subscribe("sqs", QUEUE, &[]).await;
        fixture.subscribe("http", URL, &[]).await;
        let shown = fixture.ok("GetTopicAttributes", &[("TopicArn", TOPIC)]).await;
        for (name, value) in [
            ("TopicArn", TOPIC),
            ("Owner", "000000000000"),
            ("DisplayName", ""),
            ("SubscriptionsConfirmed", "1"),
            ("SubscriptionsPending", "1"),
            ("SubscriptionsDeleted", "1"),
        ] {
            assert_eq!(entry(&shown, name).as_deref(), Some(value), "{name}");
        }
        assert!(entry(&shown, "Policy").unwrap().contains("SNS:Publish"));
        let absent = format!("{TOPIC}x");
        fixture.refused("GetTopicAttributes", &[("TopicArn", &absent)], "NotFound", "Topic does not exist").await;
    }
}
