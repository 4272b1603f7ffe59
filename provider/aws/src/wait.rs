//! Waits: look until an object reaches a state, and repeat a call until it stops failing for a passing reason.
//!
//! Looks at once, then after short growing pauses; a local service is rarely more than one look away. Every wait ends
//! early when the user asks Terraform to stop.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use tf_framework::{Context, Diagnostic, Diagnostics};
use tokio::time::Instant;

use crate::client::Aws;
use crate::error::ApiError;

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// An object that should be there may be missing so many times in a row: not every service shows what it just accepted.
const MISSES: u32 = 20;

/// How long a call is repeated that fails because of the permissions of a role.
///
/// The AWS provider repeats for five minutes, because IAM takes that long to tell everyone. Here a role exists as soon as
/// it was created, and what may still be missing is another resource of the same apply.
pub(crate) const PERMISSION_WINDOW: Duration = Duration::from_secs(30);

/// One look at an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen<T> {
    /// It is not there.
    Gone,
    /// It is there, in this state.
    In(String, T),
}

/// What to wait for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait<'a> {
    /// What is being done, like "waiting for Kinesis Stream (demo) create".
    pub(crate) doing: &'a str,
    /// The states on the way.
    pub(crate) pending: &'a [&'a str],
    /// The states to reach; none means that the object must go.
    pub(crate) target: &'a [&'a str],
    /// How long to wait.
    pub(crate) timeout: Duration,
}

/// Why a wait ended without reaching its target.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ended {
    Unexpected(String),
    NotFound,
    TimedOut { last: String },
    Stopped,
}

/// What to do after one look; a pure function of what was seen, with the count of misses in a row.
#[derive(Debug, Default)]
struct Judge {
    misses: u32,
    last: String,
}

impl Judge {
    /// `None` means: look again.
    fn judge<T>(&mut self, wait: &Wait<'_>, seen: Seen<T>) -> Option<Result<Option<T>, Ended>> {
        match seen {
            Seen::Gone if wait.target.is_empty() => Some(Ok(None)),
            Seen::Gone => {
                self.misses += 1;
                (self.misses > MISSES).then_some(Err(Ended::NotFound))
            }
            Seen::In(state, object) if wait.target.contains(&state.as_str()) => Some(Ok(Some(object))),
            Seen::In(state, _) => {
                self.misses = 0;
                let is_pending = wait.pending.contains(&state.as_str());
                self.last.clone_from(&state);
                (!is_pending).then_some(Err(Ended::Unexpected(state)))
            }
        }
    }
}

impl Wait<'_> {
    /// Looks until the object is in a target state, and answers it as last seen; `None` when it was to go and went.
    pub(crate) async fn until<T, F, Look>(&self, cx: &Context<Aws>, mut look: F) -> Result<Option<T>, Diagnostics>
    where
        F: FnMut() -> Look,
        Look: Future<Output = Result<Seen<T>, ApiError>>,
    {
        let deadline = Instant::now() + self.timeout;
        let mut pauses = Pauses::new();
        let mut judge = Judge::default();
        loop {
            let seen = look().await.map_err(|error| error.diagnostic(self.doing))?;
            if let Some(verdict) = judge.judge(self, seen) {
                return verdict.map_err(|ended| self.diagnostic(&ended).into());
            }
            let ended = match pauses.pass(cx, deadline).await {
                Passed::Time => continue,
                Passed::Deadline => Ended::TimedOut { last: judge.last },
                Passed::Stop => Ended::Stopped,
            };
            return Err(self.diagnostic(&ended).into());
        }
    }

    fn diagnostic(&self, ended: &Ended) -> Diagnostic {
        let Self { doing, timeout, target, .. } = self;
        let wanted = target.join(", ");
        match ended {
            Ended::Unexpected(state) => Diagnostic::error(
                format!("{doing}: unexpected state '{state}', wanted target '{wanted}'"),
                "Something else changed the object meanwhile. Look at it, then apply again.",
            ),
            Ended::NotFound => Diagnostic::error(
                format!("{doing}: couldn't find resource"),
                "Something else removed the object meanwhile. Apply again to create it anew.",
            ),
            Ended::TimedOut { last } => Diagnostic::error(
                format!(
                    "{doing}: timeout while waiting for state to become '{wanted}' (last state: '{last}', timeout: {})",
                    Seconds(*timeout)
                ),
                "Apply again, or allow more time in the resource's `timeouts` block if it has one.",
            ),
            Ended::Stopped => Diagnostic::error(
                format!("{doing}: interrupted"),
                "Terraform was asked to stop. The next apply goes on from here.",
            ),
        }
    }
}

