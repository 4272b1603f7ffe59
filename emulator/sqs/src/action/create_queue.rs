//! CreateQueue makes a queue, or answers with the one of that name if it has the attributes that are asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::error::{Error, Result};
use crate::name;
use crate::queue::{Definition, Queue};
use crate::settings::Settings;
use crate::tag::{self, TAGS, Tags};

use super::set_queue_attributes::{ATTRIBUTES, check_redrive};

pub(super) struct CreateQueue;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    /// The one member of SQS that begins with a small letter.
    #[serde(default, rename = "tags")]
    tags: Tags,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    queue_url: String,
}

impl Action<Client> for CreateQueue {
    const NAME: &'static str = "CreateQueue";
    const INPUT: Structure = Structure::new(
        "CreateQueueRequest",
        &[Shape::string().member("QueueName").required(), ATTRIBUTES, TAGS.member("tags")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(client: &Client, call: &Call, input: Input) -> Result<Output> {
        let fifo = input.attributes.get("FifoQueue").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        name::check(&input.queue_name, fifo)?;
        let mut settings = Settings::new(fifo);
        settings.set(&input.attributes)?;
        let directory = client.sqs.directory();
        let writing = directory.write();
        let is_repeated = |queue: &&Arc<Queue>| call.repeats(queue.definition().maker.as_ref());
        if let Some(there) = directory.all(&call.world).iter().find(is_repeated) {
            return Ok(Output { queue_url: client.url(&there.definition()) });
        }
        if let Ok(queue) = directory.find(&call.world, &input.queue_name) {
            let there = queue.definition();
            // What is not mentioned may be as it is.
            let (asked, found) = (settings.show(), there.settings.show());
            let differs = |name: &&String| asked.get(name.as_str()) != found.get(name.as_str());
            return match input.attributes.keys().find(differs) {
                Some(attribute) => Err(Error::QueueExists { attribute: attribute.clone() }),
                None => Ok(Output { queue_url: client.url(&there) }),
            };
        }
        let now = client.sqs.now();
        let mut tags = Tags::new();
        tag::set(&mut tags, input.tags)?;
        let definition = Definition {
            id: client.sqs.env().random.bytes(),
            name: input.queue_name,
            account: call.world.account.clone(),
            region: call.world.region.clone(),
            maker: call.invocation.clone(),
            created: now,
            modified: now,
            settings,
            tags,
        };
        check_redrive(client, &definition)?;
        let queue = writing.add(definition)?;
        Ok(Output { queue_url: client.url(&queue.definition()) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::{Fixture, URL};

    #[tokio::test]
    async fn twice_the_same_is_the_same_queue() {
        let fixture = Fixture::new();
        let made = fixture.ok("CreateQueue", json!({"QueueName": "q", "Attributes": {"VisibilityTimeout": "5"}})).await;
        assert_eq!(made["QueueUrl"], URL);
        for attributes in [json!({"VisibilityTimeout": "5"}), json!({})] {
            let again = fixture.ok("CreateQueue", json!({"QueueName": "q", "Attributes": attributes})).await;
            assert_eq!(again, made);
        }
        let other = json!({"QueueName": "q", "Attributes": {"VisibilityTimeout": "6"}});
        let words = "A queue already exists with the same name and a different value for attribute VisibilityTimeout";
        fixture
            .refused("CreateQueue", other.clone(), "com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists", words)
            .await;
    }

    #[tokio::test]
    async fn what_is_no_queue() {
        let fixture = Fixture::new();
        let invalid = "com.amazon.coral.service#InvalidParameterValueException";
        let words = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
        fixture.refused("CreateQueue", json!({"QueueName": "a b"}), invalid, "InvalidParameterValue", words).await;
        let fifo = json!({"QueueName": "q", "Attributes": {"FifoQueue": "true"}});
        let words = "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with \
                     .fifo suffix and be 1 to 80 in length.";
        fixture.refused("CreateQueue", fifo, invalid, "InvalidParameterValue", words).await;
        let unknown = json!({"QueueName": "q", "Attributes": {"Color": "red"}});
        let code = "com.amazonaws.sqs#InvalidAttributeName";
        fixture.refused("CreateQueue", unknown, code, "InvalidAttributeName", "Unknown Attribute Color.").await;
        let missing = "com.amazon.coral.service#MissingRequiredParameterException";
        let words = "The request must contain the parameter QueueName.";
        fixture.refused("CreateQueue", json!({}), missing, "MissingParameter", words).await;
    }
}
