//! SubscribeToShard: a shard's records pushed to a consumer, for five minutes at most.
//!
//! The answer is a stream of events; what is in it is [`crate::subscription`]'s. Subscribing again within five seconds is
//! refused; later, the new subscription takes over.

use aws_wire::action::Events;
use aws_wire::{Call, EpochSeconds, EventAction, Shape, Structure};
use serde::Deserialize;

use crate::consumer::ConsumerStatus;
use crate::error::{Error, Result};
use crate::read;
use crate::service::Kinesis;
use crate::shape;
use crate::subscription::{Event, Subscriber};

use super::consumer_target::Named;
use super::starting_position::{self, Requested};

pub(super) struct SubscribeToShard;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "ConsumerARN")]
    consumer_arn: String,
    shard_id: String,
    starting_position: Position,
    dry_run: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Position {
    r#type: String,
    sequence_number: Option<String>,
    timestamp: Option<EpochSeconds>,
}

const STARTING_POSITION: Shape = Shape::structure(&Structure::new(
    "com.amazonaws.kinesis.v20131202.StartingPosition",
    &[
        starting_position::TYPE.member("Type").required(),
        shape::SEQUENCE_NUMBER.member("SequenceNumber"),
        Shape::timestamp().member("Timestamp"),
    ],
));

impl EventAction<Kinesis> for SubscribeToShard {
    const NAME: &'static str = "SubscribeToShard";
    const INPUT: Structure = Structure::new(
        "SubscribeToShardInput",
        &[
            shape::CONSUMER_ARN.member("ConsumerARN").required(),
            shape::SHARD_ID.member("ShardId").required(),
            STARTING_POSITION.member("StartingPosition").required(),
            shape::STREAM_ID.member("StreamId"),
            Shape::boolean().member("DryRun"),
        ],
    );
    type Input = Input;
    const EVENT: &'static str = "SubscribeToShardEvent";
    type Event = Event;

    async fn run(service: &Kinesis, call: &Call, input: Input) -> Result<Events<Event, Error>> {
        let named = Named::by_arn(service, call, Self::NAME, &input.consumer_arn).await?;
        let stream = named.stream.clone();
        let arn = stream.arn();
        let (_, handle) = super::shard_to_read(service, call, None, Some(&arn), &input.shard_id)?;
        let state = stream.state();
        let now = service.now();
        let consumer = named.in_state(&state)?;
        let shard = handle.shard.index;
        let subscriber =
            Subscriber { stream: stream.uid, consumer: named.name.clone(), created: consumer.created, shard };
        let most = service.config().calls_per_second(1);
        if service.config().limits && !service.subscriptions.may_ask(&subscriber, most, now) {
            return Err(Error::CallRate { whom: format!("stream {}", stream.label()) });
        }
        if consumer.status(now) != ConsumerStatus::Active {
            return Err(Error::ConsumerNotActive {
                consumer: named.name,
                created: consumer.created,
                name: stream.name.to_string(),
                account: stream.world.account.clone(),
            });
        }
        let requested = Requested {
            kind: &input.starting_position.r#type,
            sequence_number: input.starting_position.sequence_number.as_deref(),
            timestamp: input.starting_position.timestamp.map(|timestamp| timestamp.0),
        };
        let position = starting_position::check(&requested, &stream, &handle.shard, now)?;
        if input.dry_run == Some(true) {
            return Err(Error::DryRun);
        }
        let position = read::resolve(&handle, position).await?;
        let (account, name) = (stream.world.account.clone(), stream.name.to_string());
        let active = || Error::SubscriptionActive { account, name, shard, consumer: named.name };
        service.subscribe(stream, subscriber, position).ok_or_else(active)
    }
}

#[cfg(test)]
mod tests;
