//! What an account settled for all its streams of a region: whether it committed to a minimum throughput.
//!
//! A commitment lasts a day at least; ending it earlier only schedules its end. It ends by the clock alone. Invariant: a
//! change is durable before anybody sees it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_wire::World;
use env::Timestamp;
use serde::{Deserialize, Serialize};
use state_store::{Store, Table};

use crate::error::Result;

/// How long a commitment lasts at least.
const SHORTEST: Duration = Duration::from_secs(86_400);

/// A commitment to pay for a minimum throughput, which unlocks warm throughput and more consumers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Commitment {
    pub(crate) started: Timestamp,
    /// When it ends or ended, once that is decided.
    pub(crate) ends: Option<Timestamp>,
}

/// What the API says about a commitment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum CommitmentStatus {
    /// In force.
    Enabled,
    /// Over, or never made.
    Disabled,
    /// In force, with its end decided.
    EnabledUntilEarliestAllowedEnd,
}

impl Commitment {
    pub(crate) fn status(&self, now: Timestamp) -> CommitmentStatus {
        match self.ends {
            None => CommitmentStatus::Enabled,
            Some(ends) if now < ends => CommitmentStatus::EnabledUntilEarliestAllowedEnd,
            Some(_) => CommitmentStatus::Disabled,
        }
    }

    pub(crate) fn is_in_force(&self, now: Timestamp) -> bool {
        self.status(now) != CommitmentStatus::Disabled
    }

    /// When it may end.
    pub(crate) fn earliest_end(&self) -> Timestamp {
        self.started + SHORTEST
    }

    /// The commitment of an account that enables it: the one in force goes on, whatever was decided about its end.
    fn enabled(before: Option<Self>, now: Timestamp) -> Self {
        match before.filter(|before| before.is_in_force(now)) {
            Some(before) => Self { ends: None, ..before },
            None => Self { started: now, ends: None },
        }
    }

    /// The commitment of an account that disables it: over as soon as it may be.
    fn disabled(self, now: Timestamp) -> Self {
        Self { ends: self.ends.or_else(|| Some(now.max(self.earliest_end()))), ..self }
    }
}

/// The accounts that ever committed, each in its regions.
#[derive(Debug)]
pub(crate) struct Accounts {
    table: Table<Commitment>,
    /// Held over a write to the disk: changes are rare, and readers are of the control plane.
    known: Mutex<HashMap<String, Commitment>>,
}

impl Accounts {
    pub(crate) fn load(store: &Store) -> Result<Self> {
        let table = store.table("kinesis.accounts");
        let known = Mutex::new(table.all()?.into_iter().collect());
        Ok(Self { table, known })
    }

    pub(crate) fn commitment(&self, world: &World) -> Option<Commitment> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&world.to_string()).copied()
    }

    /// Whether the account's on-demand streams have what a commitment unlocks.
    pub(crate) fn is_committed(&self, world: &World, now: Timestamp) -> bool {
        self.commitment(world).is_some_and(|commitment| commitment.is_in_force(now))
    }

    /// Enables or disables the commitment and returns what it is then.
    pub(crate) fn commit(&self, world: &World, enable: bool, now: Timestamp) -> Result<Option<Commitment>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = world.to_string();
        let before = known.get(&key).copied();
        let after =
            if enable { Some(Commitment::enabled(before, now)) } else { before.map(|before| before.disabled(now)) };
        if let Some(commitment) = after.filter(|after| Some(*after) != before) {
            self.table.put(&key, &commitment)?;
            known.insert(key, commitment);
        }
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: u64) -> Timestamp {
        Timestamp::from_secs(1_700_000_000 + hours * 3600)
    }

    #[test]
    fn lasts_a_day_at_least() {
        let commitment = Commitment::enabled(None, at(0));
        assert_eq!(commitment.status(at(1000)), CommitmentStatus::Enabled);
        let early = commitment.disabled(at(3));
        assert_eq!(early.status(at(23)), CommitmentStatus::EnabledUntilEarliestAllowedEnd);
        assert_eq!(early.status(at(24)), CommitmentStatus::Disabled);
        assert_eq!(early.disabled(at(30)).ends, Some(at(24)));
        let late = commitment.disabled(at(30));
        assert_eq!((late.ends, late.status(at(30))), (Some(at(30)), CommitmentStatus::Disabled));
    }

    #[test]
    fn enabling_again_takes_back_the_end_or_begins_anew() {
        let ending = Commitment::enabled(None, at(0)).disabled(at(3));
        assert_eq!(Commitment::enabled(Some(ending), at(4)), Commitment { started: at(0), ends: None });
        assert_eq!(Commitment::enabled(Some(ending), at(24)), Commitment { started: at(24), ends: None });
    }
}
