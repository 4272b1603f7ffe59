//! RemoveTagsFromStream: removes tags by key. Keys that are not there are ignored.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kinesis;
use crate::{shape, tags};

pub(super) struct RemoveTagsFromStream;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    tag_keys: Vec<String>,
}

impl Action<Kinesis> for RemoveTagsFromStream {
    const NAME: &'static str = "RemoveTagsFromStream";
    const INPUT: Structure = Structure::new(
        "RemoveTagsFromStreamInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            shape::TAG_KEYS.member("TagKeys").required(),
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
        let remove = |tags: &mut _| tags::remove(tags, &input.tag_keys, &label);
        service.catalog.change(&stream, |state, _| remove(&mut state.settings.tags)).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn what_is_not_there_is_ignored() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.ok("AddTagsToStream", json!({"StreamName": "s", "Tags": {"a": "1", "b": "1"}})).await;
        fixture.ok("RemoveTagsFromStream", json!({"StreamName": "s", "TagKeys": ["a", "x"]})).await;
        let tags = fixture.ok("ListTagsForStream", json!({"StreamName": "s"})).await;
        assert_eq!(tags["Tags"], json!([{"Key": "b", "Value": "1"}]));
        let words = "InvalidArgumentException: Failed to remove tags from stream s under account 000000000000 because \
                     some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, \
                     '_',',','/','=','+','-','@'.";
        fixture.refused("RemoveTagsFromStream", json!({"StreamName": "s", "TagKeys": ["%"]}), words).await;
    }
}
