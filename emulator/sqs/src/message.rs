//! A message as it is stored, and what is known of its deliveries.

use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::attribute::{self, Attributes};

/// The numbers that AWS gives out have twenty digits; ours begin where theirs do.
const FIRST_SEQUENCE_NUMBER: u128 = 18_849_496_460_467_696_128;

/// A message. Persisted, and never changed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) attributes: Attributes,
    /// The X-Ray header that it was sent with.
    pub(crate) trace: Option<String>,
    pub(crate) sender: String,
    pub(crate) sent: Timestamp,
    pub(crate) group: Option<String>,
    pub(crate) deduplication: Option<String>,
    /// The queue that it was a dead letter of.
    pub(crate) dead_letter_of: Option<String>,
}

impl Message {
    /// What it counts for towards the size that a queue allows.
    pub(crate) fn size(body: &str, attributes: &Attributes) -> usize {
        body.len() + attribute::size(attributes)
    }
}

/// What is known of a message's deliveries. Persisted, and written anew with each.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Delivery {
    /// When it can be received: after its delay, or after its visibility timeout.
    pub(crate) available: Timestamp,
    /// How often it was received.
    pub(crate) receives: u32,
    /// When it was received first.
    pub(crate) first_received: Option<Timestamp>,
}

impl Delivery {
    /// Whether somebody has it.
    pub(crate) fn is_in_flight(&self, now: Timestamp) -> bool {
        self.receives > 0 && self.available > now
    }
}

/// The number that the API shows of a message in a FIFO queue.
pub(crate) fn sequence_number(sequence: u64) -> String {
    (FIRST_SEQUENCE_NUMBER + u128::from(sequence) * 256).to_string()
}
