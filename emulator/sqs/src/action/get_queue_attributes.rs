//! GetQueueAttributes shows what is set of a queue, and how many messages it has.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::QUEUE_URL;
use crate::client::Client;
use crate::error::{Error, Result};

pub(super) struct GetQueueAttributes;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'static str, String>,
}

/// All attributes that some queue has.
pub(super) const NAMES: [&str; 21] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "ContentBasedDeduplication",
    "CreatedTimestamp",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "LastModifiedTimestamp",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "QueueArn",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

impl Action<Client> for GetQueueAttributes {
    const NAME: &'static str = "GetQueueAttributes";
    const INPUT: Structure = Structure::new(
        "GetQueueAttributesRequest",
        &[QUEUE_URL, Shape::list(&Shape::string()).member("AttributeNames")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(client: &Client, call: &Call, input: Input) -> Result<Output> {
        let queue = client.queue(call, &input.queue_url)?;
        let asked = input.attribute_names;
        if let Some(name) = asked.iter().find(|name| *name != "All" && !NAMES.contains(&name.as_str())) {
            return Err(Error::AttributeUnknown { name: name.clone() });
        }
        let definition = queue.definition();
        let counts = queue.state().backlog.counts(client.sqs.now(), definition.settings.retention());
        let mut attributes = definition.settings.show();
        attributes.extend([
            ("ApproximateNumberOfMessages", counts.available.to_string()),
            ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string()),
            ("CreatedTimestamp", definition.created.as_secs().to_string()),
            ("LastModifiedTimestamp", definition.modified.as_secs().to_string()),
            ("QueueArn", definition.arn()),
        ]);
        attributes.retain(|name, _| asked.iter().any(|asked| asked == "All" || asked == name));
        Ok(Output { attributes })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::{Fixture, URL};

    #[tokio::test]
    async fn some_or_all() {
        let fixture = Fixture::with_queue().await;
        let get = |names: serde_json::Value| json!({"QueueUrl": URL, "AttributeNames": names});
        assert_eq!(fixture.ok("GetQueueAttributes", get(json!([]))).await, json!({}));
        let arn = fixture.ok("GetQueueAttributes", get(json!(["QueueArn"]))).await;
        assert_eq!(arn, json!({"Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:q"}}));
        let all = fixture.ok("GetQueueAttributes", get(json!(["All"]))).await;
        assert_eq!(
            all["Attributes"],
            json!({
                "ApproximateNumberOfMessages": "0",
                "ApproximateNumberOfMessagesDelayed": "0",
                "ApproximateNumberOfMessagesNotVisible": "0",
                "CreatedTimestamp": "1700000000",
                "DelaySeconds": "0",
                "LastModifiedTimestamp": "1700000000",
                "MaximumMessageSize": "1048576",
                "MessageRetentionPeriod": "345600",
                "QueueArn": "arn:aws:sqs:us-east-1:000000000000:q",
                "ReceiveMessageWaitTimeSeconds": "0",
                "SqsManagedSseEnabled": "true",
                "VisibilityTimeout": "30",
            })
        );
        let code = "com.amazonaws.sqs#InvalidAttributeName";
        fixture
            .refused("GetQueueAttributes", get(json!(["X"])), code, "InvalidAttributeName", "Unknown Attribute X.")
            .await;
    }
}
