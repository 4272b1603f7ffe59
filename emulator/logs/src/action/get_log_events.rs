//! GetLogEvents: a page of one stream, forwards from its head or backwards from its end. Both tokens of an answer are places in
//! the stream, so one can turn round at any page; at an end a token comes back as it was given.

use std::collections::VecDeque;

use aws_wire::{Action, Call, Shape, Structure};
use env::Timestamp;
use serde::{Deserialize, Serialize};
use shard_log::Offset;

use crate::error::{Error, Result};
use crate::event::Stored;
use crate::group::scan;
use crate::name;
use crate::service::Logs;
use crate::shape;

/// The most events and bytes of a page.
const MOST: usize = 10_000;
const LARGEST_PAGE: usize = 1_048_576;

pub(super) struct GetLogEvents;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<u64>,
    end_time: Option<u64>,
    next_token: Option<String>,
    limit: Option<usize>,
    start_from_head: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Output {
    events: Vec<Entry>,
    next_forward_token: String,
    next_backward_token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    timestamp: u64,
    message: String,
    ingestion_time: u64,
}

/// Where a page begins and which way it goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum From {
    /// With the first event at or after this place.
    Forward(u64),
    /// With the last event before this place.
    Backward(u64),
}

impl From {
    fn parse(token: &str) -> Result<Self> {
        let (way, place) = token.split_once('/').ok_or(Error::TokenInvalid)?;
        let place = place.parse().map_err(|_| Error::TokenInvalid)?;
        match way {
            "f" => Ok(Self::Forward(place)),
            "b" => Ok(Self::Backward(place)),
            _ => Err(Error::TokenInvalid),
        }
    }

    fn token(self) -> String {
        match self {
            Self::Forward(place) => format!("f/{place:056}"),
            Self::Backward(place) => format!("b/{place:056}"),
        }
    }
}

