//! DeleteTopic deletes a topic and its subscriptions. It is no error if it is not there, and
//! one if it keeps an archive: that has to be given up first.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use super::TOPIC_ARN;
use crate::error::{Error, Result};
use crate::service::Sns;

pub(super) struct DeleteTopic;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    topic_arn: String,
}

impl Action<Sns> for DeleteTopic {
    const NAME: &'static str = "DeleteTopic";
    const INPUT: Structure = Structure::new("DeleteTopicInput", &[TOPIC_ARN]);
    type Input = Input;
    type Output = ();

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<()> {
        let writing = sns.directory().write();
        match sns.directory().topic(&call.world, &input.topic_arn) {
            Ok(topic) if topic.archive.is_some() => Err(Error::Archives),
            Ok(topic) => writing.remove_topic(&topic),
            Err(Error::TopicNotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, QUEUE, TOPIC};

    #[tokio::test]
    async fn with_its_subscriptions() {
        let mut fixture = Fixture::with_topic().await;
        let arn = fixture.subscribe("sqs", QUEUE, &[]).await;
        for _ in 0..2 {
            fixture.ok("DeleteTopic", &[("TopicArn", TOPIC)]).await;
        }
        fixture.restart();
        let words = "Subscription does not exist";
        fixture.refused("GetSubscriptionAttributes", &[("SubscriptionArn", &arn)], "NotFound", words).await;
        let words = "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1";
        fixture.refused("DeleteTopic", &[("TopicArn", "t")], "InvalidParameter", words).await;
    }
}
