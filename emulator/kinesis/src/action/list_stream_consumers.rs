//! ListStreamConsumers: the consumers of a stream by name, page by page.

use aws_wire::{Action, Call, EpochSeconds, Shape, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::output::ConsumerOutput;
use crate::page_token::{self, Page};
use crate::service::Kinesis;
use crate::shape;
use crate::stream::StreamUid;

pub(super) struct ListStreamConsumers;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    next_token: Option<String>,
    max_results: Option<usize>,
    stream_creation_timestamp: Option<EpochSeconds>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    consumers: Vec<ConsumerOutput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// After which name the next page begins.
#[derive(Serialize, Deserialize)]
struct After {
    uid: StreamUid,
    name: String,
}

impl Page for After {
    const KIND: &'static str = "consumers";
}

const PAGE: usize = 100;

impl Action<Kinesis> for ListStreamConsumers {
    const NAME: &'static str = "ListStreamConsumers";
    const INPUT: Structure = Structure::new(
        "ListStreamConsumersInput",
        &[
            shape::STREAM_ARN.member("StreamARN").required(),
            shape::NEXT_TOKEN.member("NextToken"),
            shape::LIMIT.member("MaxResults"),
            Shape::timestamp().member("StreamCreationTimestamp"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let now = service.now();
        let stream = service.stream(call, Self::NAME, None, Some(&input.stream_arn)).await?;
        let state = stream.state();
        let created = state.settings.created.as_secs();
        let after = match (&input.next_token, input.stream_creation_timestamp) {
            (Some(_), Some(_)) => return Err(Error::TokenWith { member: "StreamCreationTimestamp" }),
            (None, Some(given)) if given.0.as_secs() != created => return Err(stream.not_found()),
            (None, _) => None,
            (Some(token), None) => {
                let after: After = page_token::open(token, &service.secret, now)?;
                if after.uid != stream.uid {
                    return Err(Error::TokenInvalid);
                }
                Some(after.name)
            }
        };
        let mut rest =
            state.consumers.iter().filter(|(name, _)| after.as_ref().is_none_or(|after| *name > after)).peekable();
        let limit = input.max_results.map_or(PAGE, |limit| limit.min(PAGE));
        let page: Vec<_> = rest.by_ref().take(limit).collect();
        let next_token = match page.last() {
            Some((name, _)) if rest.peek().is_some() => {
                let after = After { uid: stream.uid, name: (*name).clone() };
                Some(page_token::close(after, &service.secret, now)?)
            }
            _ => None,
        };
        let output = |(name, consumer): (&String, _)| ConsumerOutput::of(&stream, name, consumer, now);
        Ok(Output { consumers: page.into_iter().map(output).collect(), next_token })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::test::Fixture;

    const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";

    async fn list(fixture: &Fixture, mut input: Value) -> (String, Value) {
        input["StreamARN"] = STREAM.into();
        let answer = fixture.ok("ListStreamConsumers", input).await;
        let consumers = answer["Consumers"].as_array().unwrap().iter();
        (consumers.map(|consumer| consumer["ConsumerName"].as_str().unwrap()).collect(), answer["NextToken"].clone())
    }

    #[tokio::test]
    async fn lists_by_name_in_pages() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        for name in ["b", "c", "a"] {
            fixture.ok("RegisterStreamConsumer", json!({"StreamARN": STREAM, "ConsumerName": name})).await;
        }
        let (names, token) = list(&fixture, json!({"MaxResults": 2})).await;
        assert_eq!(names, "ab");
        assert_eq!(list(&fixture, json!({"NextToken": token})).await, ("c".into(), Value::Null));
        let both = json!({"StreamARN": STREAM, "NextToken": token, "StreamCreationTimestamp": 1});
        let words = "InvalidArgumentException: NextToken and StreamCreationTimestamp cannot be provided together.";
        fixture.refused("ListStreamConsumers", both, words).await;
        fixture.advance_secs(301).await;
        let expired = "ExpiredNextTokenException: NextToken has expired. A token can be used for 300 seconds.";
        fixture.refused("ListStreamConsumers", json!({"StreamARN": STREAM, "NextToken": token}), expired).await;
    }
}
