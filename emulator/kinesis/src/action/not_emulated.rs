//! The actions of channels and queues, which Millrace does not emulate: known by name, so that a caller is told so
//! instead of that there is no such action.

use aws_wire::{Call, RawAction, Reply, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::service::Kinesis;

pub(super) const CHANNELS: &[&str] =
    &["CreateChannel", "DeleteChannel", "DescribeChannel", "ListChannels", "UpdateChannel"];
pub(super) const QUEUES: &[&str] = &[
    "AcknowledgeDeadLetterQueueRecords",
    "AcknowledgeQueueRecords",
    "CreateQueue",
    "DeleteQueue",
    "DescribeQueue",
    "ListQueues",
    "ReceiveDeadLetterQueueRecords",
    "ReceiveQueueRecords",
    "RestoreDeadLetterQueueRecords",
    "UpdateDeadLetterQueueRecordsVisibility",
    "UpdateQueue",
    "UpdateQueueRecordsVisibility",
];

/// Every action of a channel.
pub(super) struct Channels;

/// Every action of a queue.
pub(super) struct Queues;

/// Whatever was sent: nobody looks into it.
#[derive(Deserialize)]
pub(super) struct Input {}

impl RawAction<Kinesis> for Channels {
    const NAME: &'static str = "Channels";
    const INPUT: Structure = Structure::new("Input", &[]);
    type Input = Input;

    async fn run(_: &Kinesis, _: &Call, Input {}: Input) -> Result<Reply> {
        Err(Error::NotEmulated { what: "channels" })
    }
}

impl RawAction<Kinesis> for Queues {
    const NAME: &'static str = "Queues";
    const INPUT: Structure = Structure::new("Input", &[]);
    type Input = Input;

    async fn run(_: &Kinesis, _: &Call, Input {}: Input) -> Result<Reply> {
        Err(Error::NotEmulated { what: "queues" })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{CHANNELS, QUEUES};
    use crate::test::Fixture;

    #[tokio::test]
    async fn say_so_plainly() {
        let fixture = Fixture::new().await;
        for (actions, what) in [(CHANNELS, "channels"), (QUEUES, "queues")] {
            let words = format!("UnknownOperationException: Millrace does not emulate {what} of Kinesis Data Streams.");
            for action in actions {
                fixture.refused(action, json!({"StreamARN": "whatever"}), &words).await;
            }
        }
        fixture.refused("CreateRiver", json!({}), "UnknownOperationException: ").await;
    }
}
