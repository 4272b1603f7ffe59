//! Who gets a message: every confirmed subscription that wants it. Queues and functions have it when the publish is answered;
//! what goes over HTTP is then in the outbox.
//!
//! A target that does not take a message is no error of the publish: it goes to the subscription's queue for dead letters, or
//! the log says that it is lost.

use aws_wire::World;
use bytes::Bytes;
use futures_util::future::join_all;
use sha2::{Digest as _, Sha256};

use crate::document::Notification;
use crate::error::{Error, Result};
use crate::message::{Publication, Texts};
use crate::outbox::Pending;
use crate::service::Sns;
use crate::subscription::{Protocol, Subscription};
use crate::target::{QueueMessage, TargetError};
use crate::topic::{Topic, is_fifo};

/// The most attributes that a message in a queue can have.
const MOST_RAW_ATTRIBUTES: usize = 10;

/// What was published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Published {
    pub(crate) message_id: String,
    /// Only on FIFO topics.
    pub(crate) sequence: Option<String>,
}

/// A message on its way to the subscriptions of a topic.
struct Going<'a> {
    sns: &'a Sns,
    topic: &'a Topic,
    world: World,
    arn: String,
    publication: &'a Publication,
    texts: Texts,
    deduplication: Option<String>,
    published: &'a Published,
    at: env::Timestamp,
}

impl Sns {
    /// Publishes a message. Its place in a FIFO topic is decided when this is first polled.
    pub(crate) async fn publish(&self, topic: &Topic, publication: &Publication) -> Result<Published> {
        let texts = publication.check()?;
        let deduplication = check_fifo(topic, publication)?;
        let published =
            Published { message_id: self.env().random.uuid(), sequence: topic.is_fifo().then(|| self.next_sequence()) };
        let going = Going {
            sns: self,
            topic,
            world: topic.world(),
            arn: topic.arn(),
            publication,
            texts,
            deduplication,
            published: &published,
            at: self.env().clock.now(),
        };
        let subscriptions = self.directory().subscriptions(topic);
        let wanted = subscriptions.iter().filter(|one| one.is_confirmed() && one.wants(publication, &going.texts));
        let (later, now): (Vec<_>, Vec<_>) = wanted.partition(|one| one.protocol.is_http());
        join_all(now.into_iter().map(|one| going.deliver(one))).await;
        self.outbox().take(later.into_iter().map(|one| going.pending(one)).collect())?;
        Ok(published)
    }
}

