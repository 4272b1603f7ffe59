//! DeregisterStreamConsumer: the consumer is DELETING at once, then gone; its subscriptions end.

use aws_wire::{Action, Call, Structure};

use crate::error::Result;
use crate::service::Kinesis;

use super::consumer_target::{INPUT_MEMBERS, Input};

pub(super) struct DeregisterStreamConsumer;

impl Action<Kinesis> for DeregisterStreamConsumer {
    const NAME: &'static str = "DeregisterStreamConsumer";
    const INPUT: Structure = Structure::new("DeregisterStreamConsumerInput", INPUT_MEMBERS);
    type Input = Input;
    type Output = ();

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<()> {
        let named = input.find(service, call, Self::NAME).await?;
        let delay = service.config().lifecycle_delay;
        service
            .catalog
            .change_in_any_state(&named.stream, |state, now| {
                named.in_state(state)?;
                if let Some(consumer) = state.consumers.get_mut(&named.name) {
                    // A second call does not put the end off.
                    consumer.gone.get_or_insert(now + delay);
                }
                Ok(())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::Fixture;

    const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";

    #[tokio::test]
    async fn is_deleting_then_gone_and_the_name_is_free() {
        let mut fixture = Fixture::new().await;
        fixture.stream("s", 1).await;
        let named = json!({"StreamARN": STREAM, "ConsumerName": "c"});
        let registered = fixture.ok("RegisterStreamConsumer", named.clone()).await;
        let arn = json!({"ConsumerARN": registered["Consumer"]["ConsumerARN"]});
        fixture.advance_secs(1).await;
        fixture.ok("DeregisterStreamConsumer", arn.clone()).await;
        let described = fixture.ok("DescribeStreamConsumer", arn.clone()).await;
        assert_eq!(described["ConsumerDescription"]["ConsumerStatus"], "DELETING");
        fixture.restart().await;
        fixture.advance_secs(1).await;
        let unknown = "ResourceNotFoundException: Consumer c under stream s not found for account 000000000000.";
        fixture.refused("DescribeStreamConsumer", arn.clone(), unknown).await;
        fixture.refused("DeregisterStreamConsumer", arn.clone(), unknown).await;
        let again = fixture.ok("RegisterStreamConsumer", named).await;
        assert_ne!(again["Consumer"]["ConsumerARN"], arn["ConsumerARN"]);
    }
}
