//! ReceiveMessage gives out up to ten messages, which nobody else gets until their visibility timeout is over; with a wait time
//! it answers as soon as there is one.
//!
//! `ReceiveRequestAttemptId` is checked and has no effect: an answer that is lost leaves its messages to their timeout.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::QUEUE_URL;
use super::get_queue_attributes::NAMES as QUEUE_ATTRIBUTES;
use crate::attribute::{self, Attributes, asked};
use crate::backlog::Held;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::message::sequence_number;
use crate::queue::Definition;
use crate::receipt::Receipt;
use crate::receive::Ask;
use crate::settle::visibility;

pub(super) struct ReceiveMessage;

/// The longest wait.
const LONGEST_WAIT_SECS: u64 = 20;

/// What a message has beside what its sender said.
const SYSTEM_ATTRIBUTES: [&str; 9] = [
    "AWSTraceHeader",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
    /// The older name of the next.
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    receive_request_attempt_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    message_id: String,
    receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    md5_of_body: String,
    body: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'static str, String>,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<String>,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    message_attributes: Attributes,
}

impl Input {
    fn ask(&self, queue: &Definition) -> Result<Ask> {
        let most = self.max_number_of_messages.unwrap_or(1);
        let whole = usize::try_from(most).ok().filter(|most| (1..=10).contains(most));
        let wait = |secs: i64| {
            let whole = u64::try_from(secs).ok().filter(|secs| *secs <= LONGEST_WAIT_SECS);
            let reason = "Must be >= 0 and <= 20, if provided.";
            whole.map(Duration::from_secs).ok_or_else(|| Error::out_of_range("WaitTimeSeconds", secs, reason))
        };
        if let Some(id) = self.receive_request_attempt_id.as_ref().filter(|_| queue.settings.fifo.is_none()) {
            return Err(Error::Invalid {
                name: "ReceiveRequestAttemptId",
                value: id.clone(),
                reason: "The request include parameter that is not valid for this queue type".to_owned(),
            });
        }
        Ok(Ask {
            most: whole.ok_or_else(|| {
                Error::out_of_range("MaxNumberOfMessages", most, "Must be between 1 and 10, if provided.")
            })?,
            visibility: self.visibility_timeout.map(visibility).transpose()?,
            wait: self.wait_time_seconds.map(wait).transpose()?,
        })
    }

    fn system_attributes(&self) -> Result<Vec<String>> {
        let (older, newer) = (&self.attribute_names, &self.message_system_attribute_names);
        let is_ours = |name: &&String| *name == "All" || SYSTEM_ATTRIBUTES.contains(&name.as_str());
        // The older list may have names of a queue's attributes, which mean nothing here.
        let is_known = |name: &&String| is_ours(name) || QUEUE_ATTRIBUTES.contains(&name.as_str());
        let unknown = older.iter().find(|name| !is_known(name)).or_else(|| newer.iter().find(|name| !is_ours(name)));
        match unknown {
            Some(name) => Err(Error::AttributeUnknown { name: name.clone() }),
            None => Ok([&**older, &**newer].concat()),
        }
    }
}

