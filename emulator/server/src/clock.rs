//! The emulator's clock as its user moves it: forward only, and never back by a restart.
//!
//! What is stored (when a stream was created, what is past its retention) counts on a clock that does not fall, so a move is
//! durable before it shows.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use env::{Clock, Timestamp};
use state_store::{Store, Table};

const KEY: &str = "ahead-ms";

/// The clock, with how far it was moved.
#[derive(Debug)]
pub(crate) struct MovedClock {
    clock: Clock,
    table: Table<u64>,
    ahead_ms: Mutex<u64>,
}

impl MovedClock {
    /// Moves `clock` to where it was moved before.
    pub(crate) fn open(clock: Clock, store: &Store) -> state_store::Result<Self> {
        let table = store.table("millrace.clock");
        let ahead_ms = table.get(KEY)?.unwrap_or_default();
        clock.advance(Duration::from_millis(ahead_ms));
        Ok(Self { clock, table, ahead_ms: Mutex::new(ahead_ms) })
    }

    /// Moves it forward and says what it shows.
    pub(crate) fn advance(&self, by: Duration) -> state_store::Result<Timestamp> {
        // The number is changed after it is stored; a panic leaves it true.
        let mut ahead_ms = self.ahead_ms.lock().unwrap_or_else(PoisonError::into_inner);
        let by_ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        if by_ms > 0 {
            let moved = ahead_ms.saturating_add(by_ms);
            self.table.put(KEY, &moved)?;
            *ahead_ms = moved;
            self.clock.advance(by);
        }
        Ok(self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_survives_a_restart() {
        let store = Store::in_memory();
        let start = Timestamp::from_secs(1000);
        let moved = MovedClock::open(Clock::manual(start), &store).unwrap();
        assert_eq!(moved.advance(Duration::from_secs(5)).unwrap(), Timestamp::from_secs(1005));
        assert_eq!(moved.advance(Duration::from_secs(1)).unwrap(), Timestamp::from_secs(1006));
        let again = MovedClock::open(Clock::manual(start), &store).unwrap();
        assert_eq!(again.advance(Duration::ZERO).unwrap(), Timestamp::from_secs(1006));
    }
}
