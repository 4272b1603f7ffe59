//! A subscription as the service has it: making it, looking at it, changing and ending it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_sns::Client;
use tf_framework::{Context, Diagnostics};

use super::SnsTopicSubscription;
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing as _};
use crate::region;
use crate::resource::service_attributes::ServiceAttributes as _;
use crate::wait::{Seen, Wait};

/// Attributes by the service's names.
type Attributes = BTreeMap<&'static str, String>;

/// How long an end takes at most.
const TIMEOUT: Duration = Duration::from_secs(2 * 60);

/// A subscription by its ARN, in its topic's region.
pub(super) struct RemoteSubscription {
    client: Client,
    arn: String,
}

/// Subscribes; the ARN, which there is before the endpoint has agreed.
pub(super) async fn create(cx: &Context<Aws>, planned: &SnsTopicSubscription) -> Result<String, Diagnostics> {
    let attributes = planned.to_create().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let call = cx
        .client()
        .sns(&planned.region)?
        .subscribe()
        .topic_arn(planned.topic_arn.text())
        .protocol(planned.protocol.text())
        .endpoint(planned.endpoint.text())
        .set_attributes(Some(attributes))
        .return_subscription_arn(true);
    let subscribed = call.send().await.map_err(ApiError::from);
    let subscribed = subscribed.map_err(|error| refused(&error, "creating SNS Topic Subscription"))?;
    subscribed.subscription_arn.ok_or_else(|| {
        Diagnostics::error(
            "creating SNS Topic Subscription: empty result",
            "The service did not say what it made. Look at the topic's subscriptions.",
        )
    })
}

impl RemoteSubscription {
    pub(super) fn of(cx: &Context<Aws>, subscription: &SnsTopicSubscription) -> Result<Self, Diagnostics> {
        let client = cx.client().sns(&region::of_state(cx.client(), &subscription.region))?;
        Ok(Self { client, arn: subscription.id.text().to_owned() })
    }

    /// The subscription; `None` when it is gone.
    pub(super) async fn read(&self) -> Result<Option<HashMap<String, String>>, Diagnostics> {
        self.attributes().await.while_doing(&self.doing("reading", ""))
    }

    async fn attributes(&self) -> Result<Option<HashMap<String, String>>, ApiError> {
        let call = self.client.get_subscription_attributes().subscription_arn(&self.arn);
        match call.send().await.map_err(ApiError::from) {
            Err(error) if error.is("NotFound") => Ok(None),
            answer => Ok(answer?.attributes),
        }
    }

    /// Sets attributes, one call for each.
    pub(super) async fn set(&self, mut attributes: Attributes) -> Result<(), Diagnostics> {
        // A filter policy that nests is good for bodies only, so bodies come before it and attributes after it.
        let scope = attributes.remove("FilterPolicyScope").filter(|scope| !scope.is_empty());
        let (first, last) = if scope.as_deref() == Some("MessageBody") { (scope, None) } else { (None, scope) };
        let scope = |scope: Option<String>| scope.map(|scope| ("FilterPolicyScope", scope));
        for (name, value) in scope(first).into_iter().chain(attributes).chain(scope(last)) {
            let value = match name {
                "FilterPolicy" if value.is_empty() => Some("{}".to_owned()),
                // Nothing takes it away; empty text is refused.
                "RedrivePolicy" if value.is_empty() => None,
                _ => Some(value),
            };
            let call = self.client.set_subscription_attributes().subscription_arn(&self.arn);
            let answer = call.attribute_name(name).set_attribute_value(value).send().await.map_err(ApiError::from);
            let doing = self.doing("setting", &format!(" attribute ({name})"));
            answer.map_err(|error| refused(&error, &doing))?;
        }
        Ok(())
    }

    /// Waits until the endpoint has agreed.
    pub(super) async fn until_confirmed(&self, cx: &Context<Aws>, timeout: Duration) -> Result<(), Diagnostics> {
        let doing = self.doing("waiting for", " confirmation");
        let wait = Wait { doing: &doing, pending: &["true"], target: &["false"], timeout };
        wait.until(cx, || self.look()).await.map(drop)
    }

    /// Ends the subscription and waits until it is gone. One that nobody agreed to ends by itself.
    pub(super) async fn delete(&self, cx: &Context<Aws>) -> Result<(), Diagnostics> {
        const PENDING: &str = "Cannot unsubscribe a subscription that is pending confirmation";
        match self.client.unsubscribe().subscription_arn(&self.arn).send().await.map_err(ApiError::from) {
            Err(error) if error.is("NotFound") || error.says("InvalidParameter", &[PENDING]) => return Ok(()),
            answer => answer.map(drop).while_doing(&self.doing("deleting", ""))?,
        }
        let doing = self.doing("waiting for", " delete");
        let wait = Wait { doing: &doing, pending: &["false", "true"], target: &[], timeout: TIMEOUT };
        wait.until(cx, || self.look()).await.map(drop)
    }

    async fn look(&self) -> Result<Seen<()>, ApiError> {
        let found = self.attributes().await?;
        let pending = |found: HashMap<String, String>| found.get("PendingConfirmation").cloned().unwrap_or_default();
        Ok(found.map_or(Seen::Gone, |found| Seen::In(pending(found), ())))
    }

    fn doing(&self, verb: &str, part: &str) -> String {
        format!("{verb} SNS Topic Subscription ({}){part}", self.arn)
    }
}

/// The service names what it refuses at the beginning of its reason: `Invalid parameter: FilterPolicy: …`.
fn refused(error: &ApiError, doing: &str) -> Diagnostics {
    const NAMES: &[(&str, &str)] = &[
        ("SubscriptionRoleArn", "subscription_role_arn"),
        ("FilterPolicyScope", "filter_policy_scope"),
        ("FilterPolicy", "filter_policy"),
        ("RawMessageDelivery", "raw_message_delivery"),
        ("RedrivePolicy", "redrive_policy"),
        ("DeliveryPolicy", "delivery_policy"),
        ("ReplayPolicy", "replay_policy"),
        ("TopicArn", "topic_arn"),
        ("Topic does not exist", "topic_arn"),
        ("rotocol", "protocol"),
        ("ndpoint", "endpoint"),
    ];
    let diagnostic = error.diagnostic(doing);
    match NAMES.iter().find(|(words, _)| error.message().contains(words)) {
        Some(&(_, attribute)) => diagnostic.at(attribute),
        None => diagnostic,
    }
    .into()
}
