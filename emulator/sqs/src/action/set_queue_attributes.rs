//! SetQueueAttributes sets some attributes of a queue, all of those that are given or none.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Member, Shape, Structure};
use serde::Deserialize;

use super::QUEUE_URL;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::queue::Definition;

pub(super) struct SetQueueAttributes;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
    attributes: BTreeMap<String, String>,
}

/// Attributes by name.
pub(super) const ATTRIBUTES: Member = Shape::map(&Shape::string(), &Shape::string()).member("Attributes");

impl Action<Client> for SetQueueAttributes {
    const NAME: &'static str = "SetQueueAttributes";
    const INPUT: Structure = Structure::new("SetQueueAttributesRequest", &[QUEUE_URL, ATTRIBUTES.required()]);
    type Input = Input;
    type Output = ();

    async fn run(client: &Client, call: &Call, input: Input) -> Result<()> {
        let now = client.sqs.now();
        let change = |queue: &mut Definition| {
            queue.settings.set(&input.attributes)?;
            queue.modified = now;
            if input.attributes.contains_key("RedrivePolicy") { check_redrive(client, queue) } else { Ok(()) }
        };
        client.change(call, &input.queue_url, change).map(drop)
    }
}

/// Whether the dead letters of `queue` have somewhere to go.
pub(super) fn check_redrive(client: &Client, queue: &Definition) -> Result<()> {
    let Some(redrive) = queue.settings.redrive() else { return Ok(()) };
    let refuse = |reason: &str| {
        let value = queue.settings.show().remove("RedrivePolicy").unwrap_or_default();
        Err(Error::Invalid { name: "RedrivePolicy", value, reason: reason.to_owned() })
    };
    let Ok(target) = client.sqs.by_arn(&queue.world(), &redrive.target) else {
        return refuse("Dead letter target does not exist.");
    };
    let target = target.definition();
    if target.settings.fifo.is_some() != queue.settings.fifo.is_some() {
        return refuse("Dead-letter queue must be same type of queue as the source.");
    }
    if !target.settings.admits_dead_letters_of(&queue.arn()) {
        return refuse("Queue does not have permission to use the specified dead-letter queue.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::{Fixture, URL};

    #[tokio::test]
    async fn all_or_none() {
        let mut fixture = Fixture::with_queue().await;
        fixture.ok("SetQueueAttributes", json!({"QueueUrl": URL, "Attributes": {"DelaySeconds": "3"}})).await;
        let bad = json!({"QueueUrl": URL, "Attributes": {"DelaySeconds": "4", "VisibilityTimeout": "x"}});
        let code = "com.amazonaws.sqs#InvalidAttributeValue";
        let words = "Invalid value for the parameter VisibilityTimeout.";
        fixture.refused("SetQueueAttributes", bad, code, "InvalidAttributeValue", words).await;
        fixture.restart();
        assert_eq!(fixture.attribute("DelaySeconds").await, "3");
    }

    #[tokio::test]
    async fn dead_letters_need_a_queue_that_takes_them() {
        let fixture = Fixture::with_queue().await;
        let set = |name: &str| {
            let policy =
                format!(r#"{{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:{name}","maxReceiveCount":2}}"#);
            (json!({"QueueUrl": URL, "Attributes": {"RedrivePolicy": policy}}), policy)
        };
        let deny = json!({"RedriveAllowPolicy": "{\"redrivePermission\":\"denyAll\"}"});
        fixture.ok("CreateQueue", json!({"QueueName": "denied", "Attributes": deny})).await;
        fixture.ok("CreateQueue", json!({"QueueName": "d.fifo", "Attributes": {"FifoQueue": "true"}})).await;
        for (name, reason) in [
            ("absent", "Dead letter target does not exist."),
            ("d.fifo", "Dead-letter queue must be same type of queue as the source."),
            ("denied", "Queue does not have permission to use the specified dead-letter queue."),
        ] {
            let (input, policy) = set(name);
            let words = format!("Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}");
            let code = "com.amazon.coral.service#InvalidParameterValueException";
            fixture.refused("SetQueueAttributes", input, code, "InvalidParameterValue", &words).await;
        }
        fixture.ok("CreateQueue", json!({"QueueName": "d"})).await;
        fixture.ok("SetQueueAttributes", set("d").0).await;
        let sources = fixture.ok("ListDeadLetterSourceQueues", json!({"QueueUrl": URL.replace("/q", "/d")})).await;
        assert_eq!(sources, json!({"queueUrls": [URL]}));
    }
}
