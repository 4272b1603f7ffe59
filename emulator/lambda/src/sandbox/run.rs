//! The words for one event's way through a sandbox, and the error documents that the platform itself writes.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::name::FunctionArn;
use crate::runtime_api::Pieces;

/// An event for a function.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) request_id: String,
    /// As the caller named it, qualifier included if one was given.
    pub(crate) invoked_arn: FunctionArn,
    /// Decoded JSON.
    pub(crate) client_context: Option<String>,
    pub(crate) payload: Bytes,
    /// Who wants the answer piece by piece.
    pub(crate) pieces: Option<Pieces>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The function's answer, less what went away in pieces.
    Answer(Bytes),
    /// An error document: the function's, or ours about it.
    Error(Bytes),
    /// The function never got it, and that is our fault.
    Trouble(String),
}

/// What became of it, and what was logged meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    pub(crate) verdict: Verdict,
    /// The end of the run's log.
    pub(crate) log_tail: Vec<u8>,
}

/// Whoever waits for the verdict.
#[derive(Debug)]
pub(super) struct Caller(Option<oneshot::Sender<Finished>>);

impl Caller {
    /// A caller, and what it waits on.
    pub(super) fn new() -> (Self, oneshot::Receiver<Finished>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Some(sender)), receiver)
    }

    /// Tells it. A caller that has gone away, or knows already, wants no answer.
    pub(super) fn tell(&mut self, finished: Finished) {
        if let Some(caller) = self.0.take() {
            drop(caller.send(finished));
        }
    }
}

/// Why there is no sandbox, or none any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Something that the function's owner can change.
    Function {
        /// `Runtime.InvalidEntrypoint` and so on.
        kind: &'static str,
        message: String,
    },
    /// Something of ours: a disk, a socket.
    Ours(String),
}

/// The document of an error that the platform reports.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    error_type: &'a str,
    error_message: &'a str,
}

impl Finished {
    /// The end of an event that met no sandbox.
    pub(super) fn unlogged(failure: &Failure, event: &Event) -> Self {
        Self { verdict: failure.verdict(&event.request_id), log_tail: Vec::new() }
    }

    /// The end of an event that we could not do anything for.
    pub(super) fn trouble(reason: &str) -> Self {
        Self { verdict: Verdict::Trouble(reason.to_owned()), log_tail: Vec::new() }
    }
}

impl Failure {
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self::Function { kind, message: message.into() }
    }

    pub(super) fn of_ours(error: impl fmt::Display) -> Self {
        Self::Ours(error.to_string())
    }

    /// The process ended by itself; `status` says how, if it says anything.
    pub(super) fn exited(status: Option<String>) -> Self {
        Self::new("Runtime.ExitError", exit_message(status))
    }

    /// The process ended in the middle of its answer.
    pub(super) fn truncated(status: Option<String>) -> Self {
        Self::new("Runtime.TruncatedResponse", exit_message(status))
    }

    /// The time was up.
    pub(super) fn timed_out(seconds: u32) -> Self {
        Self::new("Sandbox.Timedout", format!("Task timed out after {seconds}.00 seconds"))
    }

    /// What the caller of the event `request_id` gets.
    pub(super) fn verdict(&self, request_id: &str) -> Verdict {
        match self {
            Self::Function { kind, message } => {
                Verdict::Error(document(kind, &format!("RequestId: {request_id} Error: {message}")))
            }
            Self::Ours(reason) => Verdict::Trouble(reason.clone()),
        }
    }

    /// Its type and words, for the log.
    pub(super) fn parts(&self) -> (&str, &str) {
        match self {
            Self::Function { kind, message } => (kind, message),
            Self::Ours(reason) => ("Runtime.Unknown", reason),
        }
    }
}

fn exit_message(status: Option<String>) -> String {
    match status {
        Some(status) => format!("Runtime exited with error: {status}"),
        None => "Runtime exited without providing a reason".to_owned(),
    }
}

/// The document for an answer that is larger than `limit`.
pub(super) fn too_large(limit: usize) -> Bytes {
    let message = format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).");
    document("Function.ResponseSizeTooLarge", &message)
}

/// The document of an event whose process went away with it.
pub(super) fn gone() -> Bytes {
    document("Runtime.ExitError", "Runtime exited without providing a reason")
}

/// The document for an answer that broke off.
pub(super) fn truncated() -> Bytes {
    document("Runtime.TruncatedResponse", "The response broke off before its end")
}

fn document(error_type: &str, error_message: &str) -> Bytes {
    serde_json::to_vec(&Document { error_type, error_message }).expect("two texts encode").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_worded_as_lambda_words_them() {
        let check = |failure: Failure, text: &'static str| {
            assert_eq!(failure.verdict("id"), Verdict::Error(Bytes::from_static(text.as_bytes())));
        };
        check(
            Failure::timed_out(3),
            r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: id Error: Task timed out after 3.00 seconds"}"#,
        );
        check(
            Failure::exited(Some("exit status 1".to_owned())),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited with error: exit status 1"}"#,
        );
        check(
            Failure::exited(None),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited without providing a reason"}"#,
        );
    }
}
