//! ChangeMessageVisibility sets how long a message stays with who received it, from now on; zero gives it back.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use super::QUEUE_URL;
use crate::client::Client;
use crate::error::Result;

pub(super) struct ChangeMessageVisibility;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
    receipt_handle: String,
    visibility_timeout: i64,
}

impl Action<Client> for ChangeMessageVisibility {
    const NAME: &'static str = "ChangeMessageVisibility";
    const INPUT: Structure = Structure::new(
        "ChangeMessageVisibilityRequest",
        &[
            QUEUE_URL,
            Shape::string().member("ReceiptHandle").required(),
            Shape::integer().member("VisibilityTimeout").required(),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(client: &Client, call: &Call, input: Input) -> Result<()> {
        let queue = client.queue(call, &input.queue_url)?;
        client.sqs.change_visibility(&queue, &input.receipt_handle, input.visibility_timeout).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::fixture::{Fixture, URL};

    #[tokio::test]
    async fn longer_and_back() {
        let mut fixture = Fixture::with_queue().await;
        fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": "a"})).await;
        let handle = fixture.messages(json!({"QueueUrl": URL})).await[0]["ReceiptHandle"].clone();
        let change = |secs: i64| json!({"QueueUrl": URL, "ReceiptHandle": handle, "VisibilityTimeout": secs});
        fixture.ok("ChangeMessageVisibility", change(100)).await;
        fixture.restart();
        fixture.env.clock.advance(Duration::from_secs(99));
        assert_eq!(fixture.bodies().await, [""; 0]);
        let waiting = fixture.spawn("ReceiveMessage", &json!({"QueueUrl": URL, "WaitTimeSeconds": 20}));
        fixture.until_waiting().await;
        fixture.ok("ChangeMessageVisibility", change(0)).await;
        assert_eq!(waiting.await.unwrap().1["Messages"][0]["Body"], "a");
        // It is somebody else's now.
        let code = "com.amazon.coral.service#InvalidParameterValueException";
        let words = format!(
            "Value {} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.",
            handle.as_str().unwrap()
        );
        fixture.refused("ChangeMessageVisibility", change(5), code, "InvalidParameterValue", &words).await;
        let words =
            "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided.";
        fixture.refused("ChangeMessageVisibility", change(43_201), code, "InvalidParameterValue", words).await;
    }
}
