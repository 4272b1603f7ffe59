//! SendMessage puts a message into a queue. It is durable when it is answered.
//!
//! A message has 1 MiB at most, attributes included, or what its queue allows. In a FIFO queue it needs a group, and is the same
//! as another of the last five minutes that has its deduplication id (or its body, if the queue goes by content): the answer is
//! then that of the other.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Member, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::QUEUE_URL;
use crate::attribute::{self, AttributeValue, Attributes};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::send::{Outgoing, Sent};

pub(super) struct SendMessage;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
    #[serde(flatten)]
    message: Message,
}

/// What a message says and carries, alone or in a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Message {
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: Attributes,
    #[serde(default)]
    message_system_attributes: BTreeMap<String, AttributeValue>,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

/// What came of a message, alone or in a batch.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_body: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    md5_of_attributes: Option<String>,
    #[serde(rename = "MD5OfMessageSystemAttributes", skip_serializing_if = "Option::is_none")]
    md5_of_system_attributes: Option<String>,
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_number: Option<String>,
}

/// The constraints of [`Message`]. A list of members can only be said whole.
macro_rules! message_members {
    ($first:expr) => {
        &[
            $first,
            Shape::string().member("MessageBody").required(),
            Shape::integer().member("DelaySeconds"),
            $crate::attribute::ATTRIBUTES.member("MessageAttributes"),
            $crate::attribute::ATTRIBUTES.member("MessageSystemAttributes"),
            Shape::string().member("MessageDeduplicationId"),
            Shape::string().member("MessageGroupId"),
        ]
    };
}
pub(super) use message_members;

const MEMBERS: &[Member] = message_members!(QUEUE_URL);

impl Message {
    /// As the queue takes it, from the caller.
    pub(super) fn outgoing(self, call: &Call) -> Result<Outgoing> {
        let mut system = self.message_system_attributes;
        let trace = system.remove("AWSTraceHeader").map(|value| value.string_value.unwrap_or_default());
        if let Some(name) = system.into_keys().next() {
            return Err(Error::MessageAttribute {
                reason: format!(
                    "Message system attribute name '{name}' is invalid, the set of valid names is AWSTraceHeader."
                ),
            });
        }
        Ok(Outgoing {
            body: self.message_body,
            attributes: self.message_attributes,
            trace,
            delay_secs: self.delay_seconds,
            group: self.message_group_id,
            deduplication: self.message_deduplication_id,
            sender: call.world.account.clone(),
        })
    }

    /// What it counts for towards the size of a batch.
    pub(super) fn size(&self) -> usize {
        self.message_body.len() + attribute::size(&self.message_attributes)
    }
}

impl From<Sent> for Output {
    fn from(sent: Sent) -> Self {
        Self {
            md5_of_body: sent.md5_of_body,
            md5_of_attributes: sent.md5_of_attributes,
            md5_of_system_attributes: sent.md5_of_system_attributes,
            message_id: sent.message_id,
            sequence_number: sent.sequence_number,
        }
    }
}

impl Action<Client> for SendMessage {
    const NAME: &'static str = "SendMessage";
    const INPUT: Structure = Structure::new("SendMessageRequest", MEMBERS);
    type Input = Input;
    type Output = Output;

