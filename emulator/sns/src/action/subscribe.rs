//! Subscribe leads a topic's messages to an endpoint. A queue or a function gets them at once; an HTTP endpoint is asked first,
//! and gets them when it has shown the token that it was sent. An address waits for ever: no mail is sent.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::{ATTRIBUTES, TOPIC_ARN};
use crate::document::confirmation;
use crate::error::{Error, Result};
use crate::outbox::Pending;
use crate::publish::headers;
use crate::service::Sns;
use crate::subscription::{Protocol, Settings, Subscription};
use crate::topic::Topic;

pub(super) struct Subscribe;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    topic_arn: String,
    protocol: String,
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    return_subscription_arn: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    subscription_arn: String,
}

impl Action<Sns> for Subscribe {
    const NAME: &'static str = "Subscribe";
    const INPUT: Structure = Structure::new(
        "SubscribeInput",
        &[
            TOPIC_ARN,
            Shape::string().member("Protocol").required(),
            Shape::string().member("Endpoint"),
            ATTRIBUTES,
            Shape::boolean().member("ReturnSubscriptionArn"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(sns: &Sns, call: &Call, input: Input) -> Result<Output> {
        let protocol = Protocol::parse(&input.protocol)?;
        protocol.check_endpoint(&input.endpoint, &input.topic_arn)?;
        let mut settings = Settings::default();
        settings.set(input.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
        protocol.check_settings(&settings)?;
        let writing = sns.directory().write();
        let topic = sns.directory().topic(&call.world, &input.topic_arn)?;
        settings.check_topic(&topic)?;
        let is_same = |one: &&std::sync::Arc<Subscription>| one.protocol == protocol && one.endpoint == input.endpoint;
        let subscription = match sns.directory().subscriptions(&topic).iter().find(is_same) {
            Some(there) if call.repeats(there.maker.as_ref()) => Subscription::clone(there),
            Some(there) if !input.attributes.is_empty() && there.settings != settings => {
                return Err(Error::invalid("Attributes Reason: Subscription already exists with different attributes"));
            }
            Some(there) => Subscription::clone(there),
            None => {
                let subscription = Subscription {
                    arn: format!("{}:{}", topic.arn(), sns.env().random.uuid()),
                    topic: topic.arn(),
                    protocol,
                    endpoint: input.endpoint,
                    owner: call.world.account.clone(),
                    maker: call.invocation.clone(),
                    settings,
                    token: protocol.asks_first().then(|| sns.env().random.hex::<64>()),
                    authenticated: !protocol.asks_first(),
                };
                writing.put_subscription(subscription.clone())?;
                subscription
            }
        };
        drop(writing);
        if let Some(token) = subscription.token.as_ref().filter(|_| protocol.is_http()) {
            sns.outbox().take(vec![question(sns, &topic, &subscription, token)])?;
        }
        let shows_arn = subscription.is_confirmed() || input.return_subscription_arn;
        Ok(Output { subscription_arn: if shows_arn { subscription.arn } else { "pending confirmation".to_owned() } })
    }
}

/// The question whether the endpoint agrees.
fn question(sns: &Sns, topic: &Topic, subscription: &Subscription, token: &str) -> Pending {
    let (now, id) = (sns.env().clock.now(), sns.env().random.uuid());
    Pending {
        account: topic.account.clone(),
        region: topic.region.clone(),
        url: subscription.endpoint.clone(),
        headers: headers("SubscriptionConfirmation", &id, &subscription.topic),
        body: confirmation(&id, &subscription.topic, token, now, sns.origin()),
        id,
        retry: subscription.retry().unwrap_or_else(|| topic.retry()),
        failures: 0,
        due: now,
        dead_letters: None,
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{FUNCTION, Fixture, Got, QUEUE, TOPIC, URL, entry, first};

    #[tokio::test]
    async fn twice_the_same_is_the_same_subscription() {
        let mut fixture = Fixture::with_topic().await;
        let raw = [("Attributes.entry.1.key", "RawMessageDelivery"), ("Attributes.entry.1.value", "true")];
        let arn = fixture.subscribe("sqs", QUEUE, &raw).await;
        assert!(arn.starts_with(&format!("{TOPIC}:")));
        fixture.restart();
        assert_eq!(fixture.subscribe("sqs", QUEUE, &[]).await, arn);
        assert_eq!(fixture.subscribe("sqs", QUEUE, &raw).await, arn);
        let other = [
            ("TopicArn", TOPIC),
            ("Protocol", "sqs"),
            ("Endpoint", QUEUE),
            ("Attributes.entry.1.key", "RawMessageDelivery"),
            ("Attributes.entry.1.value", "false"),
        ];
        let words = "Invalid parameter: Attributes Reason: Subscription already exists with different attributes";
        fixture.refused("Subscribe", &other, "InvalidParameter", words).await;
    }

    #[tokio::test]
    async fn an_endpoint_over_http_is_asked() {
        let fixture = Fixture::with_topic().await;
        let members = [("TopicArn", TOPIC), ("Protocol", "http"), ("Endpoint", URL)];
        let answer = fixture.ok("Subscribe", &members).await;
        assert_eq!(first(&answer, "SubscriptionArn").as_deref(), Some("pending confirmation"));
        let got = fixture.got().await;
        let [Got::Post(url, headers, body)] = &got[..] else { panic!("{got:?}") };
        assert_eq!(url, URL);
        assert!(headers.contains(&("x-amz-sns-message-type".to_owned(), "SubscriptionConfirmation".to_owned())));
        assert!(
            body.contains("\"SubscribeURL\" : \"http://localhost:4566/?Action=ConfirmSubscription&TopicArn="),
            "{body}"
        );
        fixture.publish(&[("Message", "m")]).await;
        assert_eq!(fixture.got().await, []);
    }

    #[tokio::test]
    async fn an_address_is_never_asked() {
        let mut fixture = Fixture::with_topic().await;
        let members = [("TopicArn", TOPIC), ("Protocol", "email"), ("Endpoint", "a@b.example")];
        let answer = fixture.ok("Subscribe", &members).await;
        assert_eq!(first(&answer, "SubscriptionArn").as_deref(), Some("pending confirmation"));
        let arn = fixture.subscribe("email", "a@b.example", &[]).await;
        fixture.restart();
        let shown = fixture.ok("GetSubscriptionAttributes", &[("SubscriptionArn", &*arn)]).await;
        for (name, value) in [
            ("PendingConfirmation", Some("true")),
            ("ConfirmationWasAuthenticated", Some("false")),
            ("EffectiveDeliveryPolicy", None),
        ] {
            assert_eq!(entry(&shown, name).as_deref(), value, "{name}");
        }
        fixture.publish(&[("Message", "m")]).await;
        assert_eq!(fixture.got().await, []);
    }

    #[tokio::test]
    async fn what_leads_nowhere_is_kept_and_fails_no_publish() {
        let mut fixture = Fixture::with_topic().await;
        let stream = "arn:aws:firehose:us-east-1:000000000000:deliverystream/d";
        let role = "arn:aws:iam::000000000000:role/r";
        let with_role = [("Attributes.entry.1.key", "SubscriptionRoleArn"), ("Attributes.entry.1.value", role)];
        let endpoint = "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/app/1234";
        let mut arns = Vec::new();
        for (protocol, endpoint, attributes) in
            [("firehose", stream, &with_role[..]), ("application", endpoint, &[]), ("sms", "+15551234567", &[])]
        {
            arns.push((protocol, endpoint, fixture.subscribe(protocol, endpoint, attributes).await));
        }
        fixture.subscribe("sqs", QUEUE, &[]).await;
        fixture.restart();
        for (protocol, endpoint, arn) in &arns {
            let shown = fixture.ok("GetSubscriptionAttributes", &[("SubscriptionArn", arn)]).await;
            for (name, value) in [
                ("Protocol", Some(*protocol)),
                ("Endpoint", Some(*endpoint)),
                ("PendingConfirmation", Some("false")),
                ("SubscriptionRoleArn", (*protocol == "firehose").then_some(role)),
            ] {
                assert_eq!(entry(&shown, name).as_deref(), value, "{protocol}: {name}");
            }
        }
        fixture.publish(&[("Message", "m")]).await;
        assert!(matches!(&fixture.got().await[..], [Got::Queue(..)]));
        let without = [("TopicArn", TOPIC), ("Protocol", "firehose"), ("Endpoint", stream)];
        let words = "Invalid parameter: Attributes Reason: SubscriptionRoleArn: Delivery protocol [firehose] requires the ARN of a role.";
        fixture.refused("Subscribe", &without, "InvalidParameter", words).await;
        let sms = [("TopicArn", TOPIC), ("Protocol", "sms"), ("Endpoint", "nobody")];
        fixture.refused("Subscribe", &sms, "InvalidParameter", "Invalid SMS endpoint: nobody").await;
    }

    #[tokio::test]
    async fn a_replay_needs_an_archive() {
        let mut fixture = Fixture::new();
        let fifo = [("Name", "t.fifo"), ("Attributes.entry.1.key", "FifoTopic"), ("Attributes.entry.1.value", "true")];
        fixture.ok("CreateTopic", &fifo).await;
        let topic = format!("{TOPIC}.fifo");
        let policy = r#"{"PointType":"Timestamp","StartingPoint":"2023-11-14T00:00:00.000Z"}"#;
        let members = [
            ("TopicArn", &*topic),
            ("Protocol", "sqs"),
            ("Endpoint", QUEUE),
            ("ReturnSubscriptionArn", "true"),
            ("Attributes.entry.1.key", "ReplayPolicy"),
            ("Attributes.entry.1.value", policy),
        ];
        let words = "Invalid parameter: ReplayPolicy: The topic has no ArchivePolicy";
        fixture.refused("Subscribe", &members, "InvalidParameter", words).await;
        let archive = |policy| [("TopicArn", &*topic), ("AttributeName", "ArchivePolicy"), ("AttributeValue", policy)];
        fixture.ok("SetTopicAttributes", &archive(r#"{"MessageRetentionPeriod":"30"}"#)).await;
        let arn = first(&fixture.ok("Subscribe", &members).await, "SubscriptionArn").unwrap();
        fixture.restart();
        let shown = fixture.ok("GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]).await;
        assert_eq!(entry(&shown, "ReplayPolicy"), Some(policy.replace('"', "&quot;")));
        assert_eq!(entry(&shown, "ReplayStatus").as_deref(), Some("Failed"));
        let set = [("SubscriptionArn", &*arn), ("AttributeName", "ReplayPolicy"), ("AttributeValue", "{}")];
        fixture.ok("SetSubscriptionAttributes", &set).await;
        let shown = fixture.ok("GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]).await;
        assert_eq!((entry(&shown, "ReplayPolicy"), entry(&shown, "ReplayStatus")), (None, None));
        // Whoever keeps messages has to give them up before the topic goes.
        let words = "Invalid state: Cannot delete a topic with an ArchivePolicy";
        fixture.refused("DeleteTopic", &[("TopicArn", &topic)], "InvalidState", words).await;
        let shown = fixture.ok("GetTopicAttributes", &[("TopicArn", &topic)]).await;
        assert_eq!(entry(&shown, "BeginningArchiveTime").as_deref(), Some("2023-11-14T22:13:20.000Z"));
        fixture.ok("SetTopicAttributes", &archive("{}")).await;
        let shown = fixture.ok("GetTopicAttributes", &[("TopicArn", &topic)]).await;
        assert_eq!((entry(&shown, "ArchivePolicy"), entry(&shown, "BeginningArchiveTime")), (None, None));
        fixture.ok("DeleteTopic", &[("TopicArn", &topic)]).await;
    }

    #[tokio::test]
    async fn what_cannot_be_subscribed() {
        let fixture = Fixture::with_topic().await;
        let absent = format!("{TOPIC}x");
        let members = [("TopicArn", &*absent), ("Protocol", "sqs"), ("Endpoint", QUEUE)];
        fixture.refused("Subscribe", &members, "NotFound", "Topic does not exist").await;
        for (protocol, endpoint, words) in
            [("fax", "", "Amazon SNS does not support this protocol string: fax"), ("sqs", "q", "SQS endpoint ARN")]
        {
            let members = [("TopicArn", TOPIC), ("Protocol", protocol), ("Endpoint", endpoint)];
            fixture.refused("Subscribe", &members, "InvalidParameter", &format!("Invalid parameter: {words}")).await;
        }
        let raw = [
            ("TopicArn", TOPIC),
            ("Protocol", "lambda"),
            ("Endpoint", FUNCTION),
            ("Attributes.entry.1.key", "RawMessageDelivery"),
            ("Attributes.entry.1.value", "true"),
        ];
        let words = "Invalid parameter: Attributes Reason: RawMessageDelivery: Delivery protocol [lambda] does not support raw message delivery.";
        fixture.refused("Subscribe", &raw, "InvalidParameter", words).await;
    }
}
