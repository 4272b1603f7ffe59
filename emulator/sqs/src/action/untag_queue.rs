//! UntagQueue removes tags from a queue. It is no error if they are not there.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use super::QUEUE_URL;
use crate::client::Client;
use crate::error::Result;

pub(super) struct UntagQueue;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
    tag_keys: Vec<String>,
}

impl Action<Client> for UntagQueue {
    const NAME: &'static str = "UntagQueue";
    const INPUT: Structure =
        Structure::new("UntagQueueRequest", &[QUEUE_URL, Shape::list(&Shape::string()).member("TagKeys").required()]);
    type Input = Input;
    type Output = ();

    async fn run(client: &Client, call: &Call, input: Input) -> Result<()> {
        let change = |queue: &mut crate::queue::Definition| {
            queue.tags.retain(|key, _| !input.tag_keys.contains(key));
            Ok(())
        };
        client.change(call, &input.queue_url, change).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::{Fixture, NOT_FOUND, URL};

    #[tokio::test]
    async fn of_no_queue() {
        let (code, query, words) = NOT_FOUND;
        for (action, input) in [
            ("UntagQueue", json!({"QueueUrl": URL, "TagKeys": ["a"]})),
            ("TagQueue", json!({"QueueUrl": URL, "Tags": {}})),
            ("ListQueueTags", json!({"QueueUrl": URL})),
        ] {
            Fixture::new().refused(action, input, code, query, words).await;
        }
    }
}
