//! AddTagsToStream: adds tags to a stream, overwriting those of the same key.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kinesis;
use crate::{shape, tags};

pub(super) struct AddTagsToStream;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    tags: BTreeMap<String, String>,
}

impl Action<Kinesis> for AddTagsToStream {
    const NAME: &'static str = "AddTagsToStream";
    const INPUT: Structure = Structure::new(
        "AddTagsToStreamInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            shape::TAG_MAP.member("Tags").required(),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let stream =
            service.stream(call, Self::NAME, input.stream_name.as_deref(), input.stream_arn.as_deref()).await?;
        let label = stream.label();
        service.catalog.change(&stream, |state, _| tags::add(&mut state.settings.tags, input.tags, &label)).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn tags_are_added_overwritten_and_kept() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.ok("AddTagsToStream", json!({"StreamName": "s", "Tags": {"a": "1", "b": "1"}})).await;
        fixture.ok("AddTagsToStream", json!({"StreamName": "s", "Tags": {"b": "2"}})).await;
        fixture.restart().await;
        let tags = fixture.ok("ListTagsForStream", json!({"StreamName": "s"})).await;
        assert_eq!(
            tags,
            json!({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}], "HasMoreTags": false})
        );
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_aws() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let refused = async |tags, words| {
            fixture.refused("AddTagsToStream", json!({"StreamName": "s", "Tags": tags}), words).await;
        };
        refused(
            json!({"a;": "b"}),
            "InvalidArgumentException: Some tags contain invalid characters. Valid characters: Unicode letters, digits, \
             white space, _ . / = + - % @.",
        )
        .await;
        let keys = "[Member must have length less than or equal to 128, Member must have length greater than or equal to \
                    1]";
        refused(
            json!({"": "b"}),
            &format!(
                "ValidationException: 1 validation error detected: Value '{{=b}}' at 'tags' failed to satisfy \
                 constraint: Map keys must satisfy constraint: {keys}"
            ),
        )
        .await;
    }
}
