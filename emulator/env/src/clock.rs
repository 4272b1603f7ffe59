//! Where time comes from: the system's clock plus a shift, or a clock that stands still until it is moved.
//!
//! Invariant: a sleeper is woken when *this* clock reaches its deadline, whoever moved it there, so no test waits for
//! real time and a user who moves the clock forward sees everything that was due happen at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::Timestamp;

/// A shared clock. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    /// How far the time shown is ahead of the source. Sleepers watch it.
    shift: watch::Sender<Duration>,
}

#[derive(Debug)]
enum Source {
    System,
    Standing(Timestamp),
}

impl Clock {
    /// The time of the system.
    pub fn system() -> Self {
        Self::of(Source::System)
    }

    /// A clock that stands at `now` until it is advanced.
    pub fn manual(now: Timestamp) -> Self {
        Self::of(Source::Standing(now))
    }

    fn of(source: Source) -> Self {
        Self(Arc::new(Inner { source, shift: watch::Sender::new(Duration::ZERO) }))
    }

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        let source = match self.0.source {
            Source::System => system_now(),
            Source::Standing(at) => at,
        };
        source + *self.0.shift.borrow()
    }

    /// Moves the clock forward; it never goes back. Whoever slept until a moment now past wakes up.
    pub fn advance(&self, by: Duration) {
        self.0.shift.send_modify(|shift| *shift = shift.saturating_add(by));
    }

    /// Returns when the clock shows `deadline` or later.
    pub async fn sleep_until(&self, deadline: Timestamp) {
        let mut shift = self.0.shift.subscribe();
        loop {
            shift.mark_unchanged();
            let left = deadline.since(self.now());
            if left.is_zero() {
                return;
            }
            match self.0.source {
                Source::System => {
                    #[expect(clippy::disallowed_methods, reason = "this is the substitute that the ban names")]
                    let elapsed = tokio::time::sleep(left);
                    tokio::select! {
                        () = elapsed => {}
                        _ = shift.changed() => {}
                    }
                }
                // The sender lives in `self`, so `changed` cannot fail while we are here.
                Source::Standing(_) => drop(shift.changed().await),
            }
        }
    }

    /// Returns when `duration` has passed on this clock.
    pub async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now() + duration).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the substitute that the ban names")]
fn system_now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::EPOCH + since_epoch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn advancing_wakes_who_is_due_and_nobody_else() {
        let clock = Clock::manual(Timestamp::from_secs(100));
        let sleeper = |secs| {
            let clock = clock.clone();
            tokio::spawn(async move { clock.sleep(Duration::from_secs(secs)).await })
        };
        let (soon, late) = (sleeper(5), sleeper(50));
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(5));
        soon.await.unwrap();
        assert!(!late.is_finished());
        clock.advance(Duration::from_secs(45));
        late.await.unwrap();
        assert_eq!(clock.now(), Timestamp::from_secs(150));
    }

    #[tokio::test]
    async fn the_system_clock_can_be_moved_too() {
        let clock = Clock::system();
        let hour = Duration::from_secs(3600);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(hour).await }
        });
        tokio::task::yield_now().await;
        clock.advance(hour);
        sleeper.await.unwrap();
    }
}
