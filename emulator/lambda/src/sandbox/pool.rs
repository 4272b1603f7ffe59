//! The warm sandboxes, and how many there may be.
//!
//! A sandbox is either running an event or idle here. An event takes the warmest idle sandbox of its revision, else a free
//! slot for a new one, else the slot of the longest idle sandbox of anybody, else it waits for whichever comes first.
//! Invariant: there are never more sandboxes than slots, and a sandbox of a revision that is gone takes no further event.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use env::Timestamp;
use tokio::sync::oneshot;

use super::launch::{Launcher, Plan};
use super::run::{Caller, Event, Failure, Finished};
use super::single::{Handed, Init, Sandbox};
use crate::name::FunctionArn;

/// How long a function may take to load; what takes longer is started once more, on the function's own time.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// How often an event may meet a process that died idle before we say that it is the function's doing.
const UNSEEN_LIMIT: usize = 3;

/// How many sandboxes there may be and how long they stay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Processes at a time, idle ones included.
    pub(crate) sandboxes: usize,
    /// How long an idle one is kept.
    pub(crate) idle: Duration,
}

/// The sandboxes of all functions. Clones share them.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Shared>);

struct Shared {
    launcher: Launcher,
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Running, starting and idle ones.
    taken: usize,
    /// The longest idle first.
    idle: VecDeque<Idle>,
    waiting: VecDeque<Waiting>,
    /// Whether a task is looking after the idle ones.
    is_reaping: bool,
    is_closed: bool,
}

struct Idle {
    sandbox: Box<Sandbox>,
    since: Timestamp,
}

struct Waiting {
    revision_id: String,
    grant: oneshot::Sender<Grant>,
}

/// What an event is given.
enum Grant {
    Warm(Box<Sandbox>),
    Slot,
}

impl Pool {
    pub(crate) fn new(launcher: Launcher, limits: Limits) -> Self {
        Self(Arc::new(Shared { launcher, limits, state: Mutex::default() }))
    }

    /// Takes `event` through a sandbox of `plan`. `is_current` says afterwards whether the sandbox may take further ones;
    /// `permit` is held until the function is really done. The run goes on if the caller goes away.
    pub(crate) async fn run(
        &self,
        plan: Arc<Plan>,
        event: Event,
        permit: impl Send + 'static,
        is_current: impl FnOnce(&Plan) -> bool + Send + 'static,
    ) -> Finished {
        let (mut caller, told) = Caller::new();
        let shared = Arc::clone(&self.0);
        tokio::spawn(async move {
            let (sandbox, finished) = shared.take_through(plan, event, &mut caller).await;
            // A caller that goes on with its next event at once has to find the sandbox warm and the permit free.
            drop(permit);
            if let Some(sandbox) = sandbox {
                let is_current = is_current(sandbox.plan());
                shared.give_back(is_current.then_some(sandbox));
            }
            if let Some(finished) = finished {
                caller.tell(finished);
            }
        });
        told.await.unwrap_or_else(|_| Finished::trouble("the emulator is stopping"))
    }

    /// What starts sandboxes.
    pub(crate) fn launcher(&self) -> &Launcher {
        &self.0.launcher
    }

    /// Drops the idle sandboxes of a function whose revision is not among the `current` ones.
    pub(crate) fn retire(&self, function: &FunctionArn, current: &[&str]) {
        let mut state = self.0.state();
        let is_stale = |idle: &Idle| {
            let plan = idle.sandbox.plan();
            plan.function.with_qualifier(None) == *function && !current.contains(&plan.revision_id.as_str())
        };
        let stale = extract(&mut state.idle, is_stale);
        self.0.free(state, stale);
    }

    /// Kills the idle sandboxes and lets no other come back.
    pub(crate) fn close(&self) {
        let mut state = self.0.state();
        state.is_closed = true;
        let idle = std::mem::take(&mut state.idle);
        self.0.free(state, idle.into());
    }
}

impl Shared {
    /// Runs the event. Returns the sandbox if it can take another, its slot freed if not, and what the caller has yet to be
    /// told.
    async fn take_through(
        self: &Arc<Self>,
        plan: Arc<Plan>,
        mut event: Event,
        caller: &mut Caller,
    ) -> (Option<Box<Sandbox>>, Option<Finished>) {
        for _ in 0..UNSEEN_LIMIT {
            let grant = self.acquire(&plan.revision_id).await;
            let slot = Slot(Some(Arc::clone(self)));
            let sandbox = match grant {
                Grant::Warm(sandbox) => sandbox,
                Grant::Slot => match self.start(&plan, &event).await {
                    Ok(sandbox) => sandbox,
                    Err(finished) => return (None, Some(finished)),
                },
            };
            match sandbox.run(self.launcher.env(), event, caller).await {
                Handed::Over { sandbox, finished } => {
                    if sandbox.is_some() {
                        slot.keep();
                    }
                    return (sandbox, finished);
                }
                Handed::Unseen(unseen) => event = unseen,
            }
        }
        (None, Some(Finished::unlogged(&Failure::exited(None), &event)))
    }

