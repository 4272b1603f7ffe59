//! DescribeLogStreams: the streams of a group, by name or by their last event.

use aws_wire::{Action, Call, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::group::Stream;
use crate::name;
use crate::page::page;
use crate::service::Logs;
use crate::shape;

pub(super) struct DescribeLogStreams;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Output {
    log_streams: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    log_stream_name: String,
    creation_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_event_timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_event_timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_ingestion_time: Option<u64>,
    upload_sequence_token: String,
    arn: String,
    /// AWS has stopped counting per stream.
    stored_bytes: u64,
}

impl Action<Logs> for DescribeLogStreams {
    const NAME: &'static str = "DescribeLogStreams";
    const INPUT: Structure = Structure::new(
        "DescribeLogStreamsRequest",
        &[
            shape::GROUP_NAME.member("logGroupName"),
            shape::GROUP_IDENTIFIER.member("logGroupIdentifier"),
            shape::STREAM_NAME.member("logStreamNamePrefix"),
            Shape::string().one_of(&["LogStreamName", "LastEventTime"]).member("orderBy"),
            Shape::boolean().member("descending"),
            shape::NEXT_TOKEN.member("nextToken"),
            shape::DESCRIBE_LIMIT.member("limit"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<Output> {
        let by_time = input.order_by.as_deref() == Some("LastEventTime");
        if by_time && input.log_stream_name_prefix.is_some() {
            return Err(Error::Invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        let name = name::group(&call.world, input.log_group_name, input.log_group_identifier)?;
        let group = service.catalog().group(&call.world, &name)?;
        service.catalog().log(&group).await?;
        let prefix = input.log_stream_name_prefix.unwrap_or_default();
        let mut streams: Vec<Stream> =
            group.state().streams.values().filter(|stream| stream.name.starts_with(&prefix)).cloned().collect();
        if by_time {
            streams.sort_by_key(|stream| group.extent(stream.number).map_or(stream.created, |extent| extent.last));
        }
        if input.descending == Some(true) {
            streams.reverse();
        }
        let (streams, next_token) = page(streams, |stream| &stream.name, input.limit, input.next_token.as_deref())?;
        let arn = name::arn(&call.world, &name);
        let entry = |stream: Stream| {
            let extent = group.extent(stream.number);
            Entry {
                creation_time: stream.created.as_millis(),
                first_event_timestamp: extent.map(|extent| extent.first.as_millis()),
                last_event_timestamp: extent.map(|extent| extent.last.as_millis()),
                last_ingestion_time: extent.map(|extent| extent.ingested.as_millis()),
                upload_sequence_token: super::put_log_events::token(stream.number),
                arn: format!("{arn}:log-stream:{}", stream.name),
                stored_bytes: 0,
                log_stream_name: stream.name,
            }
        };
        Ok(Output { log_streams: streams.into_iter().map(entry).collect(), next_token })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn by_name_and_by_time() {
        let mut fixture = Fixture::with_stream().await;
        for name in ["t", "u"] {
            fixture.ok("CreateLogStream", json!({"logGroupName": "g", "logStreamName": name})).await;
        }
        fixture.put("t", "early", 5000).await;
        fixture.put("s", "late", 1000).await;
        fixture.put("t", "between", 3000).await;
        fixture.restart().await;
        let names = |described: &Value| {
            let streams = described["logStreams"].as_array().unwrap().clone();
            streams.iter().map(|stream| stream["logStreamName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let all = fixture.ok("DescribeLogStreams", json!({"logGroupName": "g"})).await;
        assert_eq!(names(&all), ["s", "t", "u"]);
        let now = 1_700_000_000_000_u64;
        let stream = &all["logStreams"][1];
        assert_eq!(stream["firstEventTimestamp"], now - 5000);
        assert_eq!((&stream["lastEventTimestamp"], &stream["lastIngestionTime"]), (&json!(now - 3000), &json!(now)));
        assert_eq!(stream["arn"], "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:t");
        assert_eq!(all["logStreams"][2].get("firstEventTimestamp"), None);
        let by_time = json!({"logGroupName": "g", "orderBy": "LastEventTime", "descending": true, "limit": 2});
        let page = fixture.ok("DescribeLogStreams", by_time).await;
        assert_eq!((names(&page), &page["nextToken"]), (vec!["u".to_owned(), "s".into()], &json!("s")));
        let prefix = json!({"logGroupIdentifier": "arn:aws:logs:us-east-1:000000000000:log-group:g", "logStreamNamePrefix": "t"});
        assert_eq!(names(&fixture.ok("DescribeLogStreams", prefix).await), ["t"]);
        let both = json!({"logGroupName": "g", "orderBy": "LastEventTime", "logStreamNamePrefix": "t"});
        let error = "InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix.";
        fixture.refused("DescribeLogStreams", both, error).await;
        let missing = "ResourceNotFoundException: The specified log group does not exist.";
        fixture.refused("DescribeLogStreams", json!({"logGroupName": "x"}), missing).await;
        assert!(fixture.error("DescribeLogStreams", json!({})).await.starts_with("InvalidParameterException"));
    }
}
