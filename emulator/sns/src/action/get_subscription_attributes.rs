//! GetSubscriptionAttributes shows a subscription and what is set of it.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use super::{AttributesOutput, SUBSCRIPTION_ARN};
use crate::error::Result;
use crate::service::Sns;

pub(super) struct GetSubscriptionAttributes;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    subscription_arn: String,
}

impl Action<Sns> for GetSubscriptionAttributes {
    const NAME: &'static str = "GetSubscriptionAttributes";
    const INPUT: Structure = Structure::new("GetSubscriptionAttributesInput", &[SUBSCRIPTION_ARN]);
    type Input = Input;
    type Output = AttributesOutput;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<AttributesOutput> {
        let subscription = sns.directory().subscription_of(&call.world, &input.subscription_arn)?;
        Ok(AttributesOutput { attributes: subscription.show().into() })
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, QUEUE, TOPIC, entry};

    #[tokio::test]
    async fn what_it_is_and_what_is_set() {
        let fixture = Fixture::with_topic().await;
        let arn = fixture.subscribe("sqs", QUEUE, &[]).await;
        let shown = fixture.ok("GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]).await;
        for (name, value) in [
            ("SubscriptionArn", Some(&*arn)),
            ("TopicArn", Some(TOPIC)),
            ("Protocol", Some("sqs")),
            ("Endpoint", Some(QUEUE)),
            ("PendingConfirmation", Some("false")),
            ("ConfirmationWasAuthenticated", Some("true")),
            ("RawMessageDelivery", Some("false")),
            ("FilterPolicy", None),
        ] {
            assert_eq!(entry(&shown, name).as_deref(), value, "{name}");
        }
        let absent = format!("{TOPIC}:x");
        let words = "Subscription does not exist";
        fixture.refused("GetSubscriptionAttributes", &[("SubscriptionArn", &absent)], "NotFound", words).await;
        let words = "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1";
        fixture.refused("GetSubscriptionAttributes", &[("SubscriptionArn", "x")], "InvalidParameter", words).await;
    }
}
