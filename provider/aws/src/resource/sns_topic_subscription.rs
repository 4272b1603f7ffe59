//! `aws_sns_topic_subscription`: a way from a topic to an endpoint.
//!
//! Calls are in `remote`. An endpoint over HTTP has to agree first; whether Terraform waits for that, the user says. AWS does
//! not end a subscription that nobody agreed to before its time, so destroying one only forgets it.

mod remote;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Change, Comparison, Context, Diagnostic, Diagnostics, Failure, Identity, Plan, Resource, Value,
};

use self::remote::RemoteSubscription;
use super::service_attributes::{Field, ServiceAttributes};
use crate::arn::{must_be_arn, must_be_arn_or_empty};
use crate::client::Aws;
use crate::policy::must_be_json_or_empty;
use crate::{identity, region};

const PROTOCOLS: &[&str] = &["application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"];

/// What a filter policy looks at, if nobody says.
const USUAL_SCOPE: &str = "MessageAttributes";

/// The name of the rule for `same_when` on delivery policies, which the service completes.
const SAME_DELIVERY: &str = "delivery-policy";

/// A way from a topic to an endpoint.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SnsTopicSubscription {
    /// The subscription's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// How many minutes to wait until an endpoint over HTTP that agrees by itself has done so.
    #[schemars(extend("tf" = optional().default(1)))]
    confirmation_timeout_in_minutes: Attr<i64>,
    /// Whether only the owner can end the subscription.
    #[schemars(extend("tf" = computed()))]
    confirmation_was_authenticated: Attr<bool>,
    /// How deliveries over HTTP are tried again, as JSON; as the topic says when not set.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_json_or_empty()).same_when(SAME_DELIVERY)))]
    delivery_policy: Attr<String>,
    /// Where messages go: an ARN, a URL or an address, as the protocol has it.
    #[schemars(extend("tf" = required().force_new()))]
    endpoint: Attr<String>,
    /// Whether an endpoint over HTTP agrees by itself.
    #[schemars(extend("tf" = optional().default(false)))]
    endpoint_auto_confirms: Attr<bool>,
    /// Which messages the endpoint wants, as JSON; all when not set.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_json_or_empty()).same_when("json")))]
    filter_policy: Attr<String>,
    /// What the filter policy looks at.
    #[schemars(extend("tf" = optional_computed().one_of(&["MessageAttributes", "MessageBody"])))]
    filter_policy_scope: Attr<String>,
    /// The subscription's ARN.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The account that the subscription belongs to.
    #[schemars(extend("tf" = computed()))]
    owner_id: Attr<String>,
    /// Whether the endpoint has not agreed yet.
    #[schemars(extend("tf" = computed()))]
    pending_confirmation: Attr<bool>,
    /// The way to the endpoint.
    #[schemars(extend("tf" = required().force_new().one_of(PROTOCOLS)))]
    protocol: Attr<String>,
    /// Whether the endpoint gets messages as they were published.
    #[schemars(extend("tf" = optional().default(false)))]
    raw_message_delivery: Attr<bool>,
    /// Where messages go that the endpoint does not take, as JSON.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_json_or_empty()).same_when("json")))]
    redrive_policy: Attr<String>,
    /// The region of the topic; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// Which messages out of a FIFO topic's archive the endpoint wants again, as JSON.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_json_or_empty()).same_when("json")))]
    replay_policy: Attr<String>,
    /// The role that writes to a Firehose endpoint.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    subscription_role_arn: Attr<String>,
    /// The topic's ARN.
    #[schemars(extend("tf" = required().force_new().check(must_be_arn())))]
    topic_arn: Attr<String>,
}

impl ServiceAttributes for SnsTopicSubscription {
    fn fields(&mut self) -> Vec<(&'static str, Field<'_>)> {
        vec![
            ("ConfirmationWasAuthenticated", Field::Flag(&mut self.confirmation_was_authenticated)),
            ("DeliveryPolicy", Field::Text(&mut self.delivery_policy)),
            ("FilterPolicy", Field::Text(&mut self.filter_policy)),
            ("FilterPolicyScope", Field::Text(&mut self.filter_policy_scope)),
            ("Owner", Field::Text(&mut self.owner_id)),
            ("PendingConfirmation", Field::Flag(&mut self.pending_confirmation)),
            ("RawMessageDelivery", Field::Flag(&mut self.raw_message_delivery)),
            ("RedrivePolicy", Field::Text(&mut self.redrive_policy)),
            ("ReplayPolicy", Field::Text(&mut self.replay_policy)),
            ("SubscriptionArn", Field::Text(&mut self.arn)),
            ("SubscriptionRoleArn", Field::Text(&mut self.subscription_role_arn)),
        ]
    }
}

