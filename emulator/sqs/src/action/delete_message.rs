//! DeleteMessage deletes a message that was received, by the handle of its last delivery.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use super::QUEUE_URL;
use crate::client::Client;
use crate::error::Result;

pub(super) struct DeleteMessage;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
    receipt_handle: String,
}

impl Action<Client> for DeleteMessage {
    const NAME: &'static str = "DeleteMessage";
    const INPUT: Structure =
        Structure::new("DeleteMessageRequest", &[QUEUE_URL, Shape::string().member("ReceiptHandle").required()]);
    type Input = Input;
    type Output = ();

    async fn run(client: &Client, call: &Call, input: Input) -> Result<()> {
        let queue = client.queue(call, &input.queue_url)?;
        client.sqs.delete(&queue, &input.receipt_handle).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::fixture::{Fixture, URL};

    #[tokio::test]
    async fn a_handle_outlives_a_restart_and_its_timeout() {
        let mut fixture = Fixture::with_queue().await;
        fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": "a"})).await;
        let handle = fixture.messages(json!({"QueueUrl": URL})).await[0]["ReceiptHandle"].clone();
        fixture.restart();
        fixture.env.clock.advance(Duration::from_secs(60));
        for _ in 0..2 {
            fixture.ok("DeleteMessage", json!({"QueueUrl": URL, "ReceiptHandle": handle})).await;
        }
        fixture.restart();
        assert_eq!(fixture.bodies().await, [""; 0]);
    }

    #[tokio::test]
    async fn an_older_handle_deletes_nothing() {
        let fixture = Fixture::with_queue().await;
        fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": "a"})).await;
        let receive = json!({"QueueUrl": URL, "VisibilityTimeout": 0});
        let old = fixture.messages(receive.clone()).await[0]["ReceiptHandle"].clone();
        fixture.messages(receive.clone()).await;
        fixture.ok("DeleteMessage", json!({"QueueUrl": URL, "ReceiptHandle": old})).await;
        assert_eq!(fixture.messages(receive).await.len(), 1);
    }

    #[tokio::test]
    async fn in_a_fifo_queue_a_handle_ends_with_its_timeout() {
        let (fixture, url) = Fixture::with_fifo(json!({"ContentBasedDeduplication": "true"})).await;
        for body in ["a", "b"] {
            fixture.ok("SendMessage", json!({"QueueUrl": url, "MessageBody": body, "MessageGroupId": "g"})).await;
        }
        let handle = async || fixture.messages(json!({"QueueUrl": url})).await[0]["ReceiptHandle"].clone();
        let first = handle().await;
        // The next of the group is there as soon as this one is gone.
        let waiting = fixture.spawn("ReceiveMessage", &json!({"QueueUrl": url, "WaitTimeSeconds": 20}));
        fixture.until_waiting().await;
        assert!(!waiting.is_finished());
        fixture.ok("DeleteMessage", json!({"QueueUrl": url, "ReceiptHandle": first})).await;
        let second = waiting.await.unwrap().1["Messages"][0]["ReceiptHandle"].clone();
        fixture.env.clock.advance(Duration::from_secs(30));
        let words = format!(
            "Value {} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.",
            second.as_str().unwrap()
        );
        let code = "com.amazon.coral.service#InvalidParameterValueException";
        let input = json!({"QueueUrl": url, "ReceiptHandle": second});
        fixture.refused("DeleteMessage", input, code, "InvalidParameterValue", &words).await;
    }

    #[tokio::test]
    async fn what_is_no_handle() {
        let fixture = Fixture::with_queue().await;
        fixture.ok("CreateQueue", json!({"QueueName": "other"})).await;
        let other = URL.replace("/q", "/other");
        fixture.ok("SendMessage", json!({"QueueUrl": other, "MessageBody": "a"})).await;
        let of_other = fixture.messages(json!({"QueueUrl": other})).await[0]["ReceiptHandle"].clone();
        for handle in [json!("x"), of_other] {
            let Value::String(text) = &handle else { panic!("a handle is text") };
            let words = format!("The input receipt handle \"{text}\" is not a valid receipt handle.");
            let code = "com.amazonaws.sqs#ReceiptHandleIsInvalid";
            let input = json!({"QueueUrl": URL, "ReceiptHandle": handle});
            fixture.refused("DeleteMessage", input, code, "ReceiptHandleIsInvalid", &words).await;
        }
    }
}
