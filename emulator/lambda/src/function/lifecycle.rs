//! The states that a function passes through, as a function of time: nothing has to run for them to change.

use std::time::Duration;

use env::Timestamp;
use serde::{Deserialize, Serialize};

/// When a version becomes usable and when its last update is through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lifecycle {
    active_at: Timestamp,
    /// The epoch: never updated.
    updated_at: Timestamp,
}

/// `State`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Being created; not to be invoked or changed.
    Pending,
    /// In service.
    Active,
}

/// `LastUpdateStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UpdateStatus {
    /// An update is on its way; no other may start.
    InProgress,
    /// The last update is through.
    Successful,
}

impl Lifecycle {
    /// Created at `now`, usable after `delay`.
    pub(crate) fn created(now: Timestamp, delay: Duration) -> Self {
        Self { active_at: now + delay, updated_at: Timestamp::EPOCH }
    }

    /// Updated at `now`, through after `delay`.
    pub(crate) fn update(&mut self, now: Timestamp, delay: Duration) {
        self.updated_at = now + delay;
    }

    /// The state at `now`.
    pub(crate) fn state(&self, now: Timestamp) -> State {
        if now < self.active_at { State::Pending } else { State::Active }
    }

    /// The update's status at `now`; none while the function is being created.
    pub(crate) fn update_status(&self, now: Timestamp) -> Option<UpdateStatus> {
        match self.state(now) {
            State::Pending => None,
            State::Active if now < self.updated_at => Some(UpdateStatus::InProgress),
            State::Active => Some(UpdateStatus::Successful),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_the_states() {
        let at = Timestamp::from_secs;
        let mut lifecycle = Lifecycle::created(at(10), Duration::from_secs(2));
        let check = |lifecycle: &Lifecycle, now, state, status| {
            assert_eq!((lifecycle.state(at(now)), lifecycle.update_status(at(now))), (state, status));
        };
        check(&lifecycle, 11, State::Pending, None);
        check(&lifecycle, 12, State::Active, Some(UpdateStatus::Successful));
        lifecycle.update(at(20), Duration::from_secs(2));
        check(&lifecycle, 21, State::Active, Some(UpdateStatus::InProgress));
        check(&lifecycle, 22, State::Active, Some(UpdateStatus::Successful));
    }
}