impl Resource for SnsTopicSubscription {
    const TYPE: &'static str = "aws_sns_topic_subscription";
    const IDENTITY: Option<Identity> = Some(identity::arn(&["arn"]));
    const IMPORT_ID: &'static str = "{arn}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        super::refuse_configured_id(&config.id)
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |subscription| &mut subscription.region)?;
        plan_scope(plan)
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let arn = remote::create(cx, &planned).await?;
        let known = Self { id: arn.as_str().into(), arn: arn.into(), ..planned };
        cx.save(&known);
        if let Some(timeout) = known.time_to_agree() {
            RemoteSubscription::of(cx, &known)?.until_confirmed(cx, timeout).await?;
        }
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let region = region::of_state(cx.client(), &state.region);
        let Some(found) = RemoteSubscription::of(cx, &state)?.read().await? else { return Ok(None) };
        let text = |name: &str| found.get(name).cloned().unwrap_or_default().into();
        let mut observed = Self {
            endpoint: text("Endpoint"),
            protocol: text("Protocol"),
            topic_arn: text("TopicArn"),
            region,
            ..state
        };
        observed.observe(&found);
        Ok(Some(observed))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        let Change { prior, planned, .. } = change;
        RemoteSubscription::of(cx, &prior)?.set(prior.to_update(&planned)).await?;
        planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        Ok(RemoteSubscription::of(cx, &state)?.delete(cx).await?)
    }

    async fn import(_: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let example = "Give the subscription's ARN, like arn:aws:sns:REGION:ACCOUNT:TOPIC:ID; `aws sns list-subscriptions` shows it.";
        let (arn, region) = region::of_import_arn(id, "a subscription", example)?;
        Ok(Self {
            id: arn.into(),
            arn: arn.into(),
            region: region.into(),
            // The service knows nothing of these two.
            confirmation_timeout_in_minutes: 1.into(),
            endpoint_auto_confirms: false.into(),
            ..Self::default()
        })
    }

    fn same(comparison: &Comparison<'_>) -> bool {
        match (comparison.rule, comparison.prior, comparison.config) {
            (SAME_DELIVERY, Value::String(prior), Value::String(config)) => are_same_delivery(prior, config),
            _ => false,
        }
    }
}

/// The scope belongs to the filter policy: it goes with it, and is the usual one when it is not given any more.
fn plan_scope(plan: &mut Plan<SnsTopicSubscription>) -> Result<(), Diagnostics> {
    let policy = &plan.planned.filter_policy;
    if policy.is_unknown() {
        return Ok(());
    }
    let has_policy = !policy.text().is_empty();
    let config = &plan.config.filter_policy_scope;
    if !has_policy && !config.is_null() && !config.is_unknown() {
        let detail = "Set filter_policy, or remove filter_policy_scope.";
        let summary = "filter_policy is required when filter_policy_scope is set";
        return Err(Diagnostic::error(summary, detail).at("filter_policy_scope").into());
    }
    if !config.is_null() {
        return Ok(());
    }
    let prior = plan.prior.as_ref().map_or("".into(), |prior| prior.filter_policy_scope.clone());
    plan.planned.filter_policy_scope = match (has_policy, prior.text().is_empty()) {
        (true, false) => USUAL_SCOPE.into(),
        (true, true) if plan.changes(|subscription| &subscription.filter_policy) => Attr::Unknown,
        (false, false) => "".into(),
        // As it is, even if that is nothing: other providers write no scope down.
        (true | false, true) => prior,
    };
    Ok(())
}

impl SnsTopicSubscription {
    /// How long to wait until the endpoint has agreed; `None` when nobody knows whether it ever will.
    fn time_to_agree(&self) -> Option<Duration> {
        let protocol = self.protocol.text();
        let minutes = match (protocol.starts_with("http"), self.endpoint_auto_confirms.unwrap_or(false)) {
            (true, false) => return None,
            (true, true) => self.confirmation_timeout_in_minutes.unwrap_or(1),
            (false, _) if protocol.starts_with("email") => return None,
            (false, _) => 2,
        };
        Some(Duration::from_secs(u64::try_from(minutes).unwrap_or(0).saturating_mul(60)))
    }

    /// The state after a write.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let arn = self.id.text().to_owned();
        Self::read(cx, self).await?.ok_or_else(|| {
            Diagnostics::error(
                format!("reading SNS Topic Subscription ({arn}): couldn't find resource"),
                "Something else ended the subscription meanwhile. Apply again to create it anew.",
            )
            .into()
        })
    }
}

/// Whether two delivery policies say the same, where zero and nothing are the same.
fn are_same_delivery(a: &str, b: &str) -> bool {
    let canonical = |text: &str| serde_json::from_str(text).ok().map(without_zeros);
    a == b || canonical(a).is_some_and(|a| canonical(b) == Some(a))
}

fn without_zeros(policy: Json) -> Json {
    let Json::Object(members) = policy else { return policy };
    let is_zero = |value: &Json| match value {
        Json::Null => true,
        Json::Bool(value) => !value,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => text.is_empty(),
        Json::Array(_) | Json::Object(_) => false,
    };
    let kept = members.into_iter().filter(|(_, value)| !is_zero(value));
    Json::Object(kept.map(|(name, value)| (name, without_zeros(value))).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests;
