//! What a runtime may ask for and when: the Runtime API as a state machine without HTTP, clock or tasks.
//!
//! ```text
//!            next                 hand out             response/error           next
//! Starting ───────► Idle ──────────────────► Invoking ────────────────► Settling ────► Idle
//!     │ init/error                              │ response begins          ▲
//!     ▼                                         ▼       response ends      │
//!  InitFailed                               Streaming ─────────────────────┘
//! ```
//!
//! Invariants: a runtime holds at most one invocation; each invocation gets exactly one answer; an answer to any other
//! request id is refused. An event may be assigned while the runtime is still starting: it is handed out at the first
//! `next`.

use bytes::Bytes;

use super::{Answer, Invocation};

/// One runtime, seen from the Runtime API.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    phase: Phase,
    /// Assigned and not handed out yet.
    assigned: Option<Invocation>,
    /// Given by the runtime and not collected yet.
    answer: Option<Answer>,
    /// Another process may come after one that is gone: then whoever asks for work is a new one.
    is_restartable: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Starting,
    Idle,
    Invoking {
        id: String,
    },
    Streaming {
        id: String,
    },
    Settling {
        id: String,
    },
    InitFailed,
}

/// Why a call of the runtime is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The request id is not that of the invocation it holds.
    InvalidRequestId,
    /// The call makes no sense now, such as a second answer to one invocation.
    InvalidStateTransition,
}

impl Machine {
    /// A runtime that may be started again and again.
    pub(crate) fn restartable() -> Self {
        Self { is_restartable: true, ..Self::default() }
    }

    /// Gives the runtime an event. It is handed out at its next `next`.
    pub(crate) fn assign(&mut self, invocation: Invocation) {
        debug_assert!(self.assigned.is_none(), "a runtime holds at most one invocation");
        self.answer = None;
        self.assigned = Some(invocation);
    }

    /// The runtime asks for work. None: let it wait until there is some.
    pub(crate) fn next(&mut self) -> Result<Option<Invocation>, Refusal> {
        match self.phase {
            Phase::Starting | Phase::Idle | Phase::Settling { .. } => {}
            Phase::Invoking { .. } | Phase::Streaming { .. } if self.is_restartable => self.answer = Some(Answer::Gone),
            Phase::InitFailed if self.is_restartable => {}
            // The runtime lost its connection after we wrote the event, or it forgot to answer.
            Phase::Invoking { .. } | Phase::Streaming { .. } | Phase::InitFailed => {
                return Err(Refusal::InvalidStateTransition);
            }
        }
        let invocation = self.assigned.take();
        self.phase = match &invocation {
            Some(invocation) => Phase::Invoking { id: invocation.request_id.clone() },
            None => Phase::Idle,
        };
        Ok(invocation)
    }

    /// What a waiting `next` gets: nothing while no event is assigned.
    pub(crate) fn next_assigned(&mut self) -> Option<Result<Invocation, Refusal>> {
        self.assigned.is_some().then(|| self.next())?.transpose()
    }

    /// The runtime begins to answer the invocation `id`, piece by piece.
    pub(crate) fn begin_stream(&mut self, id: &str) -> Result<(), Refusal> {
        self.holds(id)?;
        self.phase = Phase::Streaming { id: id.to_owned() };
        Ok(())
    }

    /// The answer that began has come to its end. It is nobody's if another process has come meanwhile.
    pub(crate) fn end_stream(&mut self, id: &str, answer: Answer) {
        if matches!(&self.phase, Phase::Streaming { id: held } if held == id) {
            self.phase = Phase::Settling { id: id.to_owned() };
            self.answer = Some(answer);
        }
    }

    /// The runtime answers the invocation `id`.
    pub(crate) fn answer(&mut self, id: &str, answer: Answer) -> Result<(), Refusal> {
        self.holds(id)?;
        self.phase = Phase::Settling { id: id.to_owned() };
        self.answer = Some(answer);
        Ok(())
    }

    /// Whether the runtime has the invocation `id` and has not begun to answer it.
    fn holds(&self, id: &str) -> Result<(), Refusal> {
        match &self.phase {
            Phase::Invoking { id: held } if held == id => Ok(()),
            Phase::Streaming { id: held } | Phase::Settling { id: held } if held == id => {
                Err(Refusal::InvalidStateTransition)
            }
            Phase::Starting
            | Phase::Idle
            | Phase::Invoking { .. }
            | Phase::Streaming { .. }
            | Phase::Settling { .. }
            | Phase::InitFailed => Err(Refusal::InvalidRequestId),
        }
    }

