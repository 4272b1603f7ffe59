//! Who gets a sandbox: the idle ones, the slots for further ones, and the events that wait for either.
//!
//! Pure: it knows no processes and no clock; `S` is a sandbox. An event takes the warmest idle sandbox of its revision. If
//! there is none and a slot is free, or somebody else's idle sandbox gives its own up, it may start one; but only so many
//! start at a time. A start is work for a processor, so more of them at once are all ready later, and meanwhile a sandbox
//! that is at work may have come free, which is sooner still.
//! Invariants: there are never more sandboxes than slots; a revision whose events wait is not kept from its first sandbox
//! by those of others.

use std::collections::{HashMap, VecDeque};

use env::Timestamp;
use tokio::sync::oneshot;

/// The slots.
#[derive(Debug)]
pub(super) struct Slots<S> {
    limits: Limits,
    /// Running, starting and idle sandboxes of each revision that has any.
    held: HashMap<String, usize>,
    starting: usize,
    /// The longest idle first.
    idle: VecDeque<Idle<S>>,
    waiting: VecDeque<Waiting<S>>,
}

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Sandboxes at a time.
    pub(super) slots: usize,
    /// Sandboxes that start at a time.
    pub(super) starts: usize,
}

#[derive(Debug)]
struct Idle<S> {
    revision: String,
    sandbox: S,
    since: Timestamp,
}

#[derive(Debug)]
struct Waiting<S> {
    revision: String,
    grant: oneshot::Sender<Grant<S>>,
}

/// What an event is given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Grant<S> {
    /// A sandbox that is loaded.
    Warm(S),
    /// Leave to start one. [`Slots::started`] says when that is over.
    Slot,
}

/// What an event gets when it asks.
#[derive(Debug)]
pub(super) enum Answer<S> {
    Now(Grant<S>),
    Later(oneshot::Receiver<Grant<S>>),
}

