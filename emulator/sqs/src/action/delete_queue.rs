//! DeleteQueue deletes a queue and its messages. Who waits for messages of it is told so at once.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use super::QUEUE_URL;
use crate::client::Client;
use crate::error::Result;

pub(super) struct DeleteQueue;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
}

impl Action<Client> for DeleteQueue {
    const NAME: &'static str = "DeleteQueue";
    const INPUT: Structure = Structure::new("DeleteQueueRequest", &[QUEUE_URL]);
    type Input = Input;
    type Output = ();

    async fn run(client: &Client, call: &Call, input: Input) -> Result<()> {
        let queue = {
            let writing = client.sqs.directory().write();
            let queue = client.queue(call, &input.queue_url)?;
            writing.remove(&queue)?;
            queue
        };
        client.sqs.empty(&queue, true).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::{Fixture, NOT_FOUND, URL};

    #[tokio::test]
    async fn a_queue_that_is_made_again_is_empty() {
        let mut fixture = Fixture::with_queue().await;
        fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": "old"})).await;
        fixture.ok("DeleteQueue", json!({"QueueUrl": URL})).await;
        let (code, query, words) = NOT_FOUND;
        fixture.refused("DeleteQueue", json!({"QueueUrl": URL}), code, query, words).await;
        fixture.restart();
        fixture.ok("CreateQueue", json!({"QueueName": "q"})).await;
        assert_eq!(fixture.bodies().await, [""; 0]);
    }

    #[tokio::test]
    async fn who_waits_is_told() {
        let fixture = Fixture::with_queue().await;
        let waiting = fixture.spawn("ReceiveMessage", &json!({"QueueUrl": URL, "WaitTimeSeconds": 20}));
        fixture.until_waiting().await;
        fixture.ok("DeleteQueue", json!({"QueueUrl": URL})).await;
        let (code, ..) = NOT_FOUND;
        assert_eq!(waiting.await.unwrap().1["__type"], code);
    }
}
