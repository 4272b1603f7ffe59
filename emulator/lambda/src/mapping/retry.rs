//! How long a failed batch waits before it is tried again.
//!
//! AWS documents exponential pauses but not their steps; one second doubling to one minute is what users observe.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// The pause after the `failures`th failure in a row, counted from 1.
pub(super) fn pause(failures: u32) -> Duration {
    // 2^6 seconds is past the longest pause already; more doublings could only overflow.
    let doublings = failures.saturating_sub(1).min(6);
    (FIRST * 2u32.pow(doublings)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_from_a_second_to_a_minute() {
        let secs = [1, 2, 3, 4, 5, 6, 7, 8, u32::MAX].map(|n| pause(n).as_secs());
        assert_eq!(secs, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }
}
