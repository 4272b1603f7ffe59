//! ListQueues lists the URLs of a region's queues, or of those whose names begin as asked.

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::page::{MAX_RESULTS, NEXT_TOKEN, Page};
use crate::client::Client;
use crate::error::Result;

pub(super) struct ListQueues;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(default)]
    queue_name_prefix: String,
    #[serde(flatten)]
    page: Page,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queue_urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Action<Client> for ListQueues {
    const NAME: &'static str = "ListQueues";
    const INPUT: Structure =
        Structure::new("ListQueuesRequest", &[Shape::string().member("QueueNamePrefix"), NEXT_TOKEN, MAX_RESULTS]);
    type Input = Input;
    type Output = Output;

    async fn run(client: &Client, call: &Call, input: Input) -> Result<Output> {
        let mut queues: Vec<_> =
            client.sqs.directory().all(&call.world).iter().map(|queue| queue.definition()).collect();
        queues.retain(|queue| queue.name.starts_with(&input.queue_name_prefix));
        let (page, next_token) = input.page.cut(queues, |queue| queue.name.clone())?;
        Ok(Output { queue_urls: page.iter().map(|queue| client.url(queue)).collect(), next_token })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn by_prefix_and_page() {
        let fixture = Fixture::new();
        assert_eq!(fixture.ok("ListQueues", json!({})).await, json!({}));
        for name in ["b1", "a", "b2", "b3"] {
            fixture.ok("CreateQueue", json!({"QueueName": name})).await;
        }
        let names = |answer: &Value| {
            let urls = answer["QueueUrls"].as_array().unwrap().iter();
            urls.map(|url| url.as_str().unwrap().rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(&fixture.ok("ListQueues", json!({})).await), ["a", "b1", "b2", "b3"]);
        let first = fixture.ok("ListQueues", json!({"QueueNamePrefix": "b", "MaxResults": 2})).await;
        assert_eq!(names(&first), ["b1", "b2"]);
        let rest = json!({"QueueNamePrefix": "b", "MaxResults": 2, "NextToken": first["NextToken"]});
        let rest = fixture.ok("ListQueues", rest).await;
        assert_eq!(names(&rest), ["b3"]);
        assert_eq!(rest["NextToken"], Value::Null);
        let code = "com.amazon.coral.service#InvalidParameterValueException";
        let words =
            "Value 0 for parameter MaxResults is invalid. Reason: Must be an integer between 1 and 1000, if provided.";
        fixture.refused("ListQueues", json!({"MaxResults": 0}), code, "InvalidParameterValue", words).await;
        let words =
            "Value ? for parameter NextToken is invalid. Reason: The token is not one that this service gave out.";
        fixture.refused("ListQueues", json!({"NextToken": "?"}), code, "InvalidParameterValue", words).await;
    }
}
