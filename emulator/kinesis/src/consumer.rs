//! Enhanced fan-out consumers: readers that a stream knows by name.
//!
//! Like a stream's, a consumer's life is decided by the time alone. Invariant: name and creation second together tell a
//! consumer from every other that its stream had.

use std::collections::BTreeMap;

use aws_wire::{Invocation, World};
use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::name::StreamName;

/// What the API says about a consumer's life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ConsumerStatus {
    /// Not usable yet.
    Creating,
    /// Usable.
    Active,
    /// On its way out.
    Deleting,
}

/// What is stored of a consumer; its name is the key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Consumer {
    /// When it was registered, in epoch seconds: part of its ARN.
    pub(crate) created: u64,
    /// The call that registered it, if it said which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<Invocation>,
    /// CREATING until then.
    pub(crate) ready: Timestamp,
    /// DELETING until then, once it was deregistered.
    #[serde(default)]
    pub(crate) gone: Option<Timestamp>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) policy: Option<String>,
}

impl Consumer {
    pub(crate) fn status(&self, now: Timestamp) -> ConsumerStatus {
        match self.gone {
            Some(_) => ConsumerStatus::Deleting,
            None if now < self.ready => ConsumerStatus::Creating,
            None => ConsumerStatus::Active,
        }
    }

    /// Whether it is deregistered and the time to show it as DELETING is over.
    pub(crate) fn is_gone(&self, now: Timestamp) -> bool {
        self.gone.is_some_and(|gone| now >= gone)
    }

    pub(crate) fn arn(&self, world: &World, stream: &StreamName, name: &str) -> String {
        world.arn("kinesis", format_args!("stream/{stream}/consumer/{name}:{}", self.created))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_by_the_clock() {
        let at = Timestamp::from_secs;
        let mut consumer =
            Consumer { created: 100, maker: None, ready: at(101), gone: None, tags: BTreeMap::new(), policy: None };
        assert_eq!(consumer.status(at(100)), ConsumerStatus::Creating);
        assert_eq!(consumer.status(at(101)), ConsumerStatus::Active);
        consumer.gone = Some(at(103));
        assert_eq!(consumer.status(at(102)), ConsumerStatus::Deleting);
        assert!(!consumer.is_gone(at(102)) && consumer.is_gone(at(103)));
        let world = World::new("000000000000", "us-east-1");
        assert_eq!(
            consumer.arn(&world, &StreamName::new("s").unwrap(), "app"),
            "arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/app:100"
        );
    }
}
