//! What a mapping's owner asked for, as the poller understands it: parsed once, so that no state is impossible.

use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::mapping::filter::Filters;

/// How batches are made and what happens when one fails. The defaults are those of a mapping that says nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Most records in one batch.
    pub(crate) batch_size: NonZeroU32,
    /// How long an incomplete batch waits for more records.
    pub(crate) batching_window: Duration,
    /// How many batches of one shard may be in flight.
    pub(crate) parallelization_factor: NonZeroU16,
    /// A record older than this is discarded; `None` is never.
    pub(crate) maximum_record_age: Option<Duration>,
    /// How often a failed batch is tried again; `None` is without end.
    pub(crate) maximum_retry_attempts: Option<u32>,
    /// Halve a failed batch before trying again.
    pub(crate) bisect_on_error: bool,
    /// The function's answer names the records that failed.
    pub(crate) report_item_failures: bool,
    /// How long the windows are over which the function folds a state; `None` if it folds none.
    #[serde(default)]
    pub(crate) tumbling_window: Option<Duration>,
    /// Only records that match are delivered.
    pub(crate) filters: Filters,
    /// The ARN of what is told of records that are given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) on_failure: Option<String>,
    /// Events are to be counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) counts_events: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch_size: NonZeroU32::new(100).expect("100 is not zero"),
            batching_window: Duration::ZERO,
            parallelization_factor: NonZeroU16::MIN,
            maximum_record_age: None,
            maximum_retry_attempts: None,
            bisect_on_error: false,
            report_item_failures: false,
            tumbling_window: None,
            filters: Filters::default(),
            on_failure: None,
            counts_events: false,
        }
    }
}

impl Settings {
    /// Most records in one batch, as a length.
    pub(crate) fn batch_len(&self) -> usize {
        usize::try_from(self.batch_size.get()).unwrap_or(usize::MAX)
    }

    /// How many lanes a shard is read in.
    pub(crate) fn lanes(&self) -> usize {
        usize::from(self.parallelization_factor.get())
    }
}
