//! GetQueueUrl answers with the URL of a queue, at the host that the caller used.

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::error::{Error, Result};

pub(super) struct GetQueueUrl;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_name: String,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    queue_url: String,
}

impl Action<Client> for GetQueueUrl {
    const NAME: &'static str = "GetQueueUrl";
    const INPUT: Structure = Structure::new(
        "GetQueueUrlRequest",
        &[Shape::string().member("QueueName").required(), Shape::string().member("QueueOwnerAWSAccountId")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(client: &Client, call: &Call, input: Input) -> Result<Output> {
        if input.owner.is_some_and(|owner| owner != call.world.account) {
            return Err(Error::QueueNotFound);
        }
        let queue = client.sqs.directory().find(&call.world, &input.queue_name)?;
        Ok(Output { queue_url: client.url(&queue.definition()) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::{Fixture, NOT_FOUND, URL};

    #[tokio::test]
    async fn by_name_and_owner() {
        let fixture = Fixture::with_queue().await;
        let own = json!({"QueueName": "q", "QueueOwnerAWSAccountId": "000000000000"});
        assert_eq!(fixture.ok("GetQueueUrl", own).await, json!({"QueueUrl": URL}));
        let others = json!({"QueueName": "q", "QueueOwnerAWSAccountId": "111111111111"});
        for input in [json!({"QueueName": "absent"}), others] {
            let (code, query, words) = NOT_FOUND;
            fixture.refused("GetQueueUrl", input, code, query, words).await;
        }
    }
}
