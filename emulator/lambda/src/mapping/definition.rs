//! A mapping as it is stored: what feeds what, with which settings, in which state.
//!
//! Pure: states change here by rules, elsewhere by time. Invariant: an action is refused while another's transition is
//! under way.

use std::collections::BTreeMap;

use aws_wire::{Invocation, World};
use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::mapping::encryption::Encryption;
use crate::mapping::error::Error;
use crate::mapping::settings::Settings;
use crate::mapping::source::StartingPosition;
use crate::name::FunctionArn;

/// One event source mapping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mapping {
    pub(crate) uuid: String,
    /// The call that created it, if it said which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<Invocation>,
    pub(crate) world: WorldKey,
    /// Qualified if its owner qualified it.
    pub(crate) function: FunctionArn,
    /// Of a stream or a consumer.
    pub(crate) event_source_arn: String,
    pub(crate) starting_position: StartingPosition,
    /// As asked for; if there is a key, without filters, which are under it then. [`Self::opened`] has them.
    pub(crate) settings: Settings,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encryption: Option<Encryption>,
    pub(crate) state: State,
    /// When the transition under way may end.
    pub(crate) settles_at: Timestamp,
    pub(crate) last_modified: Timestamp,
    pub(crate) last_processing_result: String,
    /// The stream whose shards have positions; `None` before the mapping was first enabled.
    pub(crate) incarnation: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// Which world a mapping lives in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct WorldKey(pub(crate) World);

impl TryFrom<String> for WorldKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (account, region) = text.split_once('/').ok_or("not account/region")?;
        Ok(Self(World::new(account, region)))
    }
}

impl From<WorldKey> for String {
    fn from(key: WorldKey) -> Self {
        key.0.to_string()
    }
}

/// Where a mapping is in its life. Transitions know where they lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// New.
    Creating(Goal),
    /// Being switched on.
    Enabling,
    /// Reading.
    Enabled,
    /// Being switched off.
    Disabling,
    /// Not reading, its positions kept.
    Disabled,
    /// Its settings were changed.
    Updating(Goal),
    /// On its way out.
    Deleting,
}

/// What a mapping is meant to be once it has settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Goal {
    Enabled,
    Disabled,
}

/// What a state settles into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settling {
    /// Nothing is under way.
    Settled,
    /// It becomes this.
    Into(Goal),
    /// It goes away.
    Gone,
}

impl Goal {
    pub(crate) fn of(enabled: bool) -> Self {
        if enabled { Self::Enabled } else { Self::Disabled }
    }

    /// The state in which the goal is reached.
    pub(crate) fn state(self) -> State {
        match self {
            Self::Enabled => State::Enabled,
            Self::Disabled => State::Disabled,
        }
    }
}

impl State {
    /// As AWS writes it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Creating(_) => "Creating",
            Self::Enabling => "Enabling",
            Self::Enabled => "Enabled",
            Self::Disabling => "Disabling",
            Self::Disabled => "Disabled",
            Self::Updating(_) => "Updating",
            Self::Deleting => "Deleting",
        }
    }

    /// Where it leads.
    pub(crate) fn settling(self) -> Settling {
        match self {
            Self::Creating(goal) | Self::Updating(goal) => Settling::Into(goal),
            Self::Enabling => Settling::Into(Goal::Enabled),
            Self::Disabling => Settling::Into(Goal::Disabled),
            Self::Enabled | Self::Disabled => Settling::Settled,
            Self::Deleting => Settling::Gone,
        }
    }

    /// Whether records are read in it.
    pub(crate) fn is_reading(self) -> bool {
        matches!(self, Self::Enabled | Self::Updating(Goal::Enabled))
    }

    /// The state after an update which asks for `enabled`, if it says so.
    pub(crate) fn updated(self, enabled: Option<bool>) -> Result<Self, Error> {
        match (self, enabled) {
            (Self::Enabled, Some(false)) => Ok(Self::Disabling),
            (Self::Disabled, Some(true)) => Ok(Self::Enabling),
            (Self::Enabled, Some(true) | None) => Ok(Self::Updating(Goal::Enabled)),
            (Self::Disabled, Some(false) | None) => Ok(Self::Updating(Goal::Disabled)),
            (
                Self::Creating(_) | Self::Enabling | Self::Disabling | Self::Updating(_) | Self::Deleting,
                Some(_) | None,
            ) => Err(Error::InUse { change: "update" }),
        }
    }

    /// The state after a request to delete.
    pub(crate) fn deleted(self) -> Result<Self, Error> {
        match self {
            Self::Enabled | Self::Disabled => Ok(Self::Deleting),
            Self::Creating(_) | Self::Enabling | Self::Disabling | Self::Updating(_) | Self::Deleting => {
                Err(Error::InUse { change: "delete" })
            }
        }
    }
}

impl Mapping {
    /// Its key in the store: world first, so that one world's mappings lie together.
    pub(crate) fn key(&self) -> String {
        key(&self.world.0, &self.uuid)
    }

    /// Its own ARN.
    pub(crate) fn arn(&self) -> String {
        self.world.0.arn("lambda", format_args!("event-source-mapping:{}", self.uuid))
    }
}

/// The key of the mapping `uuid` of `world`.
pub(crate) fn key(world: &World, uuid: &str) -> String {
    format!("{world}/{uuid}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_today_is_read_tomorrow() {
        let stored = serde_json::json!({
            "uuid": "u-1",
            "world": "000000000000/us-east-1",
            "function": "arn:aws:lambda:us-east-1:000000000000:function:f:live",
            "event_source_arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
            "starting_position": {"AtTimestamp": 5},
            "settings": {
                "batch_size": 100,
                "batching_window": {"secs": 0, "nanos": 0},
                "parallelization_factor": 1,
                "maximum_record_age": {"secs": 60, "nanos": 0},
                "maximum_retry_attempts": null,
                "bisect_on_error": false,
                "report_item_failures": true,
                "tumbling_window": null,
                "filters": ["{\"partitionKey\":[\"a\"]}"],
                "counts_events": true
            },
            "encryption": {"key_arn": "arn:aws:kms:us-east-1:000000000000:key/k", "filters": "c2VhbGVk"},
            "state": {"Updating": "Enabled"},
            "settles_at": 1_000_100,
            "last_modified": 1_000_000,
            "last_processing_result": "OK",
            "incarnation": "first",
            "tags": {"team": "mill"}
        });
        let mapping: Mapping = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(&mapping).unwrap(), stored);
    }

    #[test]
    fn an_update_leads_where_it_asks_to() {
        let check = |state: State, enabled, expected| assert_eq!(state.updated(enabled), Ok(expected), "{state:?}");
        check(State::Enabled, None, State::Updating(Goal::Enabled));
        check(State::Enabled, Some(true), State::Updating(Goal::Enabled));
        check(State::Enabled, Some(false), State::Disabling);
        check(State::Disabled, None, State::Updating(Goal::Disabled));
        check(State::Disabled, Some(true), State::Enabling);
    }

    #[test]
    fn nothing_is_changed_during_a_transition() {
        let transitions = [
            State::Creating(Goal::Enabled),
            State::Enabling,
            State::Disabling,
            State::Updating(Goal::Disabled),
            State::Deleting,
        ];
        for state in transitions {
            assert!(state.updated(None).is_err(), "{state:?}");
            assert!(state.deleted().is_err(), "{state:?}");
        }
    }
}
