//! The Runtime API: what a runtime inside a sandbox asks over HTTP, and what it is told.
//!
//! [`RuntimeApi`] is one sandbox's side of it: HTTP messages in, HTTP messages out, around a pure [`machine`]. It does
//! not know sockets (the server's [`RuntimeHost`](crate::sandbox::RuntimeHost) does), processes or time limits (the
//! sandbox does). Invariant: `next` answers only with work; a runtime that waits for an event costs nothing.

mod body;
mod machine;
mod routes;
mod stream;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use env::Timestamp;
use tokio::sync::{mpsc, watch};

use machine::Machine;

/// The largest answer of a function, and the slack that AWS allows on top.
pub const MAX_RESPONSE_BYTES: usize = 6 * 1024 * 1024 + 100;

/// The largest answer that comes piece by piece.
pub const MAX_STREAM_BYTES: usize = 200 * 1024 * 1024;

/// Where the pieces of an answer go, as they come. The runtime is read from no faster than they are taken.
pub(crate) type Pieces = mpsc::Sender<Bytes>;

/// An event on its way into a sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The id that runtime, log and caller know it by.
    pub request_id: String,
    /// When the function's time is up.
    pub deadline: Timestamp,
    /// The ARN as invoked, qualifier included if one was given.
    pub function_arn: String,
    /// The X-Ray trace header.
    pub trace_id: String,
    /// The caller's client context, decoded JSON.
    pub client_context: Option<String>,
    /// The event.
    pub payload: Bytes,
}

/// What a runtime said to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The function's result, or what is left of it: nothing, if all of it went away in pieces.
    Response(Bytes),
    /// An error document, from the function or from its start.
    Error(Bytes),
    /// A result with more bytes than this.
    TooLarge(usize),
    /// A result that came in pieces and broke off.
    Truncated,
    /// None: the process went away, and another one has come.
    Gone,
}

/// One sandbox's Runtime API. Clones are the same one.
#[derive(Clone, Debug)]
pub struct RuntimeApi(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    machine: Mutex<Machine>,
    /// Who wants the answer to the assigned event piece by piece.
    pieces: Mutex<Option<Pieces>>,
    /// Told whenever the machine moved; whoever waits looks again.
    moved: watch::Sender<()>,
}

impl RuntimeApi {
    /// The API of a runtime that is about to start.
    pub(crate) fn new() -> Self {
        Self::around(Machine::default())
    }

    /// The API of a runtime that its author starts, and perhaps again and again.
    pub(crate) fn attached() -> Self {
        Self::around(Machine::restartable())
    }

    fn around(machine: Machine) -> Self {
        let (machine, pieces) = (Mutex::new(machine), Mutex::default());
        Self(Arc::new(Shared { machine, pieces, moved: watch::Sender::new(()) }))
    }

    /// Whether the two are one.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Gives the runtime an event. If it answers piece by piece, `pieces` gets them; without it they are put together.
    pub(crate) fn assign(&self, invocation: Invocation, pieces: Option<Pieces>) {
        *self.0.pieces.lock().unwrap_or_else(PoisonError::into_inner) = pieces;
        self.change(|machine| machine.assign(invocation));
    }

    /// Returns when the runtime has asked for work or said that it cannot start.
    pub(crate) async fn started(&self) {
        self.until(|machine| machine.has_started().then_some(())).await;
    }

    /// The answer to the assigned event, or to the start if that failed.
    pub(crate) async fn answered(&self) -> Answer {
        self.until(Machine::take_answer).await
    }

    /// Returns when the runtime waits for work.
    pub(crate) async fn idle(&self) {
        self.until(|machine| machine.is_idle().then_some(())).await;
    }

    /// The runtime said that it cannot start.
    pub(crate) fn init_failed(&self) -> bool {
        self.machine().init_failed()
    }

    /// Returns when the runtime has the assigned event.
    pub(crate) async fn handed_out(&self) {
        self.until(|machine| machine.is_handed_out().then_some(())).await;
    }

    /// The function may have seen the assigned event.
    pub(crate) fn is_handed_out(&self) -> bool {
        self.machine().is_handed_out()
    }

    /// The function has begun to answer piece by piece.
    pub(crate) fn is_streaming(&self) -> bool {
        self.machine().is_streaming()
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        // The machine is changed by moves that do not panic half way.
        self.0.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<R>(&self, change: impl FnOnce(&mut Machine) -> R) -> R {
        let outcome = change(&mut self.machine());
        self.0.moved.send_replace(());
        outcome
    }

    /// Waits until `look` sees what it looks for.
    async fn until<R>(&self, mut look: impl FnMut(&mut Machine) -> Option<R>) -> R {
        let mut moved = self.0.moved.subscribe();
        loop {
            moved.mark_unchanged();
            if let Some(found) = look(&mut self.machine()) {
                return found;
            }
            // The sender lives in `self`, so this cannot fail while we are here.
            drop(moved.changed().await);
        }
    }
}

#[cfg(test)]
impl Invocation {
    /// An event for tests.
    pub(crate) fn of(request_id: &str, payload: &'static str) -> Self {
        Self {
            request_id: request_id.to_owned(),
            deadline: Timestamp::from_secs(3),
            function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
            trace_id: "Root=1-0-0;Parent=0;Sampled=0".to_owned(),
            client_context: None,
            payload: Bytes::from_static(payload.as_bytes()),
        }
    }
}
