//! PurgeQueue deletes all messages of a queue, once a minute at most.

use std::time::Duration;

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use super::QUEUE_URL;
use crate::client::Client;
use crate::error::{Error, Result};

const PAUSE: Duration = Duration::from_secs(60);

pub(super) struct PurgeQueue;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
}

impl Action<Client> for PurgeQueue {
    const NAME: &'static str = "PurgeQueue";
    const INPUT: Structure = Structure::new("PurgeQueueRequest", &[QUEUE_URL]);
    type Input = Input;
    type Output = ();

    async fn run(client: &Client, call: &Call, input: Input) -> Result<()> {
        let queue = client.queue(call, &input.queue_url)?;
        let now = client.sqs.now();
        {
            let mut state = queue.state();
            if state.purged.is_some_and(|purged| purged + PAUSE > now) {
                return Err(Error::PurgeInProgress { queue: queue.definition().name.clone() });
            }
            state.purged = Some(now);
        }
        client.sqs.empty(&queue, false).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::fixture::{Fixture, URL};

    #[tokio::test]
    async fn everything_is_gone_and_stays_gone() {
        let mut fixture = Fixture::with_queue().await;
        for body in ["a", "b"] {
            fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": body})).await;
        }
        fixture.ok("PurgeQueue", json!({"QueueUrl": URL})).await;
        let words = "Only one PurgeQueue operation on q is allowed every 60 seconds.";
        let (code, query) = ("com.amazonaws.sqs#PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress");
        fixture.refused("PurgeQueue", json!({"QueueUrl": URL}), code, query, words).await;
        fixture.ok("SendMessage", json!({"QueueUrl": URL, "MessageBody": "c"})).await;
        fixture.restart();
        assert_eq!(fixture.bodies().await, ["c"]);
        fixture.env.clock.advance(Duration::from_secs(60));
        fixture.ok("PurgeQueue", json!({"QueueUrl": URL})).await;
    }
}