    /// A new sandbox with the function loaded, or why there is none.
    async fn start(&self, plan: &Arc<Plan>, event: &Event) -> Result<Box<Sandbox>, Finished> {
        let env = self.launcher.env();
        let own_time = plan.configuration.timeout_seconds;
        for limit in [INIT_LIMIT, Duration::from_secs(own_time.into())] {
            let launched = self.launcher.launch(Arc::clone(plan)).await;
            let mut sandbox = launched.map_err(|failure| {
                self.launcher.report(plan, &failure);
                Finished::unlogged(&failure, event)
            })?;
            match sandbox.init(&env.clock, limit).await {
                Init::Ready => return Ok(Box::new(sandbox)),
                Init::TooSlow => {}
                Init::Failed(verdict, failure) => {
                    let log_tail = sandbox.close_unloaded(event, &failure, env).await;
                    let verdict = verdict.unwrap_or_else(|| failure.verdict(&event.request_id));
                    return Err(Finished { verdict, log_tail });
                }
            }
        }
        Err(Finished::unlogged(&Failure::timed_out(own_time), event))
    }

    async fn acquire(&self, revision_id: &str) -> Grant {
        let granted = {
            let mut state = self.state();
            // A process may have died while it was idle.
            let dead = extract(&mut state.idle, |idle| idle.sandbox.is_dead());
            state.taken -= dead.len();
            let warmest = state.idle.iter().rposition(|idle| idle.sandbox.plan().revision_id == revision_id);
            if let Some(idle) = warmest.and_then(|index| state.idle.remove(index)) {
                return Grant::Warm(idle.sandbox);
            }
            if state.taken < self.limits.sandboxes {
                state.taken += 1;
                return Grant::Slot;
            }
            if state.idle.pop_front().is_some() {
                return Grant::Slot;
            }
            let (grant, granted) = oneshot::channel();
            state.waiting.push_back(Waiting { revision_id: revision_id.to_owned(), grant });
            granted
        };
        // Senders are dropped only after they have sent.
        granted.await.unwrap_or(Grant::Slot)
    }

    /// A sandbox comes back after a run, or only its slot.
    fn give_back(self: &Arc<Self>, sandbox: Option<Box<Sandbox>>) {
        let mut state = self.state();
        let Some(mut sandbox) = sandbox.filter(|_| !state.is_closed) else {
            return self.free_slot(state);
        };
        while let Some(index) =
            state.waiting.iter().position(|waiting| waiting.revision_id == sandbox.plan().revision_id)
        {
            let Some(waiting) = state.waiting.remove(index) else { break };
            match waiting.grant.send(Grant::Warm(sandbox)) {
                Ok(()) => return,
                Err(Grant::Warm(returned)) => sandbox = returned,
                Err(Grant::Slot) => return self.free_slot(state),
            }
        }
        if !state.waiting.is_empty() {
            // Somebody with another function waits: the slot is worth more than a warm sandbox.
            drop(sandbox);
            return self.free_slot(state);
        }
        state.idle.push_back(Idle { sandbox, since: self.launcher.env().clock.now() });
        if !std::mem::replace(&mut state.is_reaping, true) {
            tokio::spawn(reap(Arc::downgrade(self)));
        }
    }

    /// Hands a slot on to who waits, or marks it free.
    fn free_slot(&self, mut state: MutexGuard<'_, State>) {
        while let Some(waiting) = state.waiting.pop_front() {
            if waiting.grant.send(Grant::Slot).is_ok() {
                return;
            }
        }
        state.taken -= 1;
    }

    /// Drops idle sandboxes and frees their slots.
    fn free(&self, mut state: MutexGuard<'_, State>, idle: Vec<Idle>) {
        // Nobody waits while there are idle sandboxes, so the slots are simply free.
        state.taken -= idle.len();
        drop(state);
        drop(idle);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends sandboxes that have been idle for long, until there is none.
async fn reap(pool: Weak<Shared>) {
    loop {
        let Some(shared) = pool.upgrade() else { return };
        let clock = shared.launcher.env().clock.clone();
        let due = {
            let mut state = shared.state();
            let expired = clock.now() - shared.limits.idle;
            let expired = extract(&mut state.idle, |idle| idle.since <= expired);
            let next = state.idle.front().map(|idle| idle.since + shared.limits.idle);
            state.is_reaping = next.is_some();
            shared.free(state, expired);
            next
        };
        drop(shared);
        match due {
            Some(due) => clock.sleep_until(due).await,
            None => return,
        }
    }
}

/// Takes out what `matches`.
fn extract(idle: &mut VecDeque<Idle>, matches: impl Fn(&Idle) -> bool) -> Vec<Idle> {
    let mut taken = Vec::new();
    for candidate in std::mem::take(idle) {
        if matches(&candidate) {
            taken.push(candidate);
        } else {
            idle.push_back(candidate);
        }
    }
    taken
}

/// A slot in use: freed when dropped, unless its sandbox lives on.
struct Slot(Option<Arc<Shared>>);

impl Slot {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(shared) = self.0.take() {
            shared.free_slot(shared.state());
        }
    }
}
