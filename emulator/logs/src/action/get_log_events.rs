//! GetLogEvents: a page of one stream, forwards from its head or backwards from its end. Both tokens of an answer are places in
//! the stream, so one can turn round at any page; at an end a token comes back as it was given.

use std::collections::VecDeque;

use aws_wire::{Action, Call, Shape, Structure};
use env::Timestamp;
use serde::{Deserialize, Serialize};
use shard_log::{Log, Offset};

use crate::error::{Error, Result};
use crate::event::Stored;
use crate::group::{AHEAD, scan};
use crate::name;
use crate::service::Logs;
use crate::shape;

/// The most events and bytes of a page.
const MOST: usize = 10_000;
const LARGEST_PAGE: usize = 1_048_576;
/// How many events are looked at at a time on the way back, at first and at most.
const SHORTEST_STRETCH: u64 = 1024;
const LONGEST_STRETCH: u64 = 32 * 1024;

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
        let first = group.record().horizon(catalog.now()).max(Timestamp::from_millis(input.start_time.unwrap_or(0)));
        let wanted = Wanted {
            stream,
            first,
            before: Timestamp::from_millis(input.end_time.unwrap_or(u64::MAX)),
            // What arrived earlier happened earlier, but for how far ahead an event may be.
            floor: log.seek(first - AHEAD).await?.0,
            limit: input.limit.unwrap_or(MOST),
        };
        let found = match from {
            From::Forward(place) => wanted.forward(&*log, place).await?,
            From::Backward(place) => wanted.backward(&*log, place).await?,
        };
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

/// What a page is to hold.
struct Wanted {
    stream: u64,
    first: Timestamp,
    before: Timestamp,
    /// No event that is wanted is before this place.
    floor: u64,
    limit: usize,
}

impl Wanted {
    fn fits(&self, event: &Stored) -> bool {
        event.stream == self.stream && (self.first..self.before).contains(&event.at)
    }

    /// Whether a page of these events has no room for one more of `size`.
    fn is_full(&self, events: usize, bytes: usize, size: usize) -> bool {
        events >= self.limit || events > 0 && bytes + size > LARGEST_PAGE
    }

    /// The first events at or after `place`.
    async fn forward(&self, log: &dyn Log, place: u64) -> Result<VecDeque<Stored>> {
        let (mut found, mut bytes) = (VecDeque::new(), 0);
        scan(log, Offset(place.max(self.floor)), |event| {
            if !self.fits(&event) {
                return true;
            }
            if self.is_full(found.len(), bytes, event.size()) {
                return false;
            }
            bytes += event.size();
            found.push_back(event);
            true
        })
        .await?;
        Ok(found)
    }

    /// The last events before `place`. A log is read forwards, so it is looked at in stretches from the end.
    async fn backward(&self, log: &dyn Log, place: u64) -> Result<VecDeque<Stored>> {
        let (mut found, mut bytes) = (VecDeque::new(), 0);
        let (mut end, mut width) = (place.min(log.bounds().next.0), SHORTEST_STRETCH);
        while end > self.floor {
            let start = end.saturating_sub(width).max(self.floor);
            let mut stretch = Vec::new();
            scan(log, Offset(start), |event| {
                let within = event.offset.0 < end;
                if within && self.fits(&event) {
                    stretch.push(event);
                }
                within
            })
            .await?;
            while let Some(event) = stretch.pop() {
                if self.is_full(found.len(), bytes, event.size()) {
                    return Ok(found);
                }
                bytes += event.size();
                found.push_front(event);
            }
            (end, width) = (start, (width * 2).min(LONGEST_STRETCH));
        }
        Ok(found)
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
    async fn the_end_of_a_long_log_and_its_beginning() {
        let fixture = Fixture::with_stream().await;
        fixture.put("s", "first", 0).await;
        let event = crate::Event { timestamp: fixture.now(), message: "noise".to_owned() };
        let noise = vec![event; 5000];
        fixture.logs.put(&fixture.world, "g", "other", &noise).await.unwrap();
        fixture.put("s", "last", 0).await;
        assert_eq!(messages(&get(&fixture, json!({"limit": 1})).await), ["last"]);
        assert_eq!(messages(&get(&fixture, json!({})).await), ["first", "last"]);
        let other = json!({"logStreamName": "other", "limit": 3000});
        let page = get(&fixture, other.clone()).await;
        assert_eq!(messages(&page).len(), 3000);
        let mut before = other;
        before["nextToken"] = page["nextBackwardToken"].clone();
        assert_eq!(messages(&get(&fixture, before).await).len(), 2000);
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
