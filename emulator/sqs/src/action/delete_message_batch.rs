//! DeleteMessageBatch deletes up to ten messages; some may be refused.

use aws_wire::{Action, Call, Shape, Structure};
use futures_util::future::join_all;
use serde::Deserialize;

use super::{QUEUE_URL, batch};
use crate::client::Client;
use crate::error::Result;

pub(super) struct DeleteMessageBatch;

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
}

const ENTRY: Structure = Structure::new(
    "DeleteMessageBatchRequestEntry",
    &[Shape::string().member("Id").required(), Shape::string().member("ReceiptHandle").required()],
);
const ENTRY_SHAPE: Shape = Shape::structure(&ENTRY);

impl Action<Client> for DeleteMessageBatch {
    const NAME: &'static str = "DeleteMessageBatch";
    // A batch without entries has an error of its own, so they are not required here.
    const INPUT: Structure =
        Structure::new("DeleteMessageBatchRequest", &[QUEUE_URL, Shape::list(&ENTRY_SHAPE).member("Entries")]);
    type Input = Input;
    type Output = batch::Output<batch::Done>;

    async fn run(client: &Client, call: &Call, input: Input) -> Result<Self::Output> {
        let queue = client.queue(call, &input.queue_url)?;
        batch::check(ENTRY.name, input.entries.iter().map(|entry| entry.id.as_str()))?;
        let deletes = input.entries.into_iter().map(async |Entry { id, receipt_handle }| {
            let done = client.sqs.delete(&queue, &receipt_handle).await;
            (id.clone(), done.map(|()| batch::Done { id }))
        });
        Ok(batch::output(join_all(deletes).await))
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
        let entries = json!([{"Id": "1", "ReceiptHandle": handle}, {"Id": "2", "ReceiptHandle": "x"}]);
        let answer = fixture.ok("DeleteMessageBatch", json!({"QueueUrl": URL, "Entries": entries})).await;
        assert_eq!(answer["Successful"], json!([{"Id": "1"}]));
        assert_eq!(answer["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
        let words = "There should be at least one DeleteMessageBatchRequestEntry in the request.";
        let (code, query) = ("com.amazonaws.sqs#EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest");
        fixture.refused("DeleteMessageBatch", json!({"QueueUrl": URL}), code, query, words).await;
    }
}
