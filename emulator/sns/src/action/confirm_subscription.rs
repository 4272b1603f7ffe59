//! ConfirmSubscription: an HTTP endpoint agrees to its subscription, by the token that it was sent. The link in that document
//! does it too.

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::TOPIC_ARN;
use crate::error::{Error, Result};
use crate::service::Sns;
use crate::subscription::Subscription;

pub(super) struct ConfirmSubscription;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    topic_arn: String,
    token: String,
    authenticate_on_unsubscribe: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    subscription_arn: String,
}

impl Action<Sns> for ConfirmSubscription {
    const NAME: &'static str = "ConfirmSubscription";
    const INPUT: Structure = Structure::new(
        "ConfirmSubscriptionInput",
        &[TOPIC_ARN, Shape::string().member("Token").required(), Shape::string().member("AuthenticateOnUnsubscribe")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(sns: &Sns, _call: &Call, input: Input) -> Result<Output> {
        let directory = sns.directory();
        let writing = directory.write();
        // Whoever has the token may: a link that is followed is signed by nobody, so the topic says which world it is in.
        let (world, name) = crate::topic::of_arn("TopicArn", &input.topic_arn)?;
        let topic = directory.by_name(&world, name).ok_or(Error::TopicNotFound)?;
        let is_meant = |one: &&std::sync::Arc<Subscription>| one.token.as_ref() == Some(&input.token);
        let subscriptions = directory.subscriptions(&topic);
        let pending = subscriptions.iter().find(is_meant).ok_or_else(|| Error::invalid("Token"))?;
        let mut subscription = Subscription::clone(pending);
        subscription.token = None;
        subscription.authenticated = input.authenticate_on_unsubscribe.as_deref() == Some("true");
        let subscription_arn = subscription.arn.clone();
        writing.put_subscription(subscription)?;
        Ok(Output { subscription_arn })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::fixture::{Fixture, Got, TOPIC, URL, first};

    #[tokio::test]
    async fn by_token_or_link() {
        let mut fixture = Fixture::with_topic().await;
        for (number, url) in ["http://127.0.0.1:9/a", URL].into_iter().enumerate() {
            let arn = fixture.subscribe("http", url, &[]).await;
            let got = fixture.got().await;
            let [Got::Post(_, _, body)] = &got[..] else { panic!("{got:?}") };
            let asked: Value = serde_json::from_str(body).unwrap();
            let confirmed = if number == 0 {
                let token = asked["Token"].as_str().unwrap();
                fixture.ok("ConfirmSubscription", &[("TopicArn", TOPIC), ("Token", token)]).await
            } else {
                fixture.follow(asked["SubscribeURL"].as_str().unwrap()).await.1
            };
            assert_eq!(first(&confirmed, "SubscriptionArn"), Some(arn));
        }
        fixture.restart();
        fixture.publish(&[("Message", "m")]).await;
        assert_eq!(fixture.got().await.len(), 2);
    }

    #[tokio::test]
    async fn not_without_the_token() {
        let fixture = Fixture::with_topic().await;
        fixture.subscribe("http", URL, &[]).await;
        let members = [("TopicArn", TOPIC), ("Token", "x")];
        fixture.refused("ConfirmSubscription", &members, "InvalidParameter", "Invalid parameter: Token").await;
        let absent = format!("{TOPIC}x");
        let members = [("TopicArn", &*absent), ("Token", "x")];
        fixture.refused("ConfirmSubscription", &members, "NotFound", "Topic does not exist").await;
    }
}
