//! ListStreams: the streams of the world by name, page by page.

use aws_wire::{Action, Call, EpochSeconds, Structure};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::output::{StreamModeDetails, whole_seconds};
use crate::page_token::{self, Page};
use crate::service::Kinesis;
use crate::shape;
use crate::stream::Status;

pub(super) struct ListStreams;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    limit: Option<usize>,
    exclusive_start_stream_name: Option<String>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    stream_names: Vec<String>,
    has_more_streams: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
    stream_summaries: Vec<StreamSummary>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct StreamSummary {
    stream_name: String,
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    stream_status: Status,
    stream_mode_details: StreamModeDetails,
    stream_creation_timestamp: EpochSeconds,
}

/// After which name the next page begins.
#[derive(Serialize, Deserialize)]
struct After(String);

impl Page for After {
    const KIND: &'static str = "streams";
}

const PAGE: usize = 100;

impl Action<Kinesis> for ListStreams {
    const NAME: &'static str = "ListStreams";
    const INPUT: Structure = Structure::new(
        "ListStreamsInput",
        &[
            shape::LIMIT.member("Limit"),
            shape::STREAM_NAME.member("ExclusiveStartStreamName"),
            shape::NEXT_TOKEN.member("NextToken"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        service.admit_call(call, Self::NAME, None)?;
        let now = service.now();
        let after = match input.next_token {
            Some(token) => Some(page_token::open::<After>(&token, &service.secret, now)?.0),
            None => input.exclusive_start_stream_name,
        };
        let streams = service.catalog.in_world(&call.world);
        let first = after.map_or(0, |after| streams.partition_point(|stream| stream.name.as_str() <= after.as_str()));
        let rest = &streams[first..];
        let limit = input.limit.map_or(PAGE, |limit| limit.min(PAGE));
        let mut stream_summaries = Vec::new();
        for stream in rest.iter().take(limit) {
            service.catalog.settle(stream).await?;
            let state = stream.state();
            stream_summaries.push(StreamSummary {
                stream_name: stream.name.to_string(),
                stream_arn: stream.arn(),
                stream_status: state.settings.status(now),
                stream_mode_details: StreamModeDetails { stream_mode: state.settings.mode },
                stream_creation_timestamp: whole_seconds(state.settings.created),
            });
        }
        let stream_names: Vec<String> = stream_summaries.iter().map(|summary| summary.stream_name.clone()).collect();
        let has_more_streams = rest.len() > limit;
        let next_token = match stream_names.last() {
            Some(last) if has_more_streams => Some(page_token::close(After(last.clone()), &service.secret, now)?),
            _ => None,
        };
        Ok(Output { stream_names, has_more_streams, next_token, stream_summaries })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    fn names(answer: &Value) -> Vec<&str> {
        answer["StreamNames"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
    }

    #[tokio::test]
    async fn lists_by_name_in_pages() {
        let mut fixture = Fixture::new().await;
        for name in ["b", "a", "d", "c", "e"] {
            fixture.stream(name, 1).await;
        }
        let first = fixture.ok("ListStreams", json!({"Limit": 2})).await;
        assert_eq!((names(&first), &first["HasMoreStreams"]), (vec!["a", "b"], &json!(true)));
        assert_eq!(first["StreamSummaries"][0]["StreamARN"], "arn:aws:kinesis:us-east-1:000000000000:stream/a");
        assert_eq!(first["StreamSummaries"][0]["StreamStatus"], "ACTIVE");
        let next = json!({"NextToken": first["NextToken"], "Limit": 2});
        assert_eq!(names(&fixture.ok("ListStreams", next.clone()).await), ["c", "d"]);
        let last = fixture.ok("ListStreams", json!({"ExclusiveStartStreamName": "cc"})).await;
        assert_eq!(names(&last), ["d", "e"]);
        assert!(last.get("NextToken").is_none() && last["HasMoreStreams"] == json!(false));
        fixture.advance_secs(301).await;
        let expired = "ExpiredNextTokenException: NextToken has expired. A token can be used for 300 seconds.";
        fixture.refused("ListStreams", next, expired).await;
        let invalid = "InvalidArgumentException: Invalid NextToken.";
        fixture.refused("ListStreams", json!({"NextToken": "garbage"}), invalid).await;
        fixture.world.account = "111111111111".into();
        assert!(names(&fixture.ok("ListStreams", json!({})).await).is_empty());
    }
}
