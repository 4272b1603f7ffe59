//! ListSubscriptions lists the subscriptions of a region.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use super::NEXT_TOKEN;
use crate::error::Result;
use crate::page;
use crate::service::Sns;
use crate::subscription::Subscription;

pub(super) struct ListSubscriptions;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    pub(super) subscriptions: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_token: Option<String>,
}

/// A subscription in a list.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    subscription_arn: String,
    owner: String,
    protocol: &'static str,
    endpoint: String,
    topic_arn: String,
}

impl Output {
    /// The part of `subscriptions` after `token`.
    pub(super) fn of(subscriptions: &[std::sync::Arc<Subscription>], token: Option<&str>) -> Self {
        let (page, next_token) = page::cut(subscriptions, |one| &one.arn, token);
        let entry = |one: &std::sync::Arc<Subscription>| Entry {
            subscription_arn: if one.is_confirmed() { one.arn.clone() } else { "PendingConfirmation".to_owned() },
            owner: one.owner.clone(),
            protocol: one.protocol.name(),
            endpoint: one.endpoint.clone(),
            topic_arn: one.topic.clone(),
        };
        Self { subscriptions: page.into_iter().map(entry).collect(), next_token }
    }
}

impl Action<Sns> for ListSubscriptions {
    const NAME: &'static str = "ListSubscriptions";
    const INPUT: Structure = Structure::new("ListSubscriptionsInput", &[NEXT_TOKEN]);
    type Input = Input;
    type Output = Output;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<Output> {
        Ok(Output::of(&sns.directory().all_subscriptions(&call.world), input.next_token.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Fixture, QUEUE, URL};

    #[tokio::test]
    async fn confirmed_and_pending() {
        let fixture = Fixture::with_topic().await;
        let arn = fixture.subscribe("sqs", QUEUE, &[]).await;
        fixture.subscribe("http", URL, &[]).await;
        let listed = fixture.ok("ListSubscriptions", &[]).await;
        assert!(listed.contains(&format!("<SubscriptionArn>{arn}</SubscriptionArn>")), "{listed}");
        assert!(listed.contains("<SubscriptionArn>PendingConfirmation</SubscriptionArn>"), "{listed}");
    }
}