    async fn run(client: &Client, call: &Call, input: Input) -> Result<Output> {
        let queue = client.queue(call, &input.queue_url)?;
        client.sqs.send(&queue, input.message.outgoing(call)?).await.map(Output::from)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::fixture::{Fixture, NOT_FOUND, URL};

    const INVALID: &str = "com.amazon.coral.service#InvalidParameterValueException";

    #[tokio::test]
    async fn a_message_is_there_after_a_restart() {
        let mut fixture = Fixture::with_queue().await;
        let attributes = json!({"a": {"DataType": "String", "StringValue": "b"}});
        let input = json!({"QueueUrl": URL, "MessageBody": "hello", "MessageAttributes": attributes});
        let sent = fixture.ok("SendMessage", input).await;
        assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(sent["SequenceNumber"], Value::Null);
        fixture.restart();
        let got = fixture.messages(json!({"QueueUrl": URL, "MessageAttributeNames": ["All"]})).await;
        assert_eq!(got[0]["MessageId"], sent["MessageId"]);
        assert_eq!(got[0]["MessageAttributes"], attributes);
        assert_eq!(got[0]["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
    }

    #[tokio::test]
    async fn a_delay_is_the_messages_or_the_queues() {
        let fixture = Fixture::new();
        fixture.ok("CreateQueue", json!({"QueueName": "q", "Attributes": {"DelaySeconds": "10"}})).await;
        fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": "queue's"})).await;
        fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": "own", "DelaySeconds": 5})).await;
        fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": "none", "DelaySeconds": 0})).await;
        assert_eq!(fixture.bodies().await, ["none"]);
        assert_eq!(fixture.attribute("ApproximateNumberOfMessagesDelayed").await, "2");
        fixture.env.clock.advance(Duration::from_secs(5));
        assert_eq!(fixture.bodies().await, ["own"]);
        fixture.env.clock.advance(Duration::from_secs(5));
        assert_eq!(fixture.bodies().await, ["queue's"]);
    }

    #[tokio::test]
    async fn the_same_within_five_minutes_is_one() {
        let (mut fixture, url) = Fixture::with_fifo(json!({"ContentBasedDeduplication": "true"})).await;
        let send = |body: &str| json!({"QueueUrl": url, "MessageBody": body, "MessageGroupId": "g"});
        let first = fixture.ok("SendMessage", send("a")).await;
        assert_eq!(first["SequenceNumber"].as_str().unwrap().len(), 20);
        assert_eq!(fixture.ok("SendMessage", send("a")).await, first);
        let second = fixture.ok("SendMessage", send("b")).await;
        assert!(second["SequenceNumber"].as_str() > first["SequenceNumber"].as_str());
        fixture.restart();
        assert_eq!(fixture.ok("SendMessage", send("a")).await, first);
        assert_eq!(fixture.bodies_of(&url).await, ["a", "b"]);
        fixture.env.clock.advance(Duration::from_secs(300));
        assert_ne!(fixture.ok("SendMessage", send("a")).await, first);
    }

    #[tokio::test]
    async fn a_deduplication_id_may_count_within_its_group() {
        let (fixture, url) = Fixture::with_fifo(json!({"DeduplicationScope": "messageGroup"})).await;
        for group in ["g", "h", "g"] {
            let input =
                json!({"QueueUrl": url, "MessageBody": group, "MessageGroupId": group, "MessageDeduplicationId": "1"});
            fixture.ok("SendMessage", input).await;
        }
        assert_eq!(fixture.bodies_of(&url).await, ["g", "h"]);
    }

    #[tokio::test]
    async fn what_a_queue_does_not_take() {
        let fixture = Fixture::with_queue().await;
        let refused = async |members: Value, code: &str, query: &str, words: &str| {
            let mut input = json!({"QueueUrl": URL, "MessageBody": "b"});
            input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            fixture.refused("SendMessage", input, code, query, words).await;
        };
        let (code, query, words) = NOT_FOUND;
        refused(json!({"QueueUrl": "http://localhost/000000000000/absent"}), code, query, words).await;
        let missing = "com.amazon.coral.service#MissingRequiredParameterException";
        let words = "The request must contain the parameter MessageBody.";
        refused(json!({"MessageBody": ""}), missing, "MissingParameter", words).await;
        refused(
            json!({"MessageBody": "a\u{0}"}),
            "com.amazonaws.sqs#InvalidMessageContents",
            "InvalidMessageContents",
            "Invalid binary character '#x0' was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        )
        .await;
        for (members, words) in [
            (
                json!({"MessageBody": "x".repeat(1_048_577)}),
                "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
            ),
            (
                json!({"DelaySeconds": 901}),
                "Value 901 for parameter DelaySeconds is invalid. Reason: Must be >= 0 and <= 900, if provided.",
            ),
            (
                json!({"MessageDeduplicationId": "d"}),
                "Value d for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type",
            ),
            (
                json!({"MessageSystemAttributes": {"X": {"DataType": "String", "StringValue": "x"}}}),
                "Message system attribute name 'X' is invalid, the set of valid names is AWSTraceHeader.",
            ),
            (
                json!({"MessageAttributes": {"a": {"StringValue": "x"}}}),
                "The message attribute 'a' must contain a non-empty message attribute type.",
            ),
        ] {
            refused(members, INVALID, "InvalidParameterValue", words).await;
        }
    }

    #[tokio::test]
    async fn what_a_fifo_queue_does_not_take() {
        let (fixture, url) = Fixture::with_fifo(json!({})).await;
        let input = json!({"QueueUrl": url, "MessageBody": "b"});
        let missing = "com.amazon.coral.service#MissingRequiredParameterException";
        let words = "The request must contain the parameter MessageGroupId.";
        fixture.refused("SendMessage", input, missing, "MissingParameter", words).await;
        for (members, words) in [
            (
                json!({"MessageGroupId": "g"}),
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ),
            (
                json!({"MessageGroupId": "a b"}),
                "Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
            ),
            (
                json!({"MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 1}),
                "Value 1 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type",
            ),
        ] {
            let mut input = json!({"QueueUrl": url, "MessageBody": "b"});
            input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            fixture.refused("SendMessage", input, INVALID, "InvalidParameterValue", words).await;
        }
    }
}
