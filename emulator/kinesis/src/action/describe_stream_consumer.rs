//! DescribeStreamConsumer: what is known of a consumer.

use aws_wire::{Action, Call, Structure};
use serde::Serialize;

use crate::error::Result;
use crate::output::ConsumerOutput;
use crate::service::Kinesis;

use super::consumer_target::{INPUT_MEMBERS, Input};

pub(super) struct DescribeStreamConsumer;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    consumer_description: ConsumerOutput,
}

impl Action<Kinesis> for DescribeStreamConsumer {
    const NAME: &'static str = "DescribeStreamConsumer";
    const INPUT: Structure = Structure::new("DescribeStreamConsumerInput", INPUT_MEMBERS);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Output> {
        let named = input.find(service, call, Self::NAME).await?;
        let state = named.stream.state();
        let consumer = named.in_state(&state)?;
        let output = ConsumerOutput::of(&named.stream, &named.name, consumer, service.now());
        Ok(Output { consumer_description: output.with_stream(&call.world, &named.stream) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";

    #[tokio::test]
    async fn names_go_together_or_do_not() {
        let fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let registered = fixture.ok("RegisterStreamConsumer", json!({"StreamARN": STREAM, "ConsumerName": "c"})).await;
        let arn = registered["Consumer"]["ConsumerARN"].as_str().unwrap();
        for input in [
            json!({"ConsumerARN": arn}),
            json!({"StreamARN": STREAM, "ConsumerName": "c"}),
            json!({"StreamARN": STREAM, "ConsumerName": "c", "ConsumerARN": arn}),
        ] {
            let described = fixture.ok("DescribeStreamConsumer", input).await;
            assert_eq!(described["ConsumerDescription"]["ConsumerARN"], arn);
        }
        let incomplete = "InvalidArgumentException: Either ConsumerARN or both StreamARN and ConsumerName should be \
                          provided.";
        for input in [json!({}), json!({"StreamARN": STREAM}), json!({"ConsumerName": "c"})] {
            fixture.refused("DescribeStreamConsumer", input, incomplete).await;
        }
        let words = format!(
            "InvalidArgumentException: ConsumerARN {arn} does not match the StreamARN or ConsumerName given with it."
        );
        fixture.refused("DescribeStreamConsumer", json!({"ConsumerARN": arn, "ConsumerName": "d"}), &words).await;
    }

    #[tokio::test]
    async fn an_arn_means_one_registration() {
        let fixture = Fixture::new().await;
        let unknown = "ResourceNotFoundException: Consumer c under stream s not found for account 000000000000.";
        let arn = format!("{STREAM}/consumer/c:1");
        fixture.refused("DescribeStreamConsumer", json!({"ConsumerARN": arn}), unknown).await;
        fixture.stream("s", 1).await;
        fixture.ok("RegisterStreamConsumer", json!({"StreamARN": STREAM, "ConsumerName": "c"})).await;
        fixture.refused("DescribeStreamConsumer", json!({"ConsumerARN": arn}), unknown).await;
    }
}
