//! The sync thread: one for all logs of a store, so that one round of syncs serves every append that waits.
//!
//! It decides *when* to sync; what there is to sync, and whom to tell, is the business of each [`Dirty`] log. While a round
//! runs, the next one gathers: that is all of group commit. It runs on a thread of its own, with a [crew](crate::crew) for
//! large rounds, because a sync blocks, and by the time of the machine, not by `env`: what it bounds is how much a power
//! cut can take, and power cuts are real.

use std::fmt::Debug;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, mem};

use tokio::sync::oneshot;

use crate::crew::Crew;
use crate::log::Result;

/// A round begins early when so many logs wait for one: each keeps files open.
const LOGS_PER_ROUND: usize = 256;

/// When an append is durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    /// Acknowledged when the operating system has it, so it survives the end of the process at any instant; on stable
    /// storage after this time at most.
    Interval(Duration),
    /// Acknowledged when it is on stable storage.
    Always,
}

impl Durability {
    /// A power cut takes a tenth of a second at most.
    pub const DEFAULT: Self = Self::Interval(Duration::from_millis(100));
}

/// What can be synced.
pub(crate) trait Dirty: Send + Sync + Debug {
    /// Syncs what was written before the call and tells those who wait for it.
    fn sync(&self) -> Result<()>;
}

/// Asks the thread for syncs.
#[derive(Debug)]
pub(crate) struct Syncer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    dirty: Vec<Arc<dyn Dirty>>,
    /// Somebody waits for the next round.
    urgent: bool,
    /// Who wants to know how the next round went.
    rounds: Vec<oneshot::Sender<Result<()>>>,
    stopping: bool,
}

impl Syncer {
    /// Starts the thread.
    pub(crate) fn start(durability: Durability) -> io::Result<Self> {
        let interval = match durability {
            Durability::Interval(interval) => interval,
            Durability::Always => Duration::ZERO,
        };
        let shared = Arc::new(Shared { queue: Mutex::default(), changed: Condvar::new() });
        let thread = thread::Builder::new().name("log-sync".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                let leaving = Leaving(&shared);
                let mut crew = Crew::new();
                while leaving.0.round(interval, &mut crew) {}
            }
        })?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Puts `log`, which is not queued, into the next round. After the end of the thread, syncs it at once.
    pub(crate) fn enqueue(&self, log: Arc<dyn Dirty>) {
        let mut queue = self.shared.lock();
        if queue.stopping {
            drop(queue);
            // Who waits for it is told, and so is the next append.
            drop(log.sync());
            return;
        }
        queue.dirty.push(log);
        // The thread sleeps without an end while nothing is dirty, and until the interval is over otherwise.
        let wake = queue.dirty.len() == 1 || queue.dirty.len() >= LOGS_PER_ROUND;
        drop(queue);
        if wake {
            self.shared.changed.notify_one();
        }
    }

    /// Begins the next round, if there is work for one, without waiting for the interval.
    pub(crate) fn hurry(&self) {
        let mut queue = self.shared.lock();
        if !queue.dirty.is_empty() && !mem::replace(&mut queue.urgent, true) {
            drop(queue);
            self.shared.changed.notify_one();
        }
    }

    /// Returns when all that is queued now has been synced; `None` if there was nobody to do all of it.
    pub(crate) async fn round(&self) -> Option<Result<()>> {
        let (done, outcome) = oneshot::channel();
        self.shared.join_next_round(done);
        self.shared.changed.notify_one();
        outcome.await.ok()
    }

    /// Ends the thread after a last round.
    pub(crate) fn stop(&self) {
        self.shared.lock().stopping = true;
        self.shared.changed.notify_one();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic of the thread has been printed; there is nobody left to tell.
            drop(thread.join());
        }
    }
}

/// Ends the thread's work, also when it panics: from then on everybody syncs for himself.
struct Leaving<'a>(&'a Shared);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let Queue { dirty, .. } = mem::replace(&mut *self.0.lock(), Queue { stopping: true, ..Queue::default() });
        if thread::panicking() {
            tracing::error!("the thread that syncs has panicked: every append syncs for itself from now on");
        }
        for log in dirty {
            // Who waits for it is told, and so is the next append.
            drop(log.sync());
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Every change of the queue is one assignment, so a panic leaves it whole.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join_next_round(&self, done: oneshot::Sender<Result<()>>) {
        let mut queue = self.lock();
        if !queue.stopping {
            queue.rounds.push(done);
            queue.urgent = true;
        }
    }

    /// Waits for work and does it. False when there will be no more.
    fn round(&self, interval: Duration, crew: &mut Crew) -> bool {
        let idle = |queue: &mut Queue| queue.dirty.is_empty() && queue.rounds.is_empty() && !queue.stopping;
        let queue = self.changed.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let gathering = |queue: &mut Queue| !queue.urgent && !queue.stopping && queue.dirty.len() < LOGS_PER_ROUND;
        let waited = self.changed.wait_timeout_while(queue, interval, gathering);
        let (mut queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let stopping = queue.stopping;
        let Queue { dirty, rounds, .. } = mem::replace(&mut *queue, Queue { stopping, ..Queue::default() });
        drop(queue);
        let outcome = crew.sync(dirty);
        for round in rounds {
            // Who gets no answer syncs for himself; who no longer waits does not want to know.
            drop(outcome.clone().map(|outcome| round.send(outcome)));
        }
        !stopping
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Debug)]
    struct Bomb;

    impl Dirty for Bomb {
        fn sync(&self) -> Result<()> {
            panic!("on purpose")
        }
    }

    #[derive(Debug, Default)]
    struct Counts(AtomicU32);

    impl Dirty for Counts {
        fn sync(&self) -> Result<()> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }

    #[tokio::test]
    async fn after_a_panic_everybody_syncs_for_himself() {
        let syncer = Syncer::start(Durability::Always).unwrap();
        syncer.enqueue(Arc::new(Bomb));
        assert!(syncer.round().await.is_none());
        let thread = syncer.thread.lock().unwrap().take().unwrap();
        assert!(thread.join().is_err());
        let log = Arc::new(Counts::default());
        syncer.enqueue(Arc::<Counts>::clone(&log));
        assert_eq!(log.0.load(Ordering::Relaxed), 1);
        assert!(syncer.round().await.is_none());
    }
}