impl Going<'_> {
    fn notification<'a>(&'a self, subscription: &'a Subscription) -> Notification<'a> {
        Notification {
            id: &self.published.message_id,
            topic: &self.arn,
            subscription: &subscription.arn,
            subject: self.publication.subject.as_deref(),
            text: self.texts.of(subscription.protocol.name()),
            attributes: &self.publication.message_attributes,
            sequence: self.published.sequence.as_deref(),
            at: self.at,
            signature_version: self.topic.attributes.get("SignatureVersion").map_or("1", String::as_str),
            origin: self.sns.origin(),
        }
    }

    /// Brings the message to a queue or a function.
    async fn deliver(&self, subscription: &Subscription) {
        let notification = self.notification(subscription);
        let (targets, endpoint) = (self.sns.targets(), subscription.endpoint.as_str());
        let outcome = match subscription.protocol {
            Protocol::Lambda => targets.invoke(&self.world, endpoint, Bytes::from(notification.event())).await,
            Protocol::Sqs if subscription.settings.raw && notification.attributes.len() > MOST_RAW_ATTRIBUTES => {
                Err(TargetError(format!("a message in a queue has at most {MOST_RAW_ATTRIBUTES} attributes")))
            }
            Protocol::Sqs => targets.send(&self.world, endpoint, self.queue_message(subscription, endpoint)).await,
            Protocol::Application | Protocol::Firehose | Protocol::Sms => {
                let protocol = subscription.protocol.name();
                tracing::warn!(
                    subscription = subscription.arn,
                    protocol,
                    endpoint,
                    "a message leads nowhere from here"
                );
                Ok(())
            }
            // These are in the outbox, or have never agreed.
            Protocol::Http | Protocol::Https | Protocol::Email | Protocol::EmailJson => Ok(()),
        };
        let Err(error) = outcome else { return };
        tracing::warn!(subscription = subscription.arn, %error, "a message cannot be delivered");
        let Some(queue) = subscription.dead_letters() else { return };
        if let Err(error) = targets.send(&self.world, &queue, self.queue_message(subscription, &queue)).await {
            tracing::warn!(queue, %error, "a dead letter is lost");
        }
    }

    fn queue_message(&self, subscription: &Subscription, queue: &str) -> QueueMessage {
        let notification = self.notification(subscription);
        let raw = subscription.settings.raw;
        let fifo = is_fifo(queue);
        let attributes = self.publication.message_attributes.iter();
        let attributes = attributes.filter(|_| raw).take(MOST_RAW_ATTRIBUTES);
        QueueMessage {
            body: if raw { notification.text.to_owned() } else { notification.envelope() },
            attributes: attributes.map(|(name, value)| (name.clone(), value.clone())).collect(),
            group: self.publication.message_group_id.clone(),
            deduplication: self.deduplication.clone().filter(|_| fifo),
        }
    }

    fn pending(&self, subscription: &Subscription) -> Pending {
        let notification = self.notification(subscription);
        let raw = subscription.settings.raw;
        let mut headers = headers("Notification", notification.id, &self.arn);
        headers.push(("x-amz-sns-subscription-arn".to_owned(), subscription.arn.clone()));
        if raw {
            headers.push(("x-amz-sns-rawdelivery".to_owned(), "true".to_owned()));
        }
        Pending {
            id: self.sns.env().random.uuid(),
            account: self.world.account.clone(),
            region: self.world.region.clone(),
            url: subscription.endpoint.clone(),
            headers,
            body: if raw { notification.text.to_owned() } else { notification.envelope() },
            retry: subscription.retry().unwrap_or_else(|| self.topic.retry()),
            failures: 0,
            due: self.at,
            dead_letters: subscription.dead_letters(),
        }
    }
}

/// The headers of every document over HTTP.
pub(crate) fn headers(kind: &str, id: &str, topic: &str) -> Vec<(String, String)> {
    [
        ("content-type", "text/plain; charset=UTF-8"),
        ("user-agent", "Amazon Simple Notification Service Agent"),
        ("x-amz-sns-message-type", kind),
        ("x-amz-sns-message-id", id),
        ("x-amz-sns-topic-arn", topic),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// Checks what the kind of a topic asks for; what makes the message the same as another.
fn check_fifo(topic: &Topic, publication: &Publication) -> Result<Option<String>> {
    let is_id = |text: &String| (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if publication.message_group_id.as_ref().is_some_and(|id| !is_id(id)) {
        return Err(Error::invalid("MessageGroupId"));
    }
    match (&publication.message_deduplication_id, topic.is_fifo()) {
        (Some(id), _) if !is_id(id) => Err(Error::invalid("MessageDeduplicationId")),
        (Some(_), false) => Err(Error::invalid(
            "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this \
             topic type",
        )),
        (None, false) => Ok(None),
        (_, true) if publication.message_group_id.is_none() => {
            Err(Error::invalid("The MessageGroupId parameter is required for FIFO topics"))
        }
        (Some(id), true) => Ok(Some(id.clone())),
        (None, true) if topic.is_content_based() => {
            let digest = Sha256::digest(publication.message.as_bytes());
            Ok(Some(digest.iter().map(|byte| format!("{byte:02x}")).collect()))
        }
        (None, true) => Err(Error::invalid(
            "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        )),
    }
}
