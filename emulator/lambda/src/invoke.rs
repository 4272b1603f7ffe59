//! Running a function: the seam between those who have an event and those who have a process.
//!
//! The outcome says *what happened to the event*, in the words that retries are decided by: did the function run and
//! fail, or did it never run. What the caller does about it (retry, bisect, give up) is the caller's.
//!
//! Invariant: an outcome is given for every invocation, within the function's timeout and the start of its process; a
//! caller never waits for a process that is gone.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::name::FunctionArn;

/// The largest event of a synchronous invocation.
pub const MAX_PAYLOAD_BYTES: usize = 6 * 1024 * 1024;
/// The largest event that the asynchronous queue takes.
pub const MAX_EVENT_BYTES: usize = 256 * 1024;

/// Something that runs functions.
pub trait Invoke: Send + Sync + 'static {
    /// Runs `function` (its ARN as the caller stored it, qualifier included) with `payload` and waits for the answer. The
    /// function knows the invocation by `request_id`.
    fn invoke<'a>(&'a self, function: &'a FunctionArn, request_id: String, payload: Bytes) -> BoxFuture<'a, Outcome>;
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The function answered.
    Success {
        /// Its answer, `null` when it returned nothing.
        payload: Bytes,
        /// The version that ran: `$LATEST` or a number.
        executed_version: String,
    },
    /// The function ran, or tried to start, and failed: it raised, timed out, or its process went away.
    FunctionError {
        /// How AWS classes the failure.
        kind: FunctionErrorKind,
        /// The error document, JSON with `errorType` and `errorMessage`.
        payload: Bytes,
        /// The version that ran: `$LATEST` or a number.
        executed_version: String,
    },
    /// No concurrency was left; the function never ran.
    Throttled {
        /// The throttle's name, such as `ReservedFunctionConcurrentInvocationLimitExceeded`.
        reason: ThrottleReason,
    },
    /// There is no such function, version or alias.
    NotFound,
    /// The function exists but may not run now: it is still being created, or its code cannot be read.
    ServiceError {
        /// The AWS error code, such as `ResourceConflictException`.
        code: &'static str,
        /// What is wrong, in AWS's words where it has them.
        message: String,
    },
}

/// How AWS classes the failure of a function, the value of `X-Amz-Function-Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionErrorKind {
    /// What today's runtimes report for everything.
    Unhandled,
}

impl FunctionErrorKind {
    /// As it stands in the header and in failure documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unhandled => "Unhandled",
        }
    }
}

/// Which limit had no room left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThrottleReason {
    /// The function's own reserved concurrency.
    ReservedFunctionConcurrentInvocationLimitExceeded,
    /// What the account has left for functions without a reservation.
    ConcurrentInvocationLimitExceeded,
}

impl ThrottleReason {
    /// The `Reason` of `TooManyRequestsException`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReservedFunctionConcurrentInvocationLimitExceeded => {
                "ReservedFunctionConcurrentInvocationLimitExceeded"
            }
            Self::ConcurrentInvocationLimitExceeded => "ConcurrentInvocationLimitExceeded",
        }
    }
}
