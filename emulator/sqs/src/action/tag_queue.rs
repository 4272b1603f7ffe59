//! TagQueue adds tags to a queue, replacing those that have the same keys.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use super::QUEUE_URL;
use crate::client::Client;
use crate::error::Result;
use crate::tag::{self, TAGS, Tags};

pub(super) struct TagQueue;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
    tags: Tags,
}

impl Action<Client> for TagQueue {
    const NAME: &'static str = "TagQueue";
    const INPUT: Structure = Structure::new("TagQueueRequest", &[QUEUE_URL, TAGS.member("Tags").required()]);
    type Input = Input;
    type Output = ();

    async fn run(client: &Client, call: &Call, input: Input) -> Result<()> {
        client.change(call, &input.queue_url, |queue| tag::set(&mut queue.tags, input.tags)).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use crate::fixture::{Fixture, URL};

    #[tokio::test]
    async fn tags_come_and_go() {
        let mut fixture = Fixture::with_queue().await;
        fixture.ok("TagQueue", json!({"QueueUrl": URL, "Tags": {"a": "1", "b": "2"}})).await;
        fixture.ok("TagQueue", json!({"QueueUrl": URL, "Tags": {"b": "3"}})).await;
        fixture.ok("UntagQueue", json!({"QueueUrl": URL, "TagKeys": ["a", "absent"]})).await;
        fixture.restart();
        assert_eq!(fixture.ok("ListQueueTags", json!({"QueueUrl": URL})).await, json!({"Tags": {"b": "3"}}));
        let many: Map<_, _> = (0..50).map(|n| (n.to_string(), json!(""))).collect();
        let code = "com.amazon.coral.service#InvalidParameterValueException";
        let words = "A queue has at most 50 tags";
        let input = json!({"QueueUrl": URL, "Tags": many});
        fixture.refused("TagQueue", input, code, "InvalidParameterValue", words).await;
    }
}
