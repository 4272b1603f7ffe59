//! Tumbling windows: stretches of time of equal length, over each of which a function folds a state.
//!
//! Windows are aligned to multiples of their length since the epoch, and a record belongs to the one that it arrived
//! in. The first call of a window gets an empty state, each further one what the call before returned, and the last
//! one, made when the window is over, says so. Leaves the calls to the lane.

use std::time::Duration;

use env::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A state beyond this ends its window early.
const LARGEST_STATE: usize = 1024 * 1024;

/// A window that is open on a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Window {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    /// The JSON object that the function returned last.
    pub(crate) state: String,
    /// Its state outgrew the limit.
    pub(crate) is_terminated_early: bool,
}

impl Window {
    /// The window of `length` that `arrival` lies in, with nothing in it.
    pub(super) fn around(arrival: Timestamp, length: Duration) -> Self {
        let start = Timestamp::from_secs(arrival.as_secs() / length.as_secs().max(1) * length.as_secs());
        Self { start, end: start + length, state: "{}".to_owned(), is_terminated_early: false }
    }

    /// Whether a record that arrived then belongs to it. One from before its start does: it is late, not early.
    pub(super) fn takes(&self, arrival: Timestamp) -> bool {
        !self.is_terminated_early && arrival < self.end
    }

    /// Goes on with what the function returned; false if that holds no state.
    pub(super) fn fold(&mut self, answer: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Answer<'a> {
            #[serde(borrow)]
            state: &'a RawValue,
        }
        match serde_json::from_slice::<Answer<'_>>(answer) {
            Ok(Answer { state }) if state.get().starts_with('{') => {
                self.state = state.get().to_owned();
                self.is_terminated_early = self.state.len() > LARGEST_STATE;
                true
            }
            Ok(_) | Err(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_aligned_to_the_epoch() {
        let window = Window::around(Timestamp::from_millis(125_999), Duration::from_secs(60));
        assert_eq!((window.start, window.end), (Timestamp::from_secs(120), Timestamp::from_secs(180)));
        assert!(window.takes(Timestamp::from_millis(179_999)));
        assert!(!window.takes(Timestamp::from_secs(180)));
    }

    #[test]
    fn only_an_object_is_a_state() {
        let fold = |answer: &str| {
            let mut window = Window::around(Timestamp::EPOCH, Duration::from_secs(1));
            window.fold(answer.as_bytes()).then_some(window.state)
        };
        assert_eq!(fold(r#"{"state": {"1": 282}, "batchItemFailures": []}"#).as_deref(), Some(r#"{"1": 282}"#));
        for answer in ["", "null", "{}", r#"{"state": null}"#, r#"{"state": 1}"#] {
            assert_eq!(fold(answer), None, "{answer}");
        }
    }

    #[test]
    fn a_large_state_ends_its_window() {
        let mut window = Window::around(Timestamp::EPOCH, Duration::from_secs(1));
        assert!(window.fold(format!(r#"{{"state":{{"a":"{}"}}}}"#, "x".repeat(LARGEST_STATE)).as_bytes()));
        assert!(window.is_terminated_early);
        assert!(!window.takes(Timestamp::EPOCH));
    }
}