impl Action<Client> for ReceiveMessage {
    const NAME: &'static str = "ReceiveMessage";
    const INPUT: Structure = Structure::new(
        "ReceiveMessageRequest",
        &[
            QUEUE_URL,
            Shape::list(&Shape::string()).member("AttributeNames"),
            Shape::list(&Shape::string()).member("MessageSystemAttributeNames"),
            Shape::list(&Shape::string()).member("MessageAttributeNames"),
            Shape::integer().member("MaxNumberOfMessages"),
            Shape::integer().member("VisibilityTimeout"),
            Shape::integer().member("WaitTimeSeconds"),
            Shape::string().member("ReceiveRequestAttemptId"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(client: &Client, call: &Call, input: Input) -> Result<Output> {
        let queue = client.queue(call, &input.queue_url)?;
        let definition = queue.definition();
        let ask = input.ask(&definition)?;
        let system = input.system_attributes()?;
        let received = client.sqs.receive(&queue, ask).await?;
        let shown = |(sequence, held): (u64, Held)| {
            shown(&definition, sequence, &held, &system, &input.message_attribute_names)
        };
        Ok(Output { messages: received.into_iter().map(shown).collect() })
    }
}

fn shown(queue: &Definition, sequence: u64, held: &Held, system: &[String], names: &[String]) -> Message {
    let Held { message, delivery } = held;
    let message_attributes = asked(&message.attributes, names);
    let mut attributes = BTreeMap::from([
        ("ApproximateReceiveCount", delivery.receives.to_string()),
        ("SenderId", message.sender.clone()),
        ("SentTimestamp", message.sent.as_millis().to_string()),
    ]);
    let fifo = queue.settings.fifo.is_some();
    let further = [
        ("AWSTraceHeader", message.trace.clone()),
        ("ApproximateFirstReceiveTimestamp", delivery.first_received.map(|at| at.as_millis().to_string())),
        ("DeadLetterQueueSourceArn", message.dead_letter_of.clone()),
        ("MessageDeduplicationId", message.deduplication.clone()),
        ("MessageGroupId", message.group.clone()),
        ("SequenceNumber", fifo.then(|| sequence_number(sequence))),
    ];
    attributes.extend(further.into_iter().filter_map(|(name, value)| Some((name, value?))));
    attributes.retain(|name, _| system.iter().any(|asked| asked == "All" || asked == name));
    Message {
        message_id: message.id.clone(),
        receipt_handle: Receipt { queue: queue.id, sequence, receives: delivery.receives }.handle(),
        md5_of_body: attribute::md5_of_body(&message.body),
        body: message.body.clone(),
        attributes,
        md5_of_message_attributes: attribute::md5(&message_attributes),
        message_attributes,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::fixture::{Fixture, NOT_FOUND, URL};

    async fn send(fixture: &Fixture, body: &str) {
        fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": body})).await;
    }

    #[tokio::test]
    async fn a_message_is_with_one_receiver_until_its_time_is_over() {
        let mut fixture = Fixture::with_queue().await;
        send(&fixture, "a").await;
        let receive = json!({"QueueUrl": URL, "VisibilityTimeout": 5, "MessageSystemAttributeNames": ["All"]});
        let first = fixture.messages(receive.clone()).await;
        assert_eq!(
            first[0]["Attributes"],
            json!({
                "ApproximateFirstReceiveTimestamp": "1700000000000",
                "ApproximateReceiveCount": "1",
                "SenderId": "000000000000",
                "SentTimestamp": "1700000000000",
            })
        );
        fixture.restart();
        assert_eq!(fixture.messages(receive.clone()).await, [Value::Null; 0]);
        assert_eq!(fixture.attribute("ApproximateNumberOfMessagesNotVisible").await, "1");
        fixture.env.clock.advance(Duration::from_secs(5));
        let second = fixture.messages(receive).await;
        assert_eq!(second[0]["Attributes"]["ApproximateReceiveCount"], "2");
        assert_ne!(second[0]["ReceiptHandle"], first[0]["ReceiptHandle"]);
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_a_send() {
        let fixture = Fixture::with_queue().await;
        let waiting = fixture.spawn("ReceiveMessage", &json!({"QueueUrl": URL, "WaitTimeSeconds": 20}));
        fixture.until_waiting().await;
        assert!(!waiting.is_finished());
        // The clock stands: nothing but the send can end the wait.
        send(&fixture, "a").await;
        assert_eq!(waiting.await.unwrap().1["Messages"][0]["Body"], "a");
    }

    #[tokio::test]
    async fn who_waits_is_woken_when_a_delay_or_a_timeout_is_over() {
        let fixture = Fixture::with_queue().await;
        fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": "a", "DelaySeconds": 3})).await;
        for secs in [3, 7] {
            let input = json!({"QueueUrl": URL, "WaitTimeSeconds": 20, "VisibilityTimeout": 7});
            let waiting = fixture.spawn("ReceiveMessage", &input);
            fixture.until_waiting().await;
            fixture.env.clock.advance(Duration::from_secs(secs - 1));
            fixture.until_waiting().await;
            assert!(!waiting.is_finished());
            fixture.env.clock.advance(Duration::from_secs(1));
            assert_eq!(waiting.await.unwrap().1["Messages"][0]["Body"], "a");
        }
    }

    #[tokio::test]
    async fn a_wait_ends_with_nothing() {
        let fixture = Fixture::new();
        let attributes = json!({"ReceiveMessageWaitTimeSeconds": "2"});
        fixture.ok("CreateQueue", json!({"QueueName": "q", "Attributes": attributes})).await;
        let waiting = fixture.spawn("ReceiveMessage", &json!({"QueueUrl": URL}));
        fixture.until_waiting().await;
        assert!(!waiting.is_finished());
        fixture.env.clock.advance(Duration::from_secs(2));
        assert_eq!(waiting.await.unwrap(), (None, json!({})));
        let waiting = fixture.spawn("ReceiveMessage", &json!({"QueueUrl": URL}));
        fixture.until_waiting().await;
        fixture.sqs.stop();
        assert_eq!(waiting.await.unwrap(), (None, json!({})));
    }

    #[tokio::test]
    async fn dead_letters_are_moved_and_stay_so() {
        let mut fixture = Fixture::with_queue().await;
        fixture.ok("CreateQueue", json!({"QueueName": "dead"})).await;
        let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":2}"#;
        fixture.ok("SetQueueAttributes", json!({"QueueUrl": URL, "Attributes": {"RedrivePolicy": policy}})).await;
        send(&fixture, "poison").await;
        for expected in [&["poison"][..], &["poison"], &[]] {
            assert_eq!(fixture.bodies().await, expected);
            fixture.env.clock.advance(Duration::from_secs(30));
        }
        fixture.restart();
        assert_eq!(fixture.bodies().await, [""; 0]);
        let dead = URL.replace("/q", "/dead");
        let got = fixture.messages(json!({"QueueUrl": dead, "AttributeNames": ["All"]})).await;
        assert_eq!(got[0]["Body"], "poison");
        assert_eq!(got[0]["Attributes"]["ApproximateReceiveCount"], "1");
        assert_eq!(got[0]["Attributes"]["DeadLetterQueueSourceArn"], "arn:aws:sqs:us-east-1:000000000000:q");
    }

    #[tokio::test]
    async fn without_the_queue_for_dead_letters_messages_stay() {
        let fixture = Fixture::with_queue().await;
        fixture.ok("CreateQueue", json!({"QueueName": "dead"})).await;
        let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":1}"#;
        fixture.ok("SetQueueAttributes", json!({"QueueUrl": URL, "Attributes": {"RedrivePolicy": policy}})).await;
        fixture.ok("DeleteQueue", json!({"QueueUrl": URL.replace("/q", "/dead")})).await;
        send(&fixture, "a").await;
        for _ in 0..3 {
            assert_eq!(fixture.bodies().await, ["a"]);
            fixture.env.clock.advance(Duration::from_secs(30));
        }
    }

    #[tokio::test]
    async fn retention_ends_a_message() {
        let mut fixture = Fixture::new();
        let attributes = json!({"MessageRetentionPeriod": "60"});
        fixture.ok("CreateQueue", json!({"QueueName": "q", "Attributes": attributes})).await;
        send(&fixture, "old").await;
        fixture.env.clock.advance(Duration::from_secs(59));
        send(&fixture, "new").await;
        fixture.env.clock.advance(Duration::from_secs(1));
        assert_eq!(fixture.attribute("ApproximateNumberOfMessages").await, "1");
        assert_eq!(fixture.bodies().await, ["new"]);
        fixture.restart();
        assert_eq!(fixture.attribute("ApproximateNumberOfMessagesNotVisible").await, "1");
    }

    #[tokio::test]
    async fn attributes_that_were_asked_for() {
        let (fixture, url) = Fixture::with_fifo(json!({})).await;
        let value = |text: &str| json!({"DataType": "String", "StringValue": text});
        let input = json!({
            "QueueUrl": url, "MessageBody": "b", "MessageGroupId": "g", "MessageDeduplicationId": "d",
            "MessageAttributes": {"a": value("1"), "b": value("2")},
            "MessageSystemAttributes": {"AWSTraceHeader": value("Root=1")},
        });
        fixture.ok("SendMessage", input).await;
        let names = ["AWSTraceHeader", "MessageGroupId", "MessageDeduplicationId"];
        let receive = json!({"QueueUrl": url, "MessageSystemAttributeNames": names, "MessageAttributeNames": ["a"]});
        let got = &fixture.messages(receive).await[0];
        assert_eq!(
            got["Attributes"],
            json!({"AWSTraceHeader": "Root=1", "MessageGroupId": "g", "MessageDeduplicationId": "d"})
        );
        assert_eq!(got["MessageAttributes"], json!({"a": value("1")}));
    }

    #[tokio::test]
    async fn what_cannot_be_asked() {
        let fixture = Fixture::with_queue().await;
        let code = "com.amazon.coral.service#InvalidParameterValueException";
        for (member, value, reason) in [
            ("MaxNumberOfMessages", json!(11), "Must be between 1 and 10, if provided."),
            ("VisibilityTimeout", json!(43_201), "Must be >= 0 and <= 43200, if provided."),
            ("WaitTimeSeconds", json!(21), "Must be >= 0 and <= 20, if provided."),
            (
                "ReceiveRequestAttemptId",
                json!("x"),
                "The request include parameter that is not valid for this queue type",
            ),
        ] {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let words = format!("Value {shown} for parameter {member} is invalid. Reason: {reason}");
            let input = json!({"QueueUrl": URL, member: value});
            fixture.refused("ReceiveMessage", input, code, "InvalidParameterValue", &words).await;
        }
        fixture.ok("ReceiveMessage", json!({"QueueUrl": URL, "AttributeNames": ["DelaySeconds", "SenderId"]})).await;
        let code = "com.amazonaws.sqs#InvalidAttributeName";
        let input = json!({"QueueUrl": URL, "AttributeNames": ["X"]});
        fixture.refused("ReceiveMessage", input, code, "InvalidAttributeName", "Unknown Attribute X.").await;
        let input = json!({"QueueUrl": URL, "AttributeNames": ["DelaySeconds"], "MessageSystemAttributeNames": ["X"]});
        fixture.refused("ReceiveMessage", input, code, "InvalidAttributeName", "Unknown Attribute X.").await;
        let (code, query, words) = NOT_FOUND;
        fixture.refused("ReceiveMessage", json!({"QueueUrl": "x"}), code, query, words).await;
    }
}
