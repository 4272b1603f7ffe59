//! What whoever runs the service decides: how long transitions take, and whether AWS's limits hold.

use std::time::Duration;

/// The settings of the service.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long a stream or a consumer is CREATING, UPDATING or DELETING.
    pub lifecycle_delay: Duration,
    /// Whether throughput and quotas are enforced. The sizes of records and requests always are.
    pub limits: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { lifecycle_delay: Duration::from_millis(100), limits: true }
    }
}

impl Config {
    /// The open shards that the provisioned streams of an account may have in `region`.
    pub fn shard_limit(&self, region: &str) -> u32 {
        match (self.limits, region) {
            (false, _) => UNLIMITED_SHARDS,
            (true, "us-east-1" | "us-west-2" | "eu-west-1") => 500,
            (true, _) => 200,
        }
    }

    /// The on-demand streams that an account may have in a region.
    pub const fn on_demand_stream_limit(&self) -> u32 {
        if self.limits { 50 } else { UNLIMITED_SHARDS }
    }

    /// The streams that may be CREATING or DELETING at once.
    pub const fn streams_in_transition(&self) -> usize {
        if self.limits { 5 } else { usize::MAX }
    }

    /// The consumers of a stream.
    pub const fn consumer_limit(&self) -> usize {
        if self.limits { 20 } else { usize::MAX }
    }

    /// The consumers of a stream that may be CREATING at once.
    pub const fn consumers_creating(&self) -> usize {
        if self.limits { 5 } else { usize::MAX }
    }

    /// The calls of UpdateShardCount for a stream in any 24 hours.
    pub const fn scalings_per_day(&self) -> usize {
        if self.limits { 10 } else { usize::MAX }
    }

    /// The mode switches of a stream in any 24 hours.
    pub const fn mode_switches_per_day(&self) -> usize {
        if self.limits { 2 } else { usize::MAX }
    }
}

/// Without quotas there is still an end: a slip of the keyboard must not fill the memory.
const UNLIMITED_SHARDS: u32 = 100_000;
