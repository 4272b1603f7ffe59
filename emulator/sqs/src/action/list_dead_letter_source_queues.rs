//! ListDeadLetterSourceQueues lists the queues whose dead letters go to a queue.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use super::QUEUE_URL;
use super::page::{MAX_RESULTS, NEXT_TOKEN, Page};
use crate::client::Client;
use crate::error::Result;

pub(super) struct ListDeadLetterSourceQueues;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
    #[serde(flatten)]
    page: Page,
}

#[derive(Serialize)]
pub(super) struct Output {
    #[serde(rename = "queueUrls")]
    queue_urls: Vec<String>,
    #[serde(rename = "NextToken", skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Action<Client> for ListDeadLetterSourceQueues {
    const NAME: &'static str = "ListDeadLetterSourceQueues";
    const INPUT: Structure = Structure::new("ListDeadLetterSourceQueuesRequest", &[QUEUE_URL, NEXT_TOKEN, MAX_RESULTS]);
    type Input = Input;
    type Output = Output;

    async fn run(client: &Client, call: &Call, input: Input) -> Result<Output> {
        let target = client.queue(call, &input.queue_url)?.definition().arn();
        let mut queues: Vec<_> =
            client.sqs.directory().all(&call.world).iter().map(|queue| queue.definition()).collect();
        queues.retain(|queue| queue.settings.redrive().is_some_and(|redrive| redrive.target == target));
        let (page, next_token) = input.page.cut(queues, |queue| queue.name.clone())?;
        Ok(Output { queue_urls: page.iter().map(|queue| client.url(queue)).collect(), next_token })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::{Fixture, NOT_FOUND, URL};

    #[tokio::test]
    async fn of_nobody() {
        let fixture = Fixture::with_queue().await;
        let listed = fixture.ok("ListDeadLetterSourceQueues", json!({"QueueUrl": URL})).await;
        assert_eq!(listed, json!({"queueUrls": []}));
        let (code, query, words) = NOT_FOUND;
        let absent = json!({"QueueUrl": format!("{URL}x")});
        fixture.refused("ListDeadLetterSourceQueues", absent, code, query, words).await;
    }
}
