//! TagResource: adds tags to a stream or a consumer, overwriting those of the same key.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kinesis;
use crate::{shape, tags};

use super::resource::Target;

pub(super) struct TagResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    tags: BTreeMap<String, String>,
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

impl Action<Kinesis> for TagResource {
    const NAME: &'static str = "TagResource";
    const INPUT: Structure = Structure::new(
        "TagResourceInput",
        &[
            shape::TAG_MAP.member("Tags").required(),
            shape::RESOURCE_ARN.member("ResourceARN").required(),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let target = Target::find(service, call, &input.resource_arn).await?;
        let label = target.stream.label();
        let add = |tags: &mut _| tags::add(tags, input.tags, &label);
        service.catalog.change(&target.stream, |state, _| add(target.attributes(state)?.0)).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";

    async fn tags(fixture: &Fixture, arn: &str) -> Value {
        fixture.ok("ListTagsForResource", json!({"ResourceARN": arn})).await["Tags"].clone()
    }

    #[tokio::test]
    async fn streams_and_consumers_have_tags_of_their_own() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let registered = json!({"StreamARN": STREAM, "ConsumerName": "c", "Tags": {"a": "0"}});
        let registered = fixture.ok("RegisterStreamConsumer", registered).await;
        let consumer = registered["Consumer"]["ConsumerARN"].as_str().unwrap();
        fixture.ok("TagResource", json!({"ResourceARN": STREAM, "Tags": {"a": "1"}})).await;
        fixture.ok("TagResource", json!({"ResourceARN": consumer, "Tags": {"b": "2"}})).await;
        assert_eq!(tags(&fixture, STREAM).await, json!([{"Key": "a", "Value": "1"}]));
        let both = json!([{"Key": "a", "Value": "0"}, {"Key": "b", "Value": "2"}]);
        assert_eq!(tags(&fixture, consumer).await, both);
        // Both APIs see the same store.
        let of_stream = fixture.ok("ListTagsForStream", json!({"StreamName": "s"})).await;
        assert_eq!(of_stream["Tags"], json!([{"Key": "a", "Value": "1"}]));
        fixture.ok("UntagResource", json!({"ResourceARN": consumer, "TagKeys": ["a", "x"]})).await;
        assert_eq!(tags(&fixture, consumer).await, json!([{"Key": "b", "Value": "2"}]));
    }

    #[tokio::test]
    async fn refuses_what_is_not_there() {
        let fixture = Fixture::new().await;
        let refused = async |arn: &str, words: &str| {
            fixture.refused("TagResource", json!({"ResourceARN": arn, "Tags": {"a": "1"}}), words).await;
            fixture.refused("UntagResource", json!({"ResourceARN": arn, "TagKeys": ["a"]}), words).await;
            fixture.refused("ListTagsForResource", json!({"ResourceARN": arn}), words).await;
        };
        refused(STREAM, "ResourceNotFoundException: Stream s under account 000000000000 not found.").await;
        fixture.stream("s", 1).await;
        let unknown = "ResourceNotFoundException: Consumer c under stream s not found for account 000000000000.";
        refused(&format!("{STREAM}/consumer/c:1"), unknown).await;
        let odd = "arn:aws:kinesis:us-east-1:000000000000:x-stream/s";
        refused(odd, &format!("InvalidArgumentException: ResourceARN {odd} is not a stream or a consumer.")).await;
    }
}
