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

/// A call as the failure destination is told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LastCall {
    /// The id that the function and its log knew it by.
    pub(crate) request_id: String,
    /// None: the function did not run.
    pub(crate) response: Option<Response>,
}

/// What a function that ran came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    /// `$LATEST` or a number.
    pub(crate) executed_version: String,
    /// How AWS classes its failure, if it failed.
    pub(crate) function_error: Option<&'static str>,
}
