//! SetSubscriptionAttributes sets one attribute of a subscription; without a value it removes it.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use super::SUBSCRIPTION_ARN;
use crate::error::Result;
use crate::service::Sns;
use crate::subscription::Subscription;

pub(super) struct SetSubscriptionAttributes;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    subscription_arn: String,
    attribute_name: String,
    #[serde(default)]
    attribute_value: String,
}

impl Action<Sns> for SetSubscriptionAttributes {
    const NAME: &'static str = "SetSubscriptionAttributes";
    const INPUT: Structure = Structure::new(
        "SetSubscriptionAttributesInput",
        &[
            SUBSCRIPTION_ARN,
            Shape::string().member("AttributeName").required(),
            Shape::string().member("AttributeValue"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<()> {
        let writing = sns.directory().write();
        let there = sns.directory().subscription_of(&call.world, &input.subscription_arn)?;
        let mut subscription = Subscription::clone(&there);
        subscription.settings.set([(&*input.attribute_name, &*input.attribute_value)])?;
        subscription.protocol.check_settings(&subscription.settings)?;
        if input.attribute_name == "ReplayPolicy" {
            let topic = sns.directory().topic(&call.world, &subscription.topic)?;
            subscription.settings.check_topic(&topic)?;
        }
        writing.put_subscription(subscription)
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{FUNCTION, Fixture, QUEUE, entry};

    #[tokio::test]
    async fn one_at_a_time() {
        let mut fixture = Fixture::with_topic().await;
        let arn = fixture.subscribe("sqs", QUEUE, &[]).await;
        let set = |name, value| [("SubscriptionArn", &*arn), ("AttributeName", name), ("AttributeValue", value)];
        let filter = r#"{"a":["x"]}"#;
        fixture.ok("SetSubscriptionAttributes", &set("FilterPolicy", filter)).await;
        fixture.restart();
        let shown = fixture.ok("GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]).await;
        assert_eq!(entry(&shown, "FilterPolicy"), Some(filter.replace('"', "&quot;")));
        assert_eq!(entry(&shown, "FilterPolicyScope").as_deref(), Some("MessageAttributes"));
        fixture.ok("SetSubscriptionAttributes", &set("FilterPolicy", "{}")).await;
        let shown = fixture.ok("GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]).await;
        assert_eq!(entry(&shown, "FilterPolicy"), None);
        let function = fixture.subscribe("lambda", FUNCTION, &[]).await;
        let raw =
            [("SubscriptionArn", &*function), ("AttributeName", "RawMessageDelivery"), ("AttributeValue", "true")];
        let words = "Invalid parameter: Attributes Reason: RawMessageDelivery: Delivery protocol [lambda] does not support raw message delivery.";
        fixture.refused("SetSubscriptionAttributes", &raw, "InvalidParameter", words).await;
        let words = "Invalid parameter: FilterPolicy: failed to parse JSON.";
        fixture.refused("SetSubscriptionAttributes", &set("FilterPolicy", "x"), "InvalidParameter", words).await;
        let words = "Invalid parameter: AttributeName";
        fixture.refused("SetSubscriptionAttributes", &set("Color", "red"), "InvalidParameter", words).await;
    }
}
