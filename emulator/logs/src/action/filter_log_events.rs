//! FilterLogEvents: the events of a group, or of some of its streams, that a pattern fits. `aws logs tail` is this call.
//!
//! A page ends when it is full, or when it has looked at so much that whoever waits should hear something; then it can be empty
//! and yet have a token.

use std::collections::HashMap;

use aws_wire::{Action, Call, Shape, Structure};
use env::Timestamp;
use serde::{Deserialize, Serialize};
use shard_log::Offset;

use crate::error::{Error, Result};
use crate::event::Stored;
use crate::group::{AHEAD, scan};
use crate::name;
use crate::pattern::Pattern;
use crate::service::Logs;
use crate::shape;

/// The most events and bytes of a page.
const MOST: usize = 10_000;
const LARGEST_PAGE: usize = 1_048_576;
/// So many bytes are looked at for one page.
const LOOKED_AT: usize = 64 * 1024 * 1024;

pub(super) struct FilterLogEvents;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<u64>,
    end_time: Option<u64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Output {
    events: Vec<Entry>,
    searched_log_streams: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    log_stream_name: String,
    timestamp: u64,
    message: String,
    ingestion_time: u64,
    event_id: String,
}

impl Action<Logs> for FilterLogEvents {
    const NAME: &'static str = "FilterLogEvents";
    const INPUT: Structure = Structure::new(
        "FilterLogEventsRequest",
        &[
            shape::GROUP_NAME.member("logGroupName"),
            shape::GROUP_IDENTIFIER.member("logGroupIdentifier"),
            Shape::list(&shape::STREAM_NAME).length(1, 100).member("logStreamNames"),
            shape::STREAM_NAME.member("logStreamNamePrefix"),
            shape::TIME.member("startTime"),
            shape::TIME.member("endTime"),
            Shape::string().length(0, 1024).member("filterPattern"),
            shape::NEXT_TOKEN.member("nextToken"),
            shape::EVENTS_LIMIT.member("limit"),
            // Events of all streams are always in one order.
            Shape::boolean().member("interleaved"),
            Shape::boolean().member("unmask"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<Output> {
        let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())?;
        if input.log_stream_names.is_some() && input.log_stream_name_prefix.is_some() {
            return Err(Error::Invalid("Only one of logStreamNames or logStreamNamePrefix can be provided"));
        }
        let catalog = service.catalog();
        let name = name::group(&call.world, input.log_group_name, input.log_group_identifier)?;
        let group = catalog.group(&call.world, &name)?;
        let streams: HashMap<u64, String> = {
            let state = group.state();
            if let Some(names) = &input.log_stream_names {
                let found = names.iter().map(|name| state.streams.get(name).ok_or(Error::StreamNotFound));
                found.map(|stream| stream.map(|stream| (stream.number, stream.name.clone()))).collect::<Result<_>>()?
            } else {
                let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
                let fitting = state.streams.values().filter(|stream| stream.name.starts_with(prefix));
                fitting.map(|stream| (stream.number, stream.name.clone())).collect()
            }
        };
        let log = catalog.log(&group).await?;
        let horizon = group.record().horizon(catalog.now());
        let first = horizon.max(Timestamp::from_millis(input.start_time.unwrap_or(0)));
        let last = Timestamp::from_millis(input.end_time.unwrap_or(u64::MAX));
        let from = match &input.next_token {
            Some(token) => Offset(token.parse().map_err(|_| Error::TokenInvalid)?),
            None if first == Timestamp::EPOCH => Offset::ZERO,
            // What arrived earlier happened earlier, but for how far ahead an event may be.
            None => log.seek(first - AHEAD).await?,
        };
        let limit = input.limit.unwrap_or(MOST);
        let (mut found, mut bytes, mut looked_at, mut next) = (Vec::<Stored>::new(), 0, 0, None);
        scan(&*log, from, |event| {
            looked_at += event.size();
            let fits = (first..=last).contains(&event.at)
                && streams.contains_key(&event.stream)
                && pattern.fits(&event.message);
            if !fits {
                if looked_at > LOOKED_AT {
                    next = Some(event.offset.next());
                }
                return next.is_none();
            }
            bytes += event.size();
            if found.len() >= limit || bytes > LARGEST_PAGE && !found.is_empty() {
                next = Some(event.offset);
                return false;
            }
            found.push(event);
            true
        })
        .await?;
        found.sort_by_key(|event| (event.at, event.offset));
        let entry = |event: Stored| Entry {
            log_stream_name: streams.get(&event.stream).cloned().unwrap_or_default(),
            timestamp: event.at.as_millis(),
            event_id: event.id(),
            ingestion_time: event.ingested.as_millis(),
            message: event.message,
        };
        Ok(Output {
            events: found.into_iter().map(entry).collect(),
            searched_log_streams: [],
            next_token: next.map(|next| format!("{:056}", next.0)),
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

    async fn filter(fixture: &Fixture, more: Value) -> Value {
        let mut input = json!({"logGroupName": "g"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fixture.ok("FilterLogEvents", input).await
    }

    #[tokio::test]
    async fn patterns_streams_and_times() {
        let mut fixture = Fixture::with_stream().await;
        fixture.ok("CreateLogStream", json!({"logGroupName": "g", "logStreamName": "t"})).await;
        for (stream, message, ago) in
            [("s", "ERROR one", 4), ("t", "INFO two", 3), ("s", "INFO three", 1), ("t", "late", 2)]
        {
            fixture.put(stream, message, ago).await;
        }
        fixture.restart().await;
        let all = filter(&fixture, json!({})).await;
        assert_eq!(messages(&all), ["ERROR one", "INFO two", "late", "INFO three"]);
        assert_eq!((&all["events"][0]["logStreamName"], all.get("nextToken")), (&json!("s"), None));
        let ids: Vec<_> = all["events"].as_array().unwrap().iter().map(|event| event["eventId"].as_str()).collect();
        assert!(ids.is_sorted() && ids.iter().all(Option::is_some), "{ids:?}");
        let now = fixture.now().as_millis();
        for (more, expected) in [
            (json!({"filterPattern": "INFO"}), vec!["INFO two", "INFO three"]),
            (json!({"filterPattern": "-INFO"}), vec!["ERROR one", "late"]),
            (json!({"logStreamNames": ["t"]}), vec!["INFO two", "late"]),
            (json!({"logStreamNamePrefix": "s"}), vec!["ERROR one", "INFO three"]),
            (json!({"startTime": now - 3, "endTime": now - 2}), vec!["INFO two", "late"]),
            (json!({"startTime": now}), vec![]),
        ] {
            assert_eq!(messages(&filter(&fixture, more.clone()).await), expected, "{more}");
        }
    }

    #[tokio::test]
    async fn pages_join_without_gaps() {
        let fixture = Fixture::with_stream().await;
        for number in 0..5 {
            fixture.put("s", &format!("INFO {number}"), 5 - number).await;
            fixture.put("s", "noise", 5 - number).await;
        }
        let (mut seen, mut more) = (Vec::new(), json!({"filterPattern": "INFO", "limit": 2}));
        loop {
            let page = filter(&fixture, more.clone()).await;
            seen.extend(messages(&page));
            let Some(token) = page.get("nextToken") else { break };
            more["nextToken"] = token.clone();
        }
        assert_eq!(seen, (0..5).map(|number| format!("INFO {number}")).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_is_refused() {
        let fixture = Fixture::with_stream().await;
        for (more, error) in [
            (json!({"filterPattern": "{ $.a = 1 }"}), "InvalidParameterException"),
            (json!({"nextToken": "x"}), "InvalidParameterException"),
            (json!({"logStreamNames": ["s"], "logStreamNamePrefix": "s"}), "InvalidParameterException"),
            (json!({"logStreamNames": ["none"]}), "ResourceNotFoundException"),
            (json!({"logGroupName": "none"}), "ResourceNotFoundException"),
            (json!({"logGroupIdentifier": "g"}), "InvalidParameterException"),
        ] {
            let mut input = json!({"logGroupName": "g"});
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            assert!(fixture.error("FilterLogEvents", input).await.starts_with(error), "{more}");
        }
    }
}