/// A wait's failure with the service's reason, which only a look at the object can give.
pub(crate) fn because(failed: Diagnostics, reason: Option<String>) -> Diagnostics {
    let Some(reason) = reason.filter(|reason| !reason.is_empty()) else { return failed };
    let explained = |failed: Diagnostic| Diagnostic { summary: format!("{}: {reason}", failed.summary), ..failed };
    failed.into_iter().map(explained).collect()
}

/// Repeats `call` for up to `window` while `passes` says that its error will go away by itself.
pub(crate) async fn retry_while<T, F, Call>(
    cx: &Context<Aws>,
    window: Duration,
    passes: impl Fn(&ApiError) -> bool,
    mut call: F,
) -> Result<T, ApiError>
where
    F: FnMut() -> Call,
    Call: Future<Output = Result<T, ApiError>>,
{
    let deadline = Instant::now() + window;
    let mut pauses = Pauses::new();
    loop {
        match call().await {
            Err(error) if passes(&error) => {
                tracing::debug!(%error, "the call failed for a passing reason; trying again");
                match pauses.pass(cx, deadline).await {
                    Passed::Time => {}
                    Passed::Deadline | Passed::Stop => return Err(error),
                }
            }
            result => return result,
        }
    }
}

/// Pauses that double from a start too short to feel.
struct Pauses {
    next: Duration,
}

enum Passed {
    Time,
    Deadline,
    Stop,
}

impl Pauses {
    const fn new() -> Self {
        Self { next: FIRST_PAUSE }
    }

    async fn pass(&mut self, cx: &Context<Aws>, deadline: Instant) -> Passed {
        let now = Instant::now();
        if now >= deadline {
            return Passed::Deadline;
        }
        let pause = self.next.min(deadline - now);
        self.next = (self.next * 2).min(LONGEST_PAUSE);
        tokio::select! {
            () = tokio::time::sleep(pause) => Passed::Time,
            () = cx.stopping() => Passed::Stop,
        }
    }
}

/// A duration as Go prints it: `5m0s`.
struct Seconds(Duration);

impl Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.as_secs();
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (0, 0, s) => write!(f, "{s}s"),
            (0, m, s) => write!(f, "{m}m{s}s"),
            (h, m, s) => write!(f, "{h}h{m}m{s}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATE: Wait<'_> = Wait {
        doing: "waiting for Thing (a) create",
        pending: &["CREATING"],
        target: &["ACTIVE"],
        timeout: Duration::from_secs(300),
    };

    fn judge(wait: &Wait<'_>, looks: Vec<Seen<()>>) -> Option<Result<Option<()>, Ended>> {
        let mut judge = Judge::default();
        looks.into_iter().find_map(|seen| judge.judge(wait, seen))
    }

    fn in_state(state: &str) -> Seen<()> {
        Seen::In(state.to_owned(), ())
    }

    #[test]
    fn pending_states_lead_to_the_target() {
        assert_eq!(judge(&CREATE, vec![in_state("CREATING"), Seen::Gone]), None);
        assert_eq!(judge(&CREATE, vec![in_state("CREATING"), in_state("ACTIVE")]), Some(Ok(Some(()))));
    }

    #[test]
    fn any_other_state_ends_the_wait() {
        let verdict = judge(&CREATE, vec![in_state("DELETING")]);
        assert_eq!(verdict, Some(Err(Ended::Unexpected("DELETING".to_owned()))));
        let summary = CREATE.diagnostic(&Ended::Unexpected("DELETING".to_owned())).summary;
        assert_eq!(summary, "waiting for Thing (a) create: unexpected state 'DELETING', wanted target 'ACTIVE'");
    }

    #[test]
    fn gone_is_the_target_or_a_miss() {
        let delete = Wait { pending: &["DELETING"], target: &[], ..CREATE };
        assert_eq!(judge(&delete, vec![in_state("DELETING"), Seen::Gone]), Some(Ok(None)));
        assert_eq!(judge(&CREATE, vec![Seen::Gone; 20]), None);
        assert_eq!(judge(&CREATE, vec![Seen::Gone; 21]), Some(Err(Ended::NotFound)));
    }

    #[test]
    fn a_timeout_says_what_was_last_seen() {
        let summary = CREATE.diagnostic(&Ended::TimedOut { last: "CREATING".to_owned() }).summary;
        assert_eq!(
            summary,
            "waiting for Thing (a) create: timeout while waiting for state to become 'ACTIVE' (last state: 'CREATING', \
             timeout: 5m0s)"
        );
    }
}
