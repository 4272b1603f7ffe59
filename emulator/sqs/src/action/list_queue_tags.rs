//! ListQueueTags lists the tags of a queue.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use super::QUEUE_URL;
use crate::client::Client;
use crate::error::Result;
use crate::tag::Tags;

pub(super) struct ListQueueTags;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    #[serde(skip_serializing_if = "Tags::is_empty")]
    tags: Tags,
}

impl Action<Client> for ListQueueTags {
    const NAME: &'static str = "ListQueueTags";
    const INPUT: Structure = Structure::new("ListQueueTagsRequest", &[QUEUE_URL]);
    type Input = Input;
    type Output = Output;

    async fn run(client: &Client, call: &Call, input: Input) -> Result<Output> {
        Ok(Output { tags: client.queue(call, &input.queue_url)?.definition().tags.clone() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::{Fixture, URL};

    #[tokio::test]
    async fn those_it_was_made_with() {
        let fixture = Fixture::new();
        fixture.ok("CreateQueue", json!({"QueueName": "q", "tags": {"k": "v"}})).await;
        assert_eq!(fixture.ok("ListQueueTags", json!({"QueueUrl": URL})).await, json!({"Tags": {"k": "v"}}));
    }
}
