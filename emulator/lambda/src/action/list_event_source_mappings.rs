//! ListEventSourceMappings: mappings by id, a page at a time, filtered by source and function.
//!
//! A page holds at most 100, whatever MaxItems says. A function without a qualifier stands for all its versions.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::mapping::Error;
use crate::mapping::definition::Mapping;
use crate::mapping::mappings::Feeding;
use crate::mapping::request::function_arn;
use crate::mapping::shape;
use crate::mapping::view::View;
use crate::name::FunctionArn;

pub(super) struct ListEventSourceMappings;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    event_source_arn: Option<String>,
    function_name: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    event_source_mappings: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

const MOST: usize = 100;

impl Rest for ListEventSourceMappings {
    const HTTP: Http = Http::get("/2015-03-31/event-source-mappings").query(&[
        ("EventSourceArn", "EventSourceArn"),
        ("FunctionName", "FunctionName"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]);
}

impl<S: Feeding> Action<S> for ListEventSourceMappings {
    const NAME: &'static str = "ListEventSourceMappings";
    const INPUT: Structure = Structure::new(
        "ListEventSourceMappingsRequest",
        &[
            shape::EVENT_SOURCE_ARN.member("EventSourceArn"),
            super::shape::NAMESPACED_FUNCTION_NAME.member("FunctionName"),
            Shape::string().member("Marker"),
            shape::MAX_ITEMS.member("MaxItems"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &S, call: &Call, input: Input) -> Result<Output, S::Error> {
        let after = input.marker.as_deref().map(uuid_of).transpose()?;
        let function = input.function_name.map(|name| function_arn(&call.world, &name)).transpose()?;
        let is_wanted = |mapping: &Mapping| {
            input.event_source_arn.as_ref().is_none_or(|arn| *arn == mapping.event_source_arn)
                && function.as_ref().is_none_or(|function| stands_for(function, &mapping.function))
                && after.as_ref().is_none_or(|after| mapping.uuid > *after)
        };
        let mut found = service.mappings().list(&call.world);
        found.retain(|mapping| is_wanted(mapping));
        let page = input.max_items.unwrap_or(MOST).min(MOST);
        let next_marker = (found.len() > page).then(|| marker_of(&found[page - 1].uuid));
        found.truncate(page);
        Ok(Output { event_source_mappings: found.iter().map(|mapping| View::listed(mapping)).collect(), next_marker })
    }
}

fn stands_for(wanted: &FunctionArn, function: &FunctionArn) -> bool {
    match wanted.qualifier {
        None => *wanted == function.with_qualifier(None),
        Some(_) => wanted == function,
    }
}

/// A marker is the id of the last mapping shown; mappings that come or go between two pages shift nothing.
fn marker_of(uuid: &str) -> String {
    URL_SAFE_NO_PAD.encode(uuid)
}

fn uuid_of(marker: &str) -> Result<String, Error> {
    let uuid = URL_SAFE_NO_PAD.decode(marker).map_err(|_| Error::Marker)?;
    String::from_utf8(uuid).map_err(|_| Error::Marker)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mapping::bench::STREAM;
    use crate::mapping::front::{Front, MAPPINGS};

    async fn front() -> Front {
        let front = Front::new();
        let consumer = format!("{STREAM}/consumer/c:1");
        for (source, function) in [(STREAM, "f"), (STREAM, "f:1"), (&consumer, "f"), (STREAM, "g")] {
            let mapping = json!({"EventSourceArn": source, "FunctionName": function, "StartingPosition": "LATEST"});
            front.create(mapping).await;
        }
        front
    }

    async fn count(front: &Front, query: &str) -> usize {
        let (status, answer) = front.send("GET", &format!("{MAPPINGS}/?{query}"), Value::Null).await;
        assert_eq!(status, 200, "{query}");
        answer["EventSourceMappings"].as_array().unwrap().len()
    }

    #[tokio::test]
    async fn filters_combine() {
        let front = front().await;
        assert_eq!(count(&front, "").await, 4);
        assert_eq!(count(&front, "FunctionName=f").await, 3);
        assert_eq!(count(&front, "FunctionName=f:1").await, 1);
        assert_eq!(count(&front, &format!("EventSourceArn={STREAM}")).await, 3);
        assert_eq!(count(&front, &format!("EventSourceArn={STREAM}&FunctionName=f")).await, 2);
        assert_eq!(count(&front, "FunctionName=nobody").await, 0);
    }

    #[tokio::test]
    async fn a_page_has_a_hundred_at_most() {
        let front = Front::new();
        for number in 1..=101 {
            let function = format!("f:{number}");
            let mapping = json!({"EventSourceArn": STREAM, "FunctionName": function, "StartingPosition": "LATEST"});
            front.create(mapping).await;
        }
        assert_eq!(count(&front, "MaxItems=10000").await, 100);
        assert_eq!(count(&front, "").await, 100);
    }

    #[tokio::test]
    async fn pages_show_every_mapping_once() {
        let front = front().await;
        let mut seen = Vec::new();
        let mut marker = String::new();
        loop {
            let (_, page) = front.send("GET", &format!("{MAPPINGS}?MaxItems=3{marker}"), Value::Null).await;
            seen.extend(page["EventSourceMappings"].as_array().unwrap().iter().map(|mapping| mapping["UUID"].clone()));
            let Some(next) = page["NextMarker"].as_str() else { break };
            marker = format!("&Marker={next}");
        }
        assert_eq!(seen.len(), 4);
        seen.dedup();
        assert_eq!(seen.len(), 4);
        assert_eq!(front.send("GET", &format!("{MAPPINGS}?Marker=%21"), Value::Null).await.0, 400);
    }
}