impl<S> Slots<S> {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, held: HashMap::new(), starting: 0, idle: VecDeque::new(), waiting: VecDeque::new() }
    }

    /// Asks for a sandbox of `revision`. Those returned beside the answer have to give way to it.
    pub(super) fn acquire(&mut self, revision: &str) -> (Answer<S>, Vec<S>) {
        if let Some(warmest) = self.idle.iter().rposition(|idle| idle.revision == revision)
            && let Some(idle) = self.idle.remove(warmest)
        {
            return (Answer::Now(Grant::Warm(idle.sandbox)), Vec::new());
        }
        let (grant, mut granted) = oneshot::channel();
        self.waiting.push_back(Waiting { revision: revision.to_owned(), grant });
        let displaced = self.serve();
        match granted.try_recv() {
            Ok(grant) => (Answer::Now(grant), displaced),
            Err(_) => (Answer::Later(granted), displaced),
        }
    }

    /// A start is over, well or not, or has taken long enough to let another begin.
    pub(super) fn started(&mut self) -> Vec<S> {
        self.starting -= 1;
        self.serve()
    }

    /// A sandbox of `revision` is through with its event.
    pub(super) fn give_back(&mut self, revision: String, sandbox: S, now: Timestamp) -> Vec<S> {
        let mut sandbox = sandbox;
        while !self.owes_a_first()
            && let Some(index) = self.waiting.iter().position(|waiting| waiting.revision == revision)
            && let Some(waiting) = self.waiting.remove(index)
        {
            match waiting.grant.send(Grant::Warm(sandbox)) {
                Ok(()) | Err(Grant::Slot) => return Vec::new(),
                // Whoever waited has gone.
                Err(Grant::Warm(returned)) => sandbox = returned,
            }
        }
        self.idle.push_back(Idle { revision, sandbox, since: now });
        self.serve()
    }

    /// A sandbox of `revision` is gone.
    pub(super) fn free(&mut self, revision: &str) -> Vec<S> {
        self.release(revision);
        self.serve()
    }

    /// Takes out the idle sandboxes that `matches`.
    pub(super) fn take_idle(&mut self, matches: impl Fn(&S, Timestamp) -> bool) -> Vec<S> {
        let (taken, kept): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut self.idle).into_iter().partition(|idle| matches(&idle.sandbox, idle.since));
        self.idle = kept;
        for idle in &taken {
            self.release(&idle.revision);
        }
        // Nobody waits for a slot while there is an idle sandbox to take it from, so there is nobody to serve.
        taken.into_iter().map(|idle| idle.sandbox).collect()
    }

    /// Since when the longest idle one is.
    pub(super) fn idle_since(&self) -> Option<Timestamp> {
        self.idle.front().map(|idle| idle.since)
    }

    /// Lets starts begin while they may. Returns the sandboxes that gave up their slots for them.
    fn serve(&mut self) -> Vec<S> {
        let mut displaced = Vec::new();
        while self.starting < self.limits.starts && !self.waiting.is_empty() {
            let first = self.waiting.iter().position(|waiting| !self.held.contains_key(&waiting.revision));
            if self.is_full() {
                let Some(idle) = self.idle.pop_front() else { break };
                self.release(&idle.revision);
                displaced.push(idle.sandbox);
            }
            let Some(Waiting { revision, grant }) = self.waiting.remove(first.unwrap_or_default()) else { break };
            if grant.send(Grant::Slot).is_ok() {
                *self.held.entry(revision).or_default() += 1;
                self.starting += 1;
            }
        }
        displaced
    }

    /// Whether a revision that has no sandbox could have its first if one came free.
    fn owes_a_first(&self) -> bool {
        let may_start = self.starting < self.limits.starts && self.is_full();
        may_start && self.waiting.iter().any(|waiting| !self.held.contains_key(&waiting.revision))
    }

    fn is_full(&self) -> bool {
        self.held.values().sum::<usize>() >= self.limits.slots
    }

    fn release(&mut self, revision: &str) {
        if let Some(held) = self.held.get_mut(revision) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(revision);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(slots: usize, starts: usize) -> Slots<&'static str> {
        Slots::new(Limits { slots, starts })
    }

    type Later = oneshot::Receiver<Grant<&'static str>>;

    /// Asks, and has to be told to wait.
    fn waits(slots: &mut Slots<&'static str>, revision: &str) -> Later {
        match slots.acquire(revision) {
            (Answer::Later(later), displaced) if displaced.is_empty() => later,
            other => panic!("{other:?}"),
        }
    }

    /// Asks, and has to be told to start one in place of those `displaced`.
    #[track_caller]
    fn starts(slots: &mut Slots<&'static str>, revision: &str, displaced: &[&'static str]) {
        let (answer, gone) = slots.acquire(revision);
        assert!(matches!(answer, Answer::Now(Grant::Slot)), "{answer:?}");
        assert_eq!(gone, displaced);
    }

    fn given(later: &mut Later) -> Option<Grant<&'static str>> {
        later.try_recv().ok()
    }

    #[test]
    fn the_warmest_goes_first() {
        let mut slots = slots(2, 2);
        starts(&mut slots, "a", &[]);
        starts(&mut slots, "a", &[]);
        assert!(slots.started().is_empty() && slots.started().is_empty());
        slots.give_back("a".into(), "a1", Timestamp::from_secs(1));
        slots.give_back("a".into(), "a2", Timestamp::from_secs(2));
        assert!(matches!(slots.acquire("a"), (Answer::Now(Grant::Warm("a2")), _)));
        assert_eq!(slots.idle_since(), Some(Timestamp::from_secs(1)));
    }

    #[test]
    fn only_so_many_start_at_a_time_and_one_that_comes_free_is_sooner() {
        let mut slots = slots(8, 1);
        starts(&mut slots, "a", &[]);
        let (mut second, mut third) = (waits(&mut slots, "a"), waits(&mut slots, "a"));
        slots.started();
        assert_eq!((given(&mut second), given(&mut third)), (Some(Grant::Slot), None));
        slots.give_back("a".into(), "a1", Timestamp::EPOCH);
        assert_eq!(given(&mut third), Some(Grant::Warm("a1")));
    }

    #[test]
    fn a_slot_comes_from_the_longest_idle_of_somebody_else() {
        let mut slots = slots(2, 2);
        for (revision, sandbox) in [("a", "a1"), ("b", "b1")] {
            starts(&mut slots, revision, &[]);
            slots.started();
            slots.give_back(revision.into(), sandbox, Timestamp::EPOCH);
        }
        starts(&mut slots, "c", &["a1"]);
        starts(&mut slots, "c", &["b1"]);
        slots.started();
        let mut another = waits(&mut slots, "c");
        assert_eq!(given(&mut another), None);
        slots.free("c");
        assert_eq!(given(&mut another), Some(Grant::Slot));
    }

    #[test]
    fn a_crowd_does_not_keep_others_from_their_first() {
        let mut slots = slots(1, 1);
        starts(&mut slots, "a", &[]);
        slots.started();
        let (mut crowd, mut other) = (waits(&mut slots, "a"), waits(&mut slots, "b"));
        assert_eq!(slots.give_back("a".into(), "a1", Timestamp::EPOCH), ["a1"]);
        assert_eq!((given(&mut crowd), given(&mut other)), (None, Some(Grant::Slot)));
        slots.started();
        assert_eq!(slots.give_back("b".into(), "b1", Timestamp::EPOCH), ["b1"]);
        assert_eq!(given(&mut crowd), Some(Grant::Slot));
    }

    #[test]
    fn who_has_gone_gets_nothing() {
        let mut slots = slots(1, 1);
        starts(&mut slots, "a", &[]);
        slots.started();
        drop(waits(&mut slots, "a"));
        assert!(slots.give_back("a".into(), "a1", Timestamp::EPOCH).is_empty());
        assert_eq!(slots.take_idle(|_, _| true), ["a1"]);
        starts(&mut slots, "b", &[]);
    }
}