impl Action<Logs> for GetLogEvents {
    const NAME: &'static str = "GetLogEvents";
    const INPUT: Structure = Structure::new(
        "GetLogEventsRequest",
        &[
            shape::GROUP_NAME.member("logGroupName"),
            shape::GROUP_IDENTIFIER.member("logGroupIdentifier"),
            shape::STREAM_NAME.member("logStreamName").required(),
            shape::TIME.member("startTime"),
            shape::TIME.member("endTime"),
            shape::NEXT_TOKEN.member("nextToken"),
            shape::EVENTS_LIMIT.member("limit"),
            Shape::boolean().member("startFromHead"),
            Shape::boolean().member("unmask"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<Output> {
        let catalog = service.catalog();
        let name = name::group(&call.world, input.log_group_name, input.log_group_identifier)?;
        let group = catalog.group(&call.world, &name)?;
        let stream = group.state().streams.get(&input.log_stream_name).ok_or(Error::StreamNotFound)?.number;
        let log = catalog.log(&group).await?;
        let tail = log.bounds().next.0;
        let from = match &input.next_token {
            Some(token) => From::parse(token)?,
            None if input.start_from_head == Some(true) => From::Forward(0),
            None => From::Backward(tail),
        };
        let first = group.record().horizon(catalog.now()).as_millis().max(input.start_time.unwrap_or(0));
        let times = Timestamp::from_millis(first)..Timestamp::from_millis(input.end_time.unwrap_or(u64::MAX));
        let wanted = |event: &Stored| event.stream == stream && times.contains(&event.at);
        let limit = input.limit.unwrap_or(MOST);
        let (mut found, mut bytes) = (VecDeque::<Stored>::new(), 0);
        let start = if let From::Forward(place) = from { place } else { 0 };
        scan(&*log, Offset(start), |event| {
            if matches!(from, From::Backward(place) if event.offset.0 >= place) {
                return false;
            }
            if !wanted(&event) {
                return true;
            }
            bytes += event.size();
            let full = |found: &VecDeque<Stored>, bytes| found.len() >= limit || bytes > LARGEST_PAGE;
            match from {
                From::Forward(_) if full(&found, bytes) => return false,
                From::Forward(_) => {}
                From::Backward(_) => {
                    while full(&found, bytes) {
                        let Some(dropped) = found.pop_front() else { break };
                        bytes -= dropped.size();
                    }
                }
            }
            found.push_back(event);
            true
        })
        .await?;
        let (forward, backward) = match (found.front(), found.back(), from) {
            (Some(first), Some(last), _) => (last.offset.0 + 1, first.offset.0),
            // Nothing there: whoever asks again asks at the same place.
            (_, _, From::Forward(place)) if input.next_token.is_none() => (place.max(tail), place),
            (_, _, From::Forward(place) | From::Backward(place)) => (place, place),
        };
        let entry = |event: Stored| Entry {
            timestamp: event.at.as_millis(),
            message: event.message,
            ingestion_time: event.ingested.as_millis(),
        };
        Ok(Output {
            events: found.into_iter().map(entry).collect(),
            next_forward_token: From::Forward(forward).token(),
            next_backward_token: From::Backward(backward).token(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Fixture;

    fn messages(answer: &Value) -> Vec<String> {
        let events = answer["events"].as_array().unwrap();
        events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect()
    }

    async fn get(fixture: &Fixture, more: Value) -> Value {
        let mut input = json!({"logGroupName": "g", "logStreamName": "s"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fixture.ok("GetLogEvents", input).await
    }

    #[tokio::test]
    async fn forwards_and_backwards() {
        let mut fixture = Fixture::with_stream().await;
        fixture.ok("CreateLogStream", json!({"logGroupName": "g", "logStreamName": "other"})).await;
        for number in 0..5 {
            fixture.put("s", &number.to_string(), 1000 - number).await;
            fixture.put("other", "x", 0).await;
        }
        fixture.restart().await;
        let first = get(&fixture, json!({"startFromHead": true, "limit": 2})).await;
        assert_eq!(messages(&first), ["0", "1"]);
        let second = get(&fixture, json!({"nextToken": first["nextForwardToken"], "limit": 2})).await;
        assert_eq!(messages(&second), ["2", "3"]);
        let back = get(&fixture, json!({"nextToken": second["nextBackwardToken"]})).await;
        assert_eq!(messages(&back), ["0", "1"]);
        let third = get(&fixture, json!({"nextToken": second["nextForwardToken"]})).await;
        assert_eq!(messages(&third), ["4"]);
        let end = get(&fixture, json!({"nextToken": third["nextForwardToken"]})).await;
        assert_eq!((messages(&end).len(), &end["nextForwardToken"]), (0, &third["nextForwardToken"]));
        fixture.put("s", "5", 0).await;
        assert_eq!(messages(&get(&fixture, json!({"nextToken": end["nextForwardToken"]})).await), ["5"]);
        let last = get(&fixture, json!({"limit": 2})).await;
        assert_eq!(messages(&last), ["4", "5"]);
        let before = get(&fixture, json!({"limit": 2, "nextToken": last["nextBackwardToken"]})).await;
        assert_eq!(messages(&before), ["2", "3"]);
    }

    #[tokio::test]
    async fn between_times() {
        let fixture = Fixture::with_stream().await;
        let now = fixture.now().as_millis();
        for ago in [3, 2, 1] {
            fixture.put("s", &ago.to_string(), ago).await;
        }
        let found = get(&fixture, json!({"startTime": now - 3, "endTime": now - 1})).await;
        assert_eq!(messages(&found), ["3", "2"]);
        assert_eq!(found["events"][0]["ingestionTime"], now);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let fixture = Fixture::with_stream().await;
        let token = "InvalidParameterException: The specified nextToken is invalid.";
        for next in ["x", "f/", "g/1", "f/-1"] {
            let input = json!({"logGroupName": "g", "logStreamName": "s", "nextToken": next});
            fixture.refused("GetLogEvents", input, token).await;
        }
        let missing = "ResourceNotFoundException: The specified log stream does not exist.";
        fixture.refused("GetLogEvents", json!({"logGroupName": "g", "logStreamName": "x"}), missing).await;
        let missing = "ResourceNotFoundException: The specified log group does not exist.";
        fixture.refused("GetLogEvents", json!({"logGroupName": "x", "logStreamName": "s"}), missing).await;
    }
}