    /// The runtime could not load the function.
    pub(crate) fn fail_init(&mut self, error: Bytes) -> Result<(), Refusal> {
        match self.phase {
            _ if self.is_restartable => {
                self.phase = Phase::InitFailed;
                self.assigned = None;
                self.answer = Some(Answer::Error(error));
                Ok(())
            }
            Phase::Starting => {
                self.phase = Phase::InitFailed;
                self.answer = Some(Answer::Error(error));
                Ok(())
            }
            Phase::Idle
            | Phase::Invoking { .. }
            | Phase::Streaming { .. }
            | Phase::Settling { .. }
            | Phase::InitFailed => Err(Refusal::InvalidStateTransition),
        }
    }

    /// The runtime has asked for work at least once, or said that it never will.
    pub(crate) fn has_started(&self) -> bool {
        self.phase != Phase::Starting
    }

    /// The runtime failed before its first `next`.
    pub(crate) fn init_failed(&self) -> bool {
        self.phase == Phase::InitFailed
    }

    /// The runtime has begun to answer and has yet to end.
    pub(crate) fn is_streaming(&self) -> bool {
        matches!(self.phase, Phase::Streaming { .. })
    }

    /// The runtime waits for work and none is assigned.
    pub(crate) fn is_idle(&self) -> bool {
        self.phase == Phase::Idle && self.assigned.is_none()
    }

    /// The assigned event has been handed out (or there was none): the function may have seen it.
    pub(crate) fn is_handed_out(&self) -> bool {
        self.assigned.is_none()
    }

    /// Collects the answer, once.
    pub(crate) fn take_answer(&mut self) -> Option<Answer> {
        self.answer.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str) -> Invocation {
        Invocation::of(id, "{}")
    }

    fn ok(body: &'static str) -> Answer {
        Answer::Response(Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn one_event_at_a_time_each_with_one_answer() {
        let mut machine = Machine::default();
        assert_eq!(machine.next(), Ok(None));
        assert!(machine.is_idle());
        machine.assign(event("1"));
        assert!(!machine.is_idle() && !machine.is_handed_out());
        assert_eq!(machine.next().unwrap().unwrap().request_id, "1");
        assert!(machine.is_handed_out());
        machine.answer("1", ok("7")).unwrap();
        assert_eq!(machine.take_answer(), Some(ok("7")));
        assert!(!machine.is_idle(), "it may still run code after its answer");
        assert_eq!(machine.next(), Ok(None));
        assert!(machine.is_idle());
    }

    #[test]
    fn an_event_assigned_during_the_start_is_handed_out_at_the_first_next() {
        let mut machine = Machine::default();
        machine.assign(event("1"));
        assert!(!machine.has_started());
        assert_eq!(machine.next().unwrap().unwrap().request_id, "1");
    }

    #[test]
    fn answers_out_of_turn_are_refused() {
        let mut machine = Machine::default();
        assert_eq!(machine.answer("1", ok("1")), Err(Refusal::InvalidRequestId));
        machine.assign(event("1"));
        machine.next().unwrap();
        assert_eq!(machine.answer("2", ok("1")), Err(Refusal::InvalidRequestId));
        assert_eq!(machine.next(), Err(Refusal::InvalidStateTransition));
        machine.answer("1", ok("1")).unwrap();
        assert_eq!(machine.answer("1", ok("2")), Err(Refusal::InvalidStateTransition));
        assert_eq!(machine.take_answer(), Some(ok("1")));
        assert_eq!(machine.fail_init(Bytes::new()), Err(Refusal::InvalidStateTransition));
    }

    #[test]
    fn an_answer_in_pieces_has_one_beginning_and_one_end() {
        let mut machine = Machine::default();
        machine.assign(event("1"));
        machine.next().unwrap();
        assert_eq!(machine.begin_stream("2"), Err(Refusal::InvalidRequestId));
        machine.begin_stream("1").unwrap();
        assert!(machine.is_streaming());
        assert_eq!(machine.begin_stream("1"), Err(Refusal::InvalidStateTransition));
        assert_eq!(machine.answer("1", ok("1")), Err(Refusal::InvalidStateTransition));
        assert_eq!(machine.next(), Err(Refusal::InvalidStateTransition));
        assert_eq!(machine.take_answer(), None);
        machine.end_stream("2", ok("2"));
        machine.end_stream("1", ok("1"));
        machine.end_stream("1", ok("again"));
        assert_eq!(machine.take_answer(), Some(ok("1")));
        assert_eq!(machine.next(), Ok(None));
    }

    #[test]
    fn a_failed_start_is_final() {
        let mut machine = Machine::default();
        machine.assign(event("1"));
        machine.fail_init(Bytes::from_static(b"{}")).unwrap();
        assert!(machine.init_failed() && machine.has_started());
        assert_eq!(machine.next(), Err(Refusal::InvalidStateTransition));
        assert!(!machine.is_handed_out());
    }
}
