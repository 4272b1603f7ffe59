//! RegisterStreamConsumer: a reader of its own throughput, CREATING at first and ACTIVE by itself.
//!
//! Twenty a stream, fifty if the account committed to a minimum throughput; five of them CREATING at once.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::consumer::{Consumer, ConsumerStatus};
use crate::error::{Error, Result};
use crate::output::ConsumerOutput;
use crate::service::Kinesis;
use crate::{shape, tags};

pub(super) struct RegisterStreamConsumer;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    consumer_name: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    consumer: ConsumerOutput,
}

impl Action<Kinesis> for RegisterStreamConsumer {
    const NAME: &'static str = "RegisterStreamConsumer";
    const INPUT: Structure = Structure::new(
        "RegisterStreamConsumerInput",
        &[
            shape::STREAM_ARN.member("StreamARN").required(),
            shape::CONSUMER_NAME.member("ConsumerName").required(),
            shape::TAG_MAP.member("Tags"),
            shape::STREAM_ID.member("StreamId"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let stream = service.stream(call, Self::NAME, None, Some(&input.stream_arn)).await?;
        let mut accepted = BTreeMap::new();
        tags::add(&mut accepted, input.tags, &stream.label())?;
        let name = input.consumer_name;
        let config = service.config();
        service
            .catalog
            .change(&stream, |state, now| {
                if let Some(there) = state.consumers.get(&name) {
                    if call.repeats(there.maker.as_ref()) && there.gone.is_none() {
                        return Ok(Output { consumer: ConsumerOutput::of(&stream, &name, there, now) });
                    }
                    let (consumer, account) = (name.clone(), stream.world.account.clone());
                    return Err(Error::ConsumerExists { consumer, name: stream.name.to_string(), account });
                }
                let limit = config.consumer_limit(service.accounts.is_committed(&call.world, now));
                if state.consumers.len() >= limit {
                    return Err(Error::ConsumerLimit { stream: stream.label(), limit });
                }
                let limit = config.consumers_creating();
                let creating = |known: &&Consumer| known.status(now) == ConsumerStatus::Creating;
                if state.consumers.values().filter(creating).count() >= limit {
                    return Err(Error::ConsumersCreating { stream: stream.label(), limit });
                }
                let consumer = Consumer {
                    created: now.as_secs(),
                    maker: call.invocation.clone(),
                    ready: now + config.lifecycle_delay,
                    gone: None,
                    tags: accepted,
                    policy: None,
                };
                let output = ConsumerOutput::of(&stream, &name, &consumer, now);
                state.consumers.insert(name, consumer);
                Ok(Output { consumer: output })
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::config::Config;
    use crate::test::Fixture;

    const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";

    fn named(name: &str) -> Value {
        json!({"StreamARN": STREAM, "ConsumerName": name})
    }

    #[tokio::test]
    async fn a_consumer_is_creating_then_active() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let arn = format!("{STREAM}/consumer/c:1700000001");
        assert_eq!(
            fixture.ok("RegisterStreamConsumer", named("c")).await,
            json!({"Consumer": {
                "ConsumerName": "c",
                "ConsumerARN": arn,
                "ConsumerStatus": "CREATING",
                "ConsumerCreationTimestamp": 1_700_000_001.0,
            }})
        );
        fixture.restart().await;
        fixture.advance_secs(1).await;
        let described = fixture.ok("DescribeStreamConsumer", json!({"ConsumerARN": arn})).await;
        assert_eq!(
            described,
            json!({"ConsumerDescription": {
                "ConsumerName": "c",
                "ConsumerARN": arn,
                "ConsumerStatus": "ACTIVE",
                "ConsumerCreationTimestamp": 1_700_000_001.0,
                "StreamARN": STREAM,
            }})
        );
    }

    #[tokio::test]
    async fn refuses_duplicates_and_too_many() {
        let lifecycle_delay = Duration::from_secs(5);
        let fixture = Fixture::with(Config { lifecycle_delay, ..Config::default() }).await;
        let unknown = "ResourceNotFoundException: Stream s under account 000000000000 not found.";
        fixture.refused("RegisterStreamConsumer", named("c"), unknown).await;
        fixture.stream("s", 1).await;
        fixture.advance_secs(4).await;
        for number in 0..20 {
            fixture.ok("RegisterStreamConsumer", named(&number.to_string())).await;
            if number == 4 {
                let rate = "LimitExceededException: Rate exceeded for stream s under account 000000000000.";
                fixture.refused("RegisterStreamConsumer", named("sixth"), rate).await;
                fixture.advance_secs(1).await;
                let creating = "LimitExceededException: Rate exceeded for stream s under account 000000000000. No more \
                                than 5 consumers can be in CREATING at once.";
                fixture.refused("RegisterStreamConsumer", named("sixth"), creating).await;
            }
            if number % 5 == 4 {
                fixture.advance_secs(5).await;
            }
        }
        let duplicate = "ResourceInUseException: Consumer 7 under stream s already exists for account 000000000000.";
        fixture.refused("RegisterStreamConsumer", named("7"), duplicate).await;
        let full = "LimitExceededException: This request would exceed the limit on the number of consumers of stream s \
                    under account 000000000000. Limit: 20.";
        fixture.refused("RegisterStreamConsumer", named("c"), full).await;
        let commitment = json!({"MinimumThroughputBillingCommitment": {"Status": "ENABLED"}});
        fixture.ok("UpdateAccountSettings", commitment).await;
        for number in 20..50 {
            fixture.ok("RegisterStreamConsumer", named(&number.to_string())).await;
            fixture.advance_secs(5).await;
        }
        let full = full.replace("20.", "50.");
        fixture.refused("RegisterStreamConsumer", named("c"), &full).await;
    }
}
