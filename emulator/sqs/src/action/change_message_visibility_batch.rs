//! ChangeMessageVisibilityBatch sets how long up to ten messages stay with who received them; some may be refused.

use aws_wire::{Action, Call, Shape, Structure};
use futures_util::future::join_all;
use serde::Deserialize;

use super::{QUEUE_URL, batch};
use crate::client::Client;
use crate::error::{Error, Result};

pub(super) struct ChangeMessageVisibilityBatch;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

const ENTRY: Structure = Structure::new(
    "ChangeMessageVisibilityBatchRequestEntry",
    &[
        Shape::string().member("Id").required(),
        Shape::string().member("ReceiptHandle").required(),
        Shape::integer().member("VisibilityTimeout"),
    ],
);
const ENTRY_SHAPE: Shape = Shape::structure(&ENTRY);

impl Action<Client> for ChangeMessageVisibilityBatch {
    const NAME: &'static str = "ChangeMessageVisibilityBatch";
    // A batch without entries has an error of its own, so they are not required here.
    const INPUT: Structure = Structure::new(
        "ChangeMessageVisibilityBatchRequest",
        &[QUEUE_URL, Shape::list(&ENTRY_SHAPE).member("Entries")],
    );
    type Input = Input;
    type Output = batch::Output<batch::Done>;

    async fn run(client: &Client, call: &Call, input: Input) -> Result<Self::Output> {
        let queue = client.queue(call, &input.queue_url)?;
        batch::check(ENTRY.name, input.entries.iter().map(|entry| entry.id.as_str()))?;
        let changes = input.entries.into_iter().map(async |entry| {
            let done = async {
                let missing = || Error::Missing { name: "VisibilityTimeout".to_owned() };
                let secs = entry.visibility_timeout.ok_or_else(missing)?;
                client.sqs.change_visibility(&queue, &entry.receipt_handle, secs).await
            };
            let done = done.await.map(|()| batch::Done { id: entry.id.clone() });
            (entry.id, done)
        });
        Ok(batch::output(join_all(changes).await))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::{Fixture, URL};

    #[tokio::test]
    async fn each_for_itself() {
        let fixture = Fixture::with_queue().await;
        fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": "a"})).await;
        let handle = fixture.messages(json!({"QueueUrl": URL})).await[0]["ReceiptHandle"].clone();
        let entries = json!([
            {"Id": "1", "ReceiptHandle": handle, "VisibilityTimeout": 0},
            {"Id": "2", "ReceiptHandle": handle},
        ]);
        let answer = fixture.ok("ChangeMessageVisibilityBatch", json!({"QueueUrl": URL, "Entries": entries})).await;
        assert_eq!(answer["Successful"], json!([{"Id": "1"}]));
        assert_eq!(answer["Failed"][0]["Message"], "The request must contain the parameter VisibilityTimeout.");
        assert_eq!(fixture.bodies().await, ["a"]);
    }
}
