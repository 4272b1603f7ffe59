//! What an owner sets for events that nobody waits for: how often and how long they are tried, and who is told.

use std::time::Duration;

use env::Timestamp;
use serde::{Deserialize, Serialize};

/// The settings of one version or alias. What is not set has Lambda's default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct EventInvokeConfig {
    pub(crate) last_modified: Timestamp,
    pub(crate) maximum_retry_attempts: Option<u32>,
    pub(crate) maximum_event_age_seconds: Option<u32>,
    /// The ARN of what is told of events that went well.
    pub(crate) on_success: Option<String>,
    /// The ARN of what is told of events that are given up.
    pub(crate) on_failure: Option<String>,
}

impl EventInvokeConfig {
    /// How often an event is tried again after the function failed on it.
    pub(crate) fn retries(&self) -> u32 {
        self.maximum_retry_attempts.unwrap_or(2)
    }

    /// How old an event may get.
    pub(crate) fn age(&self) -> Duration {
        Duration::from_secs(self.maximum_event_age_seconds.unwrap_or(6 * 3600).into())
    }
}
