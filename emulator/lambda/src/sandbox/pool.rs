//! The warm sandboxes, and taking events through them.
//!
//! A sandbox is either running an event or idle; who gets one, and when another may start, is up to [`Slots`].
//! Invariant: a sandbox of a revision that is gone takes no further event.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::launch::{Launcher, Plan};
use super::run::{Caller, Event, Failure, Finished};
use super::single::{Handed, Init, Sandbox};
use super::slots::{self, Answer, Grant, Slots};
use crate::name::FunctionArn;

/// How long a function may take to load; what takes longer is started once more, on the function's own time.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// A start that takes longer than this waits for something rather than works, and others need not wait for it.
const TURN: Duration = Duration::from_secs(1);

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

struct State {
    slots: Slots<Box<Sandbox>>,
    /// Whether a task is looking after the idle ones.
    is_reaping: bool,
    is_closed: bool,
}

impl Pool {
    pub(crate) fn new(launcher: Launcher, limits: Limits) -> Self {
        // As many start at a time as there are processors to start them.
        let starts = std::thread::available_parallelism().map_or(1, usize::from);
        let slots = Slots::new(slots::Limits { slots: limits.sandboxes, starts });
        Self(Arc::new(Shared {
            launcher,
            limits,
            state: Mutex::new(State { slots, is_reaping: false, is_closed: false }),
        }))
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
                shared.give_back(sandbox, is_current);
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
        let stale = self.0.state().slots.take_idle(|sandbox, _| {
            let plan = sandbox.plan();
            plan.function.with_qualifier(None) == *function && !current.contains(&plan.revision_id.as_str())
        });
        drop(stale);
    }

    /// Kills the idle sandboxes and lets no other come back.
    pub(crate) fn close(&self) {
        let mut state = self.0.state();
        state.is_closed = true;
        let idle = state.slots.take_idle(|_, _| true);
        drop(state);
        drop(idle);
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
            let slot = Slot { shared: Some(Arc::clone(self)), revision: plan.revision_id.clone() };
            let sandbox = match grant {
                Grant::Warm(sandbox) => sandbox,
                Grant::Slot => match self.start_in_turn(&plan, &event).await {
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

    /// Starts a sandbox; a further one may start when this one is loaded, or takes its time.
    async fn start_in_turn(self: &Arc<Self>, plan: &Arc<Plan>, event: &Event) -> Result<Box<Sandbox>, Finished> {
        let turn = Turn(self);
        let started = self.start(plan, event);
        tokio::pin!(started);
        #[expect(
            clippy::disallowed_methods,
            reason = "processes take the system's time to start, whatever a clock shows"
        )]
        let patience = tokio::time::sleep(TURN);
        tokio::select! {
            outcome = &mut started => return outcome,
            () = patience => drop(turn),
        }
        started.await
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

    async fn acquire(&self, revision_id: &str) -> Grant<Box<Sandbox>> {
        let (answer, gone) = {
            let mut state = self.state();
            // A process may have died while it was idle.
            let dead = state.slots.take_idle(|sandbox, _| sandbox.is_dead());
            let (answer, displaced) = state.slots.acquire(revision_id);
            (answer, (dead, displaced))
        };
        drop(gone);
        match answer {
            Answer::Now(grant) => grant,
            // Senders are dropped only after they have sent.
            Answer::Later(granted) => granted.await.unwrap_or(Grant::Slot),
        }
    }

    /// A sandbox comes back after a run.
    fn give_back(self: &Arc<Self>, sandbox: Box<Sandbox>, is_current: bool) {
        let mut state = self.state();
        let revision = sandbox.plan().revision_id.clone();
        if state.is_closed || !is_current {
            let displaced = state.slots.free(&revision);
            drop(state);
            drop((sandbox, displaced));
            return;
        }
        let displaced = state.slots.give_back(revision, sandbox, self.launcher.env().clock.now());
        if state.slots.idle_since().is_some() && !std::mem::replace(&mut state.is_reaping, true) {
            tokio::spawn(reap(Arc::downgrade(self)));
        }
        drop(state);
        drop(displaced);
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
        let (due, expired) = {
            let mut state = shared.state();
            let latest = clock.now() - shared.limits.idle;
            let expired = state.slots.take_idle(|_, since| since <= latest);
            let next = state.slots.idle_since().map(|since| since + shared.limits.idle);
            state.is_reaping = next.is_some();
            (next, expired)
        };
        drop(expired);
        drop(shared);
        match due {
            Some(due) => clock.sleep_until(due).await,
            None => return,
        }
    }
}

/// A slot in use: freed when dropped, unless its sandbox lives on.
struct Slot {
    shared: Option<Arc<Shared>>,
    revision: String,
}

impl Slot {
    fn keep(mut self) {
        self.shared = None;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            let displaced = shared.state().slots.free(&self.revision);
            drop(displaced);
        }
    }
}

/// A start under way.
struct Turn<'a>(&'a Shared);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let displaced = self.0.state().slots.started();
        drop(displaced);
    }
}
