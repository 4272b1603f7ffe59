//! PutLogEvents: adds events to a stream. They are durable before they are answered.
//!
//! An event that is more than two hours in the future, more than 14 days in the past, or older than the group keeps is left out,
//! and the answer says which.

use std::time::Duration;

use aws_wire::{Action, Call, Shape, Structure};
use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::event::OVERHEAD;
use crate::group::AHEAD;
use crate::service::{self, Logs};
use crate::shape;

/// The most bytes of a call, with 26 for every event.
const LARGEST_BATCH: usize = 1_048_576;
const DAY: Duration = Duration::from_secs(86_400);
/// An event may be so much older than its arrival.
const BEHIND: Duration = Duration::from_secs(14 * 86_400);

pub(super) struct PutLogEvents;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    timestamp: u64,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Output {
    next_sequence_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_log_events_info: Option<Rejected>,
}

#[derive(Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rejected {
    #[serde(skip_serializing_if = "Option::is_none")]
    too_new_log_event_start_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    too_old_log_event_end_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expired_log_event_end_index: Option<usize>,
}

impl Action<Logs> for PutLogEvents {
    const NAME: &'static str = "PutLogEvents";
    const INPUT: Structure = Structure::new(
        "PutLogEventsRequest",
        &[
            shape::GROUP_NAME.member("logGroupName").required(),
            shape::STREAM_NAME.member("logStreamName").required(),
            shape::EVENTS.member("logEvents").required(),
            // It has no meaning any more.
            Shape::string().at_least(1).member("sequenceToken"),
            Shape::document().member("entity"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<Output> {
        check(&input.log_events)?;
        let catalog = service.catalog();
        let group = catalog.group(&call.world, &input.log_group_name)?;
        let number = group.state().streams.get(&input.log_stream_name).ok_or(Error::StreamNotFound)?.number;
        let log = catalog.log(&group).await?;
        let now = catalog.now();
        let (mut rejected, mut kept) = (Rejected::default(), Vec::new());
        let horizon = group.record().horizon(now);
        for (at, event) in input.log_events.into_iter().enumerate() {
            let timestamp = Timestamp::from_millis(event.timestamp);
            if timestamp > now + AHEAD {
                rejected.too_new_log_event_start_index.get_or_insert(at);
            } else if timestamp < horizon {
                rejected.expired_log_event_end_index = Some(at + 1);
            } else if timestamp < now - BEHIND {
                rejected.too_old_log_event_end_index = Some(at + 1);
            } else {
                kept.push(service::Event { timestamp, message: event.message });
            }
        }
        group.append(&*log, number, &kept, now).await?;
        let rejected = Some(rejected).filter(|rejected| *rejected != Rejected::default());
        Ok(Output { next_sequence_token: token(number), rejected_log_events_info: rejected })
    }
}

fn check(events: &[Event]) -> Result<()> {
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(Error::NotChronological);
    }
    let span = events.last().map_or(0, |last| last.timestamp) - events.first().map_or(0, |first| first.timestamp);
    if u128::from(span) > DAY.as_millis() {
        return Err(Error::SpansTooLong);
    }
    let sizes = events.iter().map(|event| event.message.len() + OVERHEAD);
    if let Some(size) = sizes.clone().find(|size| *size > LARGEST_BATCH) {
        return Err(Error::EventTooLarge { size, limit: LARGEST_BATCH });
    }
    let size = sizes.sum();
    if size > LARGEST_BATCH { Err(Error::BatchTooLarge { size, limit: LARGEST_BATCH }) } else { Ok(()) }
}

/// A token that says nothing, for clients that still carry one from call to call.
pub(super) fn token(stream: u64) -> String {
    format!("{stream:056}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Fixture;

    const HOUR: u64 = 3_600_000;

    fn put(events: &[(u64, &str)]) -> Value {
        let events: Vec<_> = events.iter().map(|(at, message)| json!({"timestamp": at, "message": message})).collect();
        json!({"logGroupName": "g", "logStreamName": "s", "logEvents": events})
    }

    #[tokio::test]
    async fn what_is_too_new_or_too_old_is_left_out() {
        let fixture = Fixture::with_stream().await;
        let now = fixture.now().as_millis();
        let answer = fixture.ok("PutLogEvents", put(&[(now, "kept"), (now + 3 * HOUR, "new")])).await;
        assert_eq!(answer["rejectedLogEventsInfo"], json!({"tooNewLogEventStartIndex": 1}));
        let answer = fixture.ok("PutLogEvents", put(&[(now - 15 * 24 * HOUR, "old")])).await;
        assert_eq!(answer["rejectedLogEventsInfo"], json!({"tooOldLogEventEndIndex": 1}));
        fixture.ok("PutRetentionPolicy", json!({"logGroupName": "g", "retentionInDays": 1})).await;
        let answer =
            fixture.ok("PutLogEvents", put(&[(now - 24 * HOUR - 1, "expired"), (now - 24 * HOUR, "kept")])).await;
        assert_eq!(answer["rejectedLogEventsInfo"], json!({"expiredLogEventEndIndex": 1}));
        assert_eq!(answer["nextSequenceToken"].as_str().unwrap().len(), 56);
        let found = fixture.ok("FilterLogEvents", json!({"logGroupName": "g"})).await;
        assert_eq!(found["events"].as_array().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn what_is_refused() {
        let fixture = Fixture::with_stream().await;
        let now = fixture.now().as_millis();
        let order =
            "InvalidParameterException: Log events in a single PutLogEvents request must be in chronological order.";
        fixture.refused("PutLogEvents", put(&[(now, "a"), (now - 1, "b")]), order).await;
        let span = "InvalidParameterException: The batch of log events in a single PutLogEvents request cannot span more \
                    than 24 hours.";
        fixture.refused("PutLogEvents", put(&[(now - 25 * HOUR, "a"), (now, "b")]), span).await;
        let half = "x".repeat(600_000);
        let size = "InvalidParameterException: Upload too large: 1200052 bytes exceeds limit of 1048576";
        fixture.refused("PutLogEvents", put(&[(now, &half), (now, &half)]), size).await;
        let large = "x".repeat(1_048_576);
        let size = "InvalidParameterException: Log event too large: 1048602 bytes exceeds limit of 1048576";
        fixture.refused("PutLogEvents", put(&[(now, &large)]), size).await;
        assert!(fixture.error("PutLogEvents", put(&[])).await.starts_with("InvalidParameterException: 1 validation"));
        let mut input = put(&[(now, "a")]);
        input["logStreamName"] = json!("x");
        let missing = "ResourceNotFoundException: The specified log stream does not exist.";
        fixture.refused("PutLogEvents", input.clone(), missing).await;
        input["logGroupName"] = json!("x");
        let missing = "ResourceNotFoundException: The specified log group does not exist.";
        fixture.refused("PutLogEvents", input, missing).await;
    }
}
