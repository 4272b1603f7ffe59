//! When an event that nobody waits for is tried again, and when it is given up. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What was tried so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tries {
    /// The function ran and failed.
    pub(super) failures: u32,
    /// It could not be run.
    pub(super) refusals: u32,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Try {
    Succeeded,
    Failed,
    /// Throttled, or we are in trouble.
    Refused,
    /// The function may never run: its reservation is zero.
    Forbidden,
}

/// How often and how long an event is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    /// How often again after the function failed on it.
    pub(super) retries: u32,
    /// How old it may get.
    pub(super) age: Duration,
}

/// What to do about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    End(Condition),
    TryAgain { after: Duration },
}

/// Why an event is over, in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Success,
    RetriesExhausted,
    EventAgeExceeded,
}

impl Condition {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::RetriesExhausted => "RetriesExhausted",
            Self::EventAgeExceeded => "EventAgeExceeded",
        }
    }
}

impl Tries {
    /// Counts a try of an event of that `age` and says what follows from it.
    pub(super) fn then(&mut self, outcome: Try, age: Duration, patience: Patience) -> Step {
        let after = match outcome {
            Try::Succeeded => return Step::End(Condition::Success),
            Try::Forbidden => return Step::End(Condition::RetriesExhausted),
            Try::Failed => {
                self.failures += 1;
                if self.failures > patience.retries {
                    return Step::End(Condition::RetriesExhausted);
                }
                // One minute, then two.
                Duration::from_secs(60) * self.failures
            }
            Try::Refused => {
                let after = pause(self.refusals);
                self.refusals = self.refusals.saturating_add(1);
                after
            }
        };
        if age + after > patience.age { Step::End(Condition::EventAgeExceeded) } else { Step::TryAgain { after } }
    }

    /// How often the function was called, or nearly: throttles count, as they do for AWS.
    pub(super) fn calls(self, last: Try) -> u32 {
        self.failures + self.refusals + u32::from(last == Try::Succeeded)
    }
}

/// One second, doubling to five minutes.
pub(super) fn pause(setbacks: u32) -> Duration {
    Duration::from_secs(1 << setbacks.min(9)).min(Duration::from_secs(300))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { retries: 2, age: Duration::from_secs(6 * 3600) };

    fn again(secs: u64) -> Step {
        Step::TryAgain { after: Duration::from_secs(secs) }
    }

    #[test]
    fn a_failing_function_gets_two_more_tries() {
        let mut tries = Tries::default();
        let mut fail = || tries.then(Try::Failed, Duration::ZERO, PATIENCE);
        assert_eq!([fail(), fail(), fail()], [again(60), again(120), Step::End(Condition::RetriesExhausted)]);
    }

    #[test]
    fn retries_are_as_many_as_the_owner_says() {
        let none = Patience { retries: 0, ..PATIENCE };
        let step = Tries::default().then(Try::Failed, Duration::ZERO, none);
        assert_eq!(step, Step::End(Condition::RetriesExhausted));
    }

    #[test]
    fn a_throttled_event_waits_longer_and_longer_but_not_for_ever() {
        let mut tries = Tries::default();
        let steps: Vec<_> = (0..10).map(|_| tries.then(Try::Refused, Duration::ZERO, PATIENCE)).collect();
        assert_eq!(steps[..4], [again(1), again(2), again(4), again(8)]);
        assert_eq!(steps[8..], [again(256), again(300)]);
        let step = tries.then(Try::Refused, PATIENCE.age, PATIENCE);
        assert_eq!(step, Step::End(Condition::EventAgeExceeded));
        assert_eq!(tries.failures, 0, "refusals are no failures");
    }

    #[test]
    fn an_event_too_old_for_its_next_try_is_over() {
        let short = Patience { age: Duration::from_secs(60), ..PATIENCE };
        let mut tries = Tries::default();
        assert_eq!(tries.then(Try::Failed, Duration::ZERO, short), again(60));
        assert_eq!(tries.then(Try::Failed, short.age, short), Step::End(Condition::EventAgeExceeded));
    }

    #[test]
    fn an_event_ends_with_success_or_where_nothing_may_run() {
        let end = |outcome| Tries::default().then(outcome, PATIENCE.age, PATIENCE);
        assert_eq!(end(Try::Succeeded), Step::End(Condition::Success));
        assert_eq!(end(Try::Forbidden), Step::End(Condition::RetriesExhausted));
    }
}
