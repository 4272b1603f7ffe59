//! ListSubscriptionsByTopic lists the subscriptions of a topic.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use super::list_subscriptions::Output;
use super::{NEXT_TOKEN, TOPIC_ARN};
use crate::error::Result;
use crate::service::Sns;

pub(super) struct ListSubscriptionsByTopic;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    topic_arn: String,
    next_token: Option<String>,
}

impl Action<Sns> for ListSubscriptionsByTopic {
    const NAME: &'static str = "ListSubscriptionsByTopic";
    const INPUT: Structure = Structure::new("ListSubscriptionsByTopicInput", &[TOPIC_ARN, NEXT_TOKEN]);
    type Input = Input;
    type Output = Output;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<Output> {
        let topic = sns.directory().topic(&call.world, &input.topic_arn)?;
        Ok(Output::of(&sns.directory().subscriptions(&topic), input.next_token.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, QUEUE, TOPIC, first};

    #[tokio::test]
    async fn of_one_topic() {
        let fixture = Fixture::with_topic().await;
        fixture.ok("CreateTopic", &[("Name", "t2")]).await;
        let arn = fixture.subscribe("sqs", QUEUE, &[]).await;
        let listed = fixture.ok("ListSubscriptionsByTopic", &[("TopicArn", TOPIC)]).await;
        assert_eq!(first(&listed, "SubscriptionArn"), Some(arn));
        let other = format!("{TOPIC}2");
        let listed = fixture.ok("ListSubscriptionsByTopic", &[("TopicArn", &other)]).await;
        assert_eq!(first(&listed, "SubscriptionArn"), None);
        let absent = format!("{TOPIC}x");
        fixture.refused("ListSubscriptionsByTopic", &[("TopicArn", &absent)], "NotFound", "Topic does not exist").await;
    }
}
