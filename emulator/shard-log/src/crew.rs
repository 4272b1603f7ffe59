//! The hands of the sync thread: a round with many logs is shared among them.
//!
//! A sync mostly waits for the disk, and a file system takes what several threads ask for in one go, so sixteen sync two
//! hundred logs in the time that one needs for ten (`docs/decisions/0004-a-log-per-shard.md` has the figures). Invariant:
//! between rounds no hand holds on to a log.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::log::Result;
use crate::sync::Dirty;

/// Threads that sync at the same time, the sync thread among them.
const HANDS: usize = 16;

/// Threads that wait for their share of a round; hired when a round is the first that has work for so many.
#[derive(Debug)]
pub(crate) struct Crew {
    hands: Vec<JoinHandle<()>>,
    shares: Sender<Share>,
    taken: Arc<Mutex<Receiver<Share>>>,
}

/// A round: whoever has time takes the next log.
#[derive(Debug)]
struct Round {
    logs: Vec<Arc<dyn Dirty>>,
    next: AtomicUsize,
}

/// A hand's part in a round.
#[derive(Debug)]
struct Share {
    round: Arc<Round>,
    report: Sender<Result<()>>,
}

impl Round {
    fn work(&self) -> Result<()> {
        let mut outcome = Ok(());
        while let Some(log) = self.logs.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            outcome = outcome.and(log.sync());
        }
        outcome
    }
}

impl Crew {
    pub(crate) fn new() -> Self {
        let (shares, taken) = channel();
        Self { hands: Vec::new(), shares, taken: Arc::new(Mutex::new(taken)) }
    }

    /// Syncs all `logs`. `None` if it panicked for one of them: then nobody knows about that one.
    pub(crate) fn sync(&mut self, logs: Vec<Arc<dyn Dirty>>) -> Option<Result<()>> {
        let helpers = logs.len().saturating_sub(1).min(HANDS - 1);
        self.hire(helpers);
        let round = Arc::new(Round { logs, next: AtomicUsize::new(0) });
        let (report, reports) = channel();
        let helpers = helpers.min(self.hands.len());
        for _ in 0..helpers {
            let share = Share { round: Arc::clone(&round), report: report.clone() };
            self.shares.send(share).expect("the other end is ours too");
        }
        drop(report);
        let own = round.work();
        // Ends when every hand has reported, or has gone.
        let reported: Vec<_> = reports.into_iter().collect();
        (reported.len() == helpers).then(|| reported.into_iter().fold(own, Result::and))
    }

    /// Brings the hands up to `count`, as far as the system lets us; with fewer a round takes longer.
    fn hire(&mut self, count: usize) {
        self.hands.retain(|hand| !hand.is_finished());
        while self.hands.len() < count {
            let taken = Arc::clone(&self.taken);
            let hand = thread::Builder::new().name("log-sync-hand".to_owned()).spawn(move || help(&taken));
            let Ok(hand) = hand else { return };
            self.hands.push(hand);
        }
    }
}

/// The life of a hand: until nobody can have work for it any more.
fn help(taken: &Mutex<Receiver<Share>>) {
    loop {
        // Whoever panics does so after letting go of the lock.
        let share = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Share { round, report }) = share else { return };
        let outcome = round.work();
        drop(round);
        // The sync thread waits for it.
        drop(report.send(outcome));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::AtomicU32;

    use super::*;

    /// A log whose sync waits until so many are being synced.
    #[derive(Debug)]
    struct Meets {
        barrier: Barrier,
        syncs: AtomicU32,
        panics: bool,
    }

    impl Dirty for Meets {
        fn sync(&self) -> Result<()> {
            self.barrier.wait();
            self.syncs.fetch_add(1, Ordering::Relaxed);
            assert!(!self.panics, "on purpose");
            Ok(())
        }
    }

    fn logs(count: usize, at_once: usize, panics: bool) -> (Arc<Meets>, Vec<Arc<dyn Dirty>>) {
        let log = Arc::new(Meets { barrier: Barrier::new(at_once), syncs: AtomicU32::new(0), panics });
        (Arc::clone(&log), (0..count).map(|_| Arc::clone(&log) as _).collect())
    }

    #[test]
    fn many_are_synced_at_once_and_let_go() {
        let mut crew = Crew::new();
        for _ in 0..3 {
            // This would wait forever if fewer than all hands worked on it.
            let (log, all) = logs(2 * HANDS, HANDS, false);
            assert!(matches!(crew.sync(all), Some(Ok(()))));
            assert_eq!(log.syncs.load(Ordering::Relaxed) as usize, 2 * HANDS);
            assert_eq!(Arc::strong_count(&log), 1);
        }
    }

    #[test]
    fn a_panic_is_no_success_and_the_next_round_works() {
        let mut crew = Crew::new();
        let (_, mut all) = logs(1, 1, true);
        all.extend(logs(2 * HANDS, 1, false).1);
        // Be it a hand or the sync thread itself that met the panic.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| crew.sync(all)));
        assert!(!matches!(outcome, Ok(Some(_))));
        let (log, all) = logs(HANDS, 1, false);
        assert!(matches!(crew.sync(all), Some(Ok(()))));
        assert_eq!(log.syncs.load(Ordering::Relaxed) as usize, HANDS);
    }
}
