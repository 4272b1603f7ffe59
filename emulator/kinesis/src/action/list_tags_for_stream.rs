//! ListTagsForStream: the tags of a stream by key, page by page.

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::output::Tag;
use crate::service::Kinesis;
use crate::shape;

pub(super) struct ListTagsForStream;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    exclusive_start_tag_key: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    tags: Vec<Tag>,
    has_more_tags: bool,
}

impl Action<Kinesis> for ListTagsForStream {
    const NAME: &'static str = "ListTagsForStream";
    const INPUT: Structure = Structure::new(
        "ListTagsForStreamInput",
        &[
            shape::STREAM_NAME.member("StreamName"),
            shape::TAG_KEY.member("ExclusiveStartTagKey"),
            Shape::integer().range(1, 50).member("Limit"),
            shape::STREAM_ARN.member("StreamARN"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let stream =
            service.stream(call, Self::NAME, input.stream_name.as_deref(), input.stream_arn.as_deref()).await?;
        let state = stream.state();
        let start = input.exclusive_start_tag_key;
        let mut rest = state
            .settings
            .tags
            .iter()
            .filter(|(key, _)| start.as_ref().is_none_or(|start| *key > start))
            .map(|(key, value)| Tag { key: key.clone(), value: value.clone() })
            .peekable();
        let tags = rest.by_ref().take(input.limit.unwrap_or(usize::MAX)).collect();
        Ok(Output { tags, has_more_tags: rest.peek().is_some() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    #[tokio::test]
    async fn pages_by_key() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        fixture.ok("AddTagsToStream", json!({"StreamName": "s", "Tags": {"c": "", "a": "", "b": ""}})).await;
        let page = async |input| {
            let answer = fixture.ok("ListTagsForStream", input).await;
            let keys = answer["Tags"].as_array().unwrap().iter();
            let keys: String = keys.map(|tag| tag["Key"].as_str().unwrap()).collect();
            (keys, answer["HasMoreTags"].as_bool().unwrap())
        };
        assert_eq!(page(json!({"StreamName": "s", "Limit": 2})).await, ("ab".into(), true));
        let rest = json!({"StreamName": "s", "ExclusiveStartTagKey": "b"});
        assert_eq!(page(rest).await, ("c".into(), false));
    }
}
