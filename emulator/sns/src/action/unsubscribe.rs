//! Unsubscribe ends a subscription. It is no error if it is gone, and one if its endpoint has not agreed yet: there is nothing to
//! end. The link in every message does it too.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use super::SUBSCRIPTION_ARN;
use crate::error::{Error, Result};
use crate::service::Sns;

pub(super) struct Unsubscribe;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    subscription_arn: String,
}

impl Action<Sns> for Unsubscribe {
    const NAME: &'static str = "Unsubscribe";
    const INPUT: Structure = Structure::new("UnsubscribeInput", &[SUBSCRIPTION_ARN]);
    type Input = Input;
    type Output = ();

    async fn run(sns: &Sns, _call: &Call, input: Input) -> Result<()> {
        let directory = sns.directory();
        let arn = &input.subscription_arn;
        let parts = arn.split(':').count();
        if parts < 6 {
            let reason = format!("SubscriptionArn Reason: An ARN must have at least 6 elements, not {parts}");
            return Err(Error::invalid(reason));
        }
        let writing = directory.write();
        // Whoever has the ARN may: a link that is followed is signed by nobody, and the end of the ARN is as good as a token.
        let Some(subscription) = directory.subscription(arn) else { return Ok(()) };
        if !subscription.is_confirmed() {
            let reason = "Cannot unsubscribe a subscription that is pending confirmation";
            return Err(Error::invalid(format!("SubscriptionArn Reason: {reason}")));
        }
        let (world, name) = crate::topic::of_arn("TopicArn", &subscription.topic)?;
        let topic = directory.by_name(&world, name).ok_or(Error::TopicNotFound)?;
        writing.remove_subscription(&topic, &subscription)
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, QUEUE, URL};

    #[tokio::test]
    async fn by_arn_or_link() {
        let mut fixture = Fixture::with_topic().await;
        for by_link in [false, true] {
            let arn = fixture.subscribe("sqs", QUEUE, &[]).await;
            for _ in 0..2 {
                if by_link {
                    let link = format!("http://localhost:4566/?Action=Unsubscribe&SubscriptionArn={arn}");
                    assert_eq!(fixture.follow(&link).await.0, 200);
                } else {
                    fixture.ok("Unsubscribe", &[("SubscriptionArn", &arn)]).await;
                }
            }
            fixture.restart();
            fixture.publish(&[("Message", "m")]).await;
            assert_eq!(fixture.got().await, []);
        }
        let pending = fixture.subscribe("http", URL, &[]).await;
        let words =
            "Invalid parameter: SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation";
        fixture.refused("Unsubscribe", &[("SubscriptionArn", &*pending)], "InvalidParameter", words).await;
        let words = "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1";
        fixture.refused("Unsubscribe", &[("SubscriptionArn", "x")], "InvalidParameter", words).await;
    }
}
