//! What whoever runs the service decides: how long transitions take, and whether AWS's limits hold.
//!
//! The figures of the limits are all here, as AWS documents them; a scale makes them larger or smaller.

use std::fmt;
use std::time::Duration;

/// The settings of the service.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long a stream or a consumer is CREATING, UPDATING or DELETING.
    pub lifecycle_delay: Duration,
    /// Whether throughput, call rates and quotas are enforced. The sizes of records and requests always are.
    pub limits: bool,
    /// How many times AWS's figures they are.
    pub limit_scale: LimitScale,
}

impl Default for Config {
    fn default() -> Self {
        Self { lifecycle_delay: Duration::from_millis(100), limits: true, limit_scale: LimitScale::ONE }
    }
}

/// A factor for the figures of limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LimitScale {
    thousandths: u32,
}

impl LimitScale {
    /// The figures as AWS has them.
    pub const ONE: Self = Self { thousandths: 1000 };

    /// Reads `2` or `0.25`: more than nothing, with three decimals at most, a million at most.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() > 7 || fraction.len() > 3 {
            return None;
        }
        let thousandths = whole.parse::<u32>().ok()? * 1000 + format!("{fraction:0<3}").parse::<u32>().ok()?;
        (1..=1_000_000_000).contains(&thousandths).then_some(Self { thousandths })
    }

    /// So many times `figure`, and never nothing.
    fn times(self, figure: u64) -> u64 {
        (figure.saturating_mul(self.thousandths.into()) / 1000).max(1)
    }
}

/// What [`LimitScale::parse`] reads.
impl fmt::Display for LimitScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.thousandths / 1000, self.thousandths % 1000)
    }
}

/// What a shard takes and gives in a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShardRates {
    /// Bytes in, data and partition keys together.
    pub(crate) write_bytes: u64,
    /// The bytes that make a shard fully loaded, also where it takes more.
    pub(crate) full_bytes: u64,
    /// Likewise the records.
    pub(crate) full_records: u64,
    /// Records in.
    pub(crate) write_records: u64,
    /// Bytes out, over all readers without enhanced fan-out.
    pub(crate) read_bytes: u64,
    /// Calls of GetRecords.
    pub(crate) read_calls: usize,
    /// Calls of GetShardIterator.
    pub(crate) iterators: usize,
}

impl Config {
    /// AWS's figure as it holds here.
    fn limit(&self, figure: u64) -> u64 {
        if self.limits { self.limit_scale.times(figure) } else { u64::MAX }
    }

    fn count(&self, figure: u64) -> usize {
        usize::try_from(self.limit(figure)).unwrap_or(usize::MAX)
    }

    /// A number of shards or streams. Without quotas there is still an end: a slip of the keyboard must not fill the
    /// memory.
    fn quota(&self, figure: u64) -> u32 {
        u32::try_from(self.limit(figure)).unwrap_or(UNLIMITED).min(UNLIMITED)
    }

    /// What a shard takes and gives.
    pub(crate) fn shard_rates(&self) -> ShardRates {
        ShardRates {
            write_bytes: self.limit(1 << 20),
            full_bytes: self.limit_scale.times(1 << 20),
            full_records: self.limit_scale.times(1000),
            write_records: self.limit(1000),
            read_bytes: self.limit(2 << 20),
            read_calls: self.count(5),
            iterators: self.count(5),
        }
    }

    /// Calls of an action in a second, of which AWS allows `figure`.
    pub(crate) fn calls_per_second(&self, figure: u64) -> usize {
        self.count(figure)
    }

    /// The open shards that the provisioned streams of an account may have in `region`.
    pub fn shard_limit(&self, region: &str) -> u32 {
        self.quota(if is_large(region) { 500 } else { 200 })
    }

    /// The on-demand streams that an account may have in a region.
    pub fn on_demand_stream_limit(&self) -> u32 {
        self.quota(50)
    }

    /// The open shards up to which an on-demand stream grows by itself: 10 GB/s or 200 MB/s.
    pub(crate) fn on_demand_shard_limit(&self, region: &str) -> u32 {
        self.quota(if is_large(region) { 10_000 } else { 200 })
    }

    /// The streams that may be CREATING or DELETING at once.
    pub fn streams_in_transition(&self) -> usize {
        self.count(5)
    }

    /// The warm throughput of a stream in MiB a second.
    pub(crate) fn warm_throughput_limit(&self) -> u32 {
        self.quota(10_240)
    }

    /// The consumers of a stream; more if its account committed to a minimum throughput.
    pub fn consumer_limit(&self, committed: bool) -> usize {
        self.count(if committed { 50 } else { 20 })
    }

    /// The consumers of a stream that may be CREATING at once.
    pub fn consumers_creating(&self) -> usize {
        self.count(5)
    }

    /// The calls of UpdateShardCount for a stream in any 24 hours.
    pub fn scalings_per_day(&self) -> usize {
        self.count(10)
    }

    /// The mode switches of a stream in any 24 hours.
    pub fn mode_switches_per_day(&self) -> usize {
        self.count(2)
    }

    /// How often encryption of a stream may be started, and how often stopped, in any 24 hours.
    pub(crate) fn encryption_changes_per_day(&self) -> usize {
        self.count(25)
    }
}

const UNLIMITED: u32 = 100_000;

/// The regions with the larger quotas.
fn is_large(region: &str) -> bool {
    matches!(region, "us-east-1" | "us-west-2" | "eu-west-1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_scale() {
        let scaled = |text| Config { limit_scale: LimitScale::parse(text).unwrap(), ..Config::default() };
        let figures = |config: &Config| (config.shard_limit("us-east-1"), config.scalings_per_day());
        assert_eq!(figures(&scaled("1")), (500, 10));
        assert_eq!(figures(&scaled("2.5")), (1250, 25));
        assert_eq!(figures(&scaled("0.1")), (50, 1));
        assert_eq!(figures(&scaled("0.001")), (1, 1));
        assert_eq!(scaled("1000").shard_limit("us-east-1"), UNLIMITED);
        let off = Config { limits: false, ..Config::default() };
        assert_eq!(figures(&off), (UNLIMITED, usize::MAX));
    }

    #[test]
    fn a_scale_is_a_number() {
        for bad in ["", "0", "0.000", "-1", "+1", "1e3", ".5", "1.", "0.0001", "1000001", "on", "1,5"] {
            assert_eq!(LimitScale::parse(bad), None, "{bad}");
        }
        assert_eq!(LimitScale::parse("1.000"), Some(LimitScale::ONE));
        let scale = LimitScale::parse("2.05");
        assert!(scale.is_some_and(|scale| scale.to_string() == "2.050" && LimitScale::parse("2.050") == Some(scale)));
    }
}
