//! SendMessageBatch sends up to ten messages, in their order; some may be taken and others not. Together they have 1 MiB.

use aws_wire::{Action, Call, Shape, Structure};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::send_message::{self, Message, message_members};
use super::{QUEUE_URL, batch};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::settings::LARGEST_MESSAGE;

pub(super) struct SendMessageBatch;

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
    #[serde(flatten)]
    message: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Done {
    id: String,
    #[serde(flatten)]
    sent: send_message::Output,
}

const ENTRY: Structure =
    Structure::new("SendMessageBatchRequestEntry", message_members!(Shape::string().member("Id").required()));
const ENTRY_SHAPE: Shape = Shape::structure(&ENTRY);

impl Action<Client> for SendMessageBatch {
    const NAME: &'static str = "SendMessageBatch";
    // A batch without entries has an error of its own, so they are not required here.
    const INPUT: Structure =
        Structure::new("SendMessageBatchRequest", &[QUEUE_URL, Shape::list(&ENTRY_SHAPE).member("Entries")]);
    type Input = Input;
    type Output = batch::Output<Done>;

    async fn run(client: &Client, call: &Call, input: Input) -> Result<Self::Output> {
        let queue = client.queue(call, &input.queue_url)?;
        batch::check(ENTRY.name, input.entries.iter().map(|entry| entry.id.as_str()))?;
        let sent: usize = input.entries.iter().map(|entry| entry.message.size()).sum();
        if sent > LARGEST_MESSAGE {
            return Err(Error::BatchTooLong { limit: LARGEST_MESSAGE, sent });
        }
        let sends = input.entries.into_iter().map(async |Entry { id, message }| {
            let sent = async { client.sqs.send(&queue, message.outgoing(call)?).await };
            let sent = sent.await.map(|sent| Done { id: id.clone(), sent: sent.into() });
            (id, sent)
        });
        // Polled in their order, which is the order of the messages; written to the disk together.
        Ok(batch::output(join_all(sends).await))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::{Fixture, URL};

    #[tokio::test]
    async fn in_order_and_each_for_itself() {
        let (mut fixture, url) = Fixture::with_fifo(json!({})).await;
        let entry =
            |id: &str| json!({"Id": id, "MessageBody": id, "MessageGroupId": "g", "MessageDeduplicationId": id});
        let mut entries: Vec<Value> = ["1", "2", "3"].map(entry).to_vec();
        entries[1]["MessageGroupId"] = Value::Null;
        let answer = fixture.ok("SendMessageBatch", json!({"QueueUrl": url, "Entries": entries})).await;
        assert_eq!(answer["Successful"][0]["Id"], "1");
        assert_eq!(answer["Successful"][1]["MD5OfMessageBody"], "eccbc87e4b5ce2fe28308fd9f2a7baf3");
        let words = "The request must contain the parameter MessageGroupId.";
        let failed = json!([{"Id": "2", "SenderFault": true, "Code": "MissingParameter", "Message": words}]);
        assert_eq!(answer["Failed"], failed);
        fixture.restart();
        assert_eq!(fixture.bodies_of(&url).await, ["1", "3"]);
    }

    #[tokio::test]
    async fn what_is_no_batch() {
        let fixture = Fixture::with_queue().await;
        let entry = |id: &str, body: &str| json!({"Id": id, "MessageBody": body});
        let large = "x".repeat(600_000);
        for (entries, code, words) in [
            (
                json!([]),
                "EmptyBatchRequest",
                "There should be at least one SendMessageBatchRequestEntry in the request.",
            ),
            (
                json!(vec![entry("a", "b"); 11]),
                "TooManyEntriesInBatchRequest",
                "Maximum number of entries per request are 10. You have sent 11.",
            ),
            (json!([entry("a", "b"), entry("a", "b")]), "BatchEntryIdsNotDistinct", "Id a repeated."),
            (
                json!([entry("?", "b")]),
                "InvalidBatchEntryId",
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
            ),
            (
                json!([entry("a", &large), entry("b", &large)]),
                "BatchRequestTooLong",
                "Batch requests cannot be longer than 1048576 bytes. You have sent 1200000 bytes.",
            ),
        ] {
            let input = json!({"QueueUrl": URL, "Entries": entries});
            let (shape, query) = (format!("com.amazonaws.sqs#{code}"), format!("AWS.SimpleQueueService.{code}"));
            fixture.refused("SendMessageBatch", input, &shape, &query, words).await;
        }
    }
}
