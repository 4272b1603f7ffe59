//! Events that nobody waits for: kept in the store until their function is through with them or they are given up.
//!
//! One small task per event, which holds no payload while it waits. Invariant: an event that was accepted is run at least
//! once, also across restarts, unless it grows too old while nothing can run it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use aws_wire::Blob;
use bytes::Bytes;
use env::Timestamp;
use serde::{Deserialize, Serialize};
use state_store::{Store, Table};

use crate::Error;
use crate::name::FunctionArn;
use crate::runner::{Ran, Runner};
use crate::sandbox::Verdict;

/// How often an event is tried again after the function failed on it.
const MAX_RETRIES: u32 = 2;
/// How old an event may get while it cannot be run.
const MAX_AGE: Duration = Duration::from_secs(6 * 3600);

/// The queued events of all functions.
pub(crate) struct Queue {
    table: Table<Queued>,
    runner: Arc<Runner>,
}

/// An event in the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Queued {
    function: FunctionArn,
    client_context: Option<String>,
    payload: Blob,
    accepted_at: Timestamp,
    due_at: Timestamp,
    tries: Tries,
}

/// What was tried so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tries {
    /// The function ran and failed.
    failures: u32,
    /// It could not be run.
    refusals: u32,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Try {
    Succeeded,
    Failed,
    Refused,
    Gone,
}

/// What to do about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Forget,
    GiveUp,
    TryAgain { after: Duration },
}

impl Tries {
    /// Counts a try of an event of that `age` and says what follows from it.
    fn then(&mut self, outcome: Try, age: Duration) -> Step {
        match outcome {
            Try::Succeeded => Step::Forget,
            Try::Gone => Step::GiveUp,
            Try::Failed => {
                self.failures += 1;
                if self.failures > MAX_RETRIES {
                    return Step::GiveUp;
                }
                // One minute, then two.
                Step::TryAgain { after: Duration::from_secs(60) * self.failures }
            }
            Try::Refused => {
                let after = Duration::from_secs(1 << self.refusals.min(9)).min(Duration::from_secs(300));
                self.refusals += 1;
                if age + after > MAX_AGE { Step::GiveUp } else { Step::TryAgain { after } }
            }
        }
    }
}

impl Queue {
    pub(crate) fn open(store: &Store, runner: Arc<Runner>) -> Result<Self, Error> {
        Ok(Self { table: store.table("lambda.events"), runner })
    }

    /// Takes up what was queued before a restart.
    pub(crate) fn start(&self) -> Result<(), Error> {
        for (request_id, _) in self.table.all()? {
            self.follow(request_id);
        }
        Ok(())
    }

    /// Queues an event, durably.
    pub(crate) async fn push(
        &self,
        function: FunctionArn,
        request_id: String,
        client_context: Option<String>,
        payload: Bytes,
    ) -> Result<(), Error> {
        let now = self.runner.env.clock.now();
        let payload = Blob(payload);
        let queued =
            Queued { function, client_context, payload, accepted_at: now, due_at: now, tries: Tries::default() };
        self.table.put(&request_id, &queued)?;
        self.follow(request_id);
        Ok(())
    }

    fn follow(&self, request_id: String) {
        tokio::spawn(follow(self.table.clone(), Arc::downgrade(&self.runner), request_id));
    }
}

/// Takes one event through its tries. A store that fails ends it; the event is taken up again at the next start.
async fn follow(table: Table<Queued>, runner: Weak<Runner>, request_id: String) {
    loop {
        let queued = match table.get(&request_id) {
            Ok(Some(queued)) => queued,
            Ok(None) => return,
            Err(error) => return tracing::error!(%error, "a queued event cannot be read"),
        };
        let Some(clock) = runner.upgrade().map(|runner| runner.env.clock.clone()) else { return };
        let Queued { function, client_context, payload, accepted_at, due_at, mut tries } = queued.clone();
        if due_at > clock.now() {
            // Not holding the payload for minutes is why it is read again afterwards.
            drop((queued, payload));
            clock.sleep_until(due_at).await;
            continue;
        }
        let Some(runner) = runner.upgrade() else { return };
        let outcome = attempt(&runner, &function, &request_id, client_context, payload.0).await;
        let now = clock.now();
        let step = tries.then(outcome, now.since(accepted_at));
        let written = match step {
            Step::TryAgain { after } => table.put(&request_id, &Queued { due_at: now + after, tries, ..queued }),
            Step::Forget => table.remove(&request_id),
            Step::GiveUp => {
                tracing::error!(%function, request_id, "an asynchronous event was given up; dead letters are not delivered yet");
                table.remove(&request_id)
            }
        };
        if let Err(error) = written {
            return tracing::error!(%error, "the queue of events cannot be written");
        }
    }
}

async fn attempt(
    runner: &Runner,
    function: &FunctionArn,
    request_id: &str,
    client_context: Option<String>,
    payload: Bytes,
) -> Try {
    match runner.run(function, request_id.to_owned(), client_context, payload).await {
        Ok(Ran { finished, .. }) => match finished.verdict {
            Verdict::Answer(_) => Try::Succeeded,
            Verdict::Error(_) => Try::Failed,
            Verdict::Trouble(_) => Try::Refused,
        },
        Err(Error::FunctionNotFound(_)) => Try::Gone,
        Err(_) => Try::Refused,
    }
}

#[cfg(test)]
impl Queue {
    /// Returns when an event waits for a try, that many seconds after it was accepted.
    pub(crate) async fn waits(&self, secs: u64) {
        let is_due = |queued: &Queued| queued.due_at.since(queued.accepted_at) == Duration::from_secs(secs);
        while !self.table.all().unwrap().iter().any(|(_, queued)| is_due(queued)) {
            tokio::task::yield_now().await;
        }
    }

    /// Returns when no event is left.
    pub(crate) async fn is_empty(&self) {
        while !self.table.all().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(secs: u64) -> Step {
        Step::TryAgain { after: Duration::from_secs(secs) }
    }

    #[test]
    fn a_failing_function_gets_two_more_tries() {
        let mut tries = Tries::default();
        let mut fail = || tries.then(Try::Failed, Duration::ZERO);
        assert_eq!([fail(), fail(), fail()], [again(60), again(120), Step::GiveUp]);
    }

    #[test]
    fn a_throttled_event_waits_longer_and_longer_but_not_for_ever() {
        let mut tries = Tries::default();
        let steps: Vec<_> = (0..10).map(|_| tries.then(Try::Refused, Duration::ZERO)).collect();
        assert_eq!(steps[..4], [again(1), again(2), again(4), again(8)]);
        assert_eq!(steps[8..], [again(256), again(300)]);
        assert_eq!(tries.then(Try::Refused, MAX_AGE), Step::GiveUp);
        assert_eq!(tries.then(Try::Failed, MAX_AGE), again(60), "refusals are no failures");
    }

    #[test]
    fn an_event_ends_with_success_or_with_its_function() {
        assert_eq!(Tries::default().then(Try::Succeeded, MAX_AGE), Step::Forget);
        assert_eq!(Tries::default().then(Try::Gone, Duration::ZERO), Step::GiveUp);
    }
}
