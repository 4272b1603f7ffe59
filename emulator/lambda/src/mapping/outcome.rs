//! How an invocation ended, as far as its batch is concerned.

use bytes::Bytes;

/// What came of sending a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The function ran and gave this answer.
    Returned(Bytes),
    /// The function ran and failed: it raised, timed out or crashed.
    Failed,
    /// The function never ran: throttled, missing, or the service in trouble. Uses no attempt.
    NotRun,
}
