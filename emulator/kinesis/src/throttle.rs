//! How much a shard takes and gives: pure machines with time as an argument.
//!
//! Figures are AWS's; see `docs/fidelity.md` for what AWS leaves open. Invariant: what is refused costs nothing.

use std::collections::VecDeque;
use std::time::Duration;

use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::ShardRates;
use crate::on_demand::FULL;

const DAY: Duration = Duration::from_secs(86_400);
const SECOND: Duration = Duration::from_secs(1);
/// What traffic is counted by.
const MINUTE: u64 = 60;

/// The used throughput of one shard.
#[derive(Debug)]
pub(crate) struct ShardThrottle {
    pub(crate) write: WriteThrottle,
    pub(crate) read: ReadThrottle,
    rates: ShardRates,
    iterators: Calls,
}

impl ShardThrottle {
    pub(crate) fn new(rates: ShardRates) -> Self {
        Self {
            write: WriteThrottle {
                rates,
                bytes: Bucket::default(),
                records: Bucket::default(),
                traffic: Traffic::default(),
            },
            read: ReadThrottle {
                rates,
                calls: Calls::default(),
                bytes: Bucket::default(),
                paused_until: Timestamp::EPOCH,
            },
            rates,
            iterators: Calls::default(),
        }
    }

    /// Whether an iterator may be asked for now.
    pub(crate) fn admit_iterator(&mut self, now: Timestamp) -> bool {
        self.iterators.admit(self.rates.iterators, now)
    }
}

/// Two token buckets that fill within a second.
#[derive(Debug)]
pub(crate) struct WriteThrottle {
    rates: ShardRates,
    bytes: Bucket,
    records: Bucket,
    traffic: Traffic,
}

impl WriteThrottle {
    /// Whether a record of `size` bytes may be put now. `largest` is the stream's limit for a record, which a shard
    /// takes in one burst even if it needs several seconds to make up for it.
    pub(crate) fn admit(&mut self, size: u64, largest: u64, now: Timestamp) -> bool {
        let rates = self.rates;
        let bytes = self.bytes.available(rates.write_bytes, rates.write_bytes.max(largest), now);
        let records = self.records.available(rates.write_records, rates.write_records, now);
        let admitted = bytes >= size && records >= 1;
        if admitted {
            self.bytes.take(size);
            self.records.take(1);
            self.traffic.count(size, &rates, now);
        }
        admitted
    }

    /// The load of the busiest minute that ended since this was last asked, in millionths of what the shard takes.
    pub(crate) fn take_load(&mut self, now: Timestamp) -> u64 {
        self.traffic.take_busiest(&self.rates, now)
    }
}

/// What was admitted, by the minute.
#[derive(Debug, Default)]
struct Traffic {
    minute: u64,
    bytes: u64,
    records: u64,
    /// The load of the busiest minute before.
    busiest: u64,
}

impl Traffic {
    fn count(&mut self, size: u64, rates: &ShardRates, now: Timestamp) {
        self.turn(rates, now);
        self.bytes += size;
        self.records += 1;
    }

    fn take_busiest(&mut self, rates: &ShardRates, now: Timestamp) -> u64 {
        self.turn(rates, now);
        std::mem::take(&mut self.busiest)
    }

    /// Ends the minute, if another has begun. Many small records load a shard as much as few large ones.
    fn turn(&mut self, rates: &ShardRates, now: Timestamp) {
        let minute = now.as_secs() / MINUTE;
        if minute != self.minute {
            let load = |used: &mut u64, full: u64| std::mem::take(used).saturating_mul(FULL) / (full * MINUTE);
            let bytes = load(&mut self.bytes, rates.full_bytes);
            let records = load(&mut self.records, rates.full_records);
            self.busiest = self.busiest.max(bytes).max(records);
            self.minute = minute;
        }
    }
}

/// At most so many calls in any second, and a pause for what was read beyond the throughput.
#[derive(Debug)]
pub(crate) struct ReadThrottle {
    rates: ShardRates,
    calls: Calls,
    bytes: Bucket,
    paused_until: Timestamp,
}

impl ReadThrottle {
    /// Whether a call may read now.
    pub(crate) fn admit(&mut self, now: Timestamp) -> bool {
        now >= self.paused_until && self.calls.admit(self.rates.read_calls, now)
    }

    /// Books what an admitted call returned: beyond the throughput, calls pause until it is made up for, at least for a
    /// second. 10 MiB in one answer are five seconds.
    pub(crate) fn returned(&mut self, size: u64, now: Timestamp) {
        let rate = self.rates.read_bytes;
        let available = self.bytes.available(rate, rate, now);
        self.bytes.take(size.min(available));
        if size > available {
            let pause = Duration::from_millis(size.saturating_mul(1000) / rate);
            self.paused_until = now + pause.max(SECOND);
        }
    }
}

/// Calls, of which there may be so many in any second.
#[derive(Debug, Default)]
pub(crate) struct Calls(VecDeque<Timestamp>);

impl Calls {
    /// Whether there may be another now.
    pub(crate) fn admit(&mut self, most: usize, now: Timestamp) -> bool {
        self.forget(now);
        let admitted = self.0.len() < most;
        if admitted {
            self.0.push_back(now);
        }
        admitted
    }

    /// Whether there was none within a second.
    pub(crate) fn are_past(&mut self, now: Timestamp) -> bool {
        self.forget(now);
        self.0.is_empty()
    }

    fn forget(&mut self, now: Timestamp) {
        while self.0.front().is_some_and(|call| now.since(*call) >= SECOND) {
            self.0.pop_front();
        }
    }
}

/// When something was done, of which there may be so much in any 24 hours. Stored.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Daily(Vec<Timestamp>);

impl Daily {
    /// Whether it may be done once more now.
    pub(crate) fn admit(&mut self, most: usize, now: Timestamp) -> bool {
        self.0.retain(|done| now.since(*done) < DAY);
        let admitted = self.0.len() < most;
        if admitted {
            self.0.push(now);
        }
        admitted
    }
}

/// A token bucket that starts full.
#[derive(Debug, Default)]
struct Bucket {
    /// Thousandths of tokens that are missing.
    missing: u64,
    seen: Timestamp,
}

impl Bucket {
    fn available(&mut self, per_second: u64, capacity: u64, now: Timestamp) -> u64 {
        let elapsed = u64::try_from(now.since(self.seen).as_millis()).unwrap_or(u64::MAX);
        // A token a thousandth at a time, so that frequent looks lose nothing to rounding.
        self.missing = self.missing.saturating_sub(elapsed.saturating_mul(per_second));
        self.seen = self.seen.max(now);
        capacity.saturating_sub(self.missing.div_ceil(1000))
    }

    fn take(&mut self, tokens: u64) {
        self.missing = self.missing.saturating_add(tokens.saturating_mul(1000));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, LimitScale};

    const MIB: u64 = 1 << 20;

    fn shard() -> ShardThrottle {
        ShardThrottle::new(Config::default().shard_rates())
    }

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    #[test]
    fn takes_a_thousand_records_a_second() {
        let mut write = shard().write;
        let admitted = (0..1500).filter(|_| write.admit(10, MIB, at(0))).count();
        assert_eq!(admitted, 1000);
        assert!(!write.admit(10, MIB, at(0)));
        assert_eq!((0..1500).filter(|_| write.admit(10, MIB, at(100))).count(), 100);
        assert_eq!((0..1500).filter(|_| write.admit(10, MIB, at(60_000))).count(), 1000);
    }

    #[test]
    fn takes_a_mebibyte_a_second_and_a_refusal_is_free() {
        let mut write = shard().write;
        assert!(write.admit(MIB - 10, MIB, at(0)));
        assert!(!write.admit(11, MIB, at(0)));
        assert!(write.admit(10, MIB, at(0)));
        assert!(!write.admit(MIB, MIB, at(999)));
        assert!(write.admit(MIB, MIB, at(1000)));
    }

    #[test]
    fn a_large_record_is_a_burst_that_is_made_up_for() {
        let mut write = shard().write;
        assert!(write.admit(10 * MIB, 10 * MIB, at(0)));
        assert!(!write.admit(MIB, 10 * MIB, at(999)));
        assert!(write.admit(MIB, 10 * MIB, at(1000)));
    }

    #[test]
    fn many_small_looks_lose_no_tokens() {
        let mut write = shard().write;
        while write.admit(1, MIB, at(0)) {}
        let admitted = (1..=1000).filter(|millis| write.admit(1, MIB, at(*millis))).count();
        assert_eq!(admitted, 1000);
    }

    #[test]
    fn gives_five_calls_in_any_second() {
        let mut read = shard().read;
        let calls = [0, 100, 200, 300, 400, 500, 999, 1000, 1001, 1100];
        let admitted = calls.map(|millis| read.admit(at(millis)));
        assert_eq!(admitted, [true, true, true, true, true, false, false, true, false, true]);
    }

    #[test]
    fn ten_mebibytes_pause_calls_for_five_seconds() {
        let mut read = shard().read;
        assert!(read.admit(at(0)));
        read.returned(10 * MIB, at(0));
        assert!(!read.admit(at(4999)));
        assert!(read.admit(at(5000)));
    }

    #[test]
    fn too_much_in_a_second_pauses_for_a_second() {
        let mut read = shard().read;
        for call in 0..2 {
            assert!(read.admit(at(call)));
            read.returned(MIB, at(call));
        }
        assert!(read.admit(at(2)));
        read.returned(MIB / 2, at(2));
        assert!(!read.admit(at(1001)));
        assert!(read.admit(at(1002)));
    }

    #[test]
    fn five_iterators_a_second() {
        let mut shard = shard();
        assert_eq!((0..10).filter(|_| shard.admit_iterator(at(0))).count(), 5);
        assert!(!shard.admit_iterator(at(999)) && shard.admit_iterator(at(1000)));
    }

    #[test]
    fn figures_scale_and_can_be_off() {
        let double = Config { limit_scale: LimitScale::parse("2").unwrap(), ..Config::default() };
        let mut shard = ShardThrottle::new(double.shard_rates());
        assert!(shard.write.admit(2 * MIB, MIB, at(0)) && !shard.write.admit(1, MIB, at(0)));
        assert_eq!((0..20).filter(|_| shard.read.admit(at(0))).count(), 10);
        let mut unlimited = ShardThrottle::new(Config { limits: false, ..Config::default() }.shard_rates());
        assert!((0..5000).all(|_| unlimited.write.admit(MIB, MIB, at(0)) && unlimited.read.admit(at(0))));
    }

    #[test]
    fn the_busiest_minute_is_told_once_it_is_over() {
        let mut write = shard().write;
        let start = 60_000 - 1_700_000_000_000 % 60_000;
        for second in 0..60 {
            assert!(write.admit(MIB / 2, MIB, at(start + second * 1000)));
        }
        assert_eq!(write.take_load(at(start + 59_999)), 0);
        assert!(write.admit(MIB / 2, MIB, at(start + 60_000)));
        // However late, even if another minute came between.
        assert_eq!(write.take_load(at(start + 900_000)), FULL / 2);
        assert_eq!(write.take_load(at(start + 960_000)), 0);
        for second in 0..30 {
            assert!((0..1000).all(|_| write.admit(1, MIB, at(start + 1_020_000 + second * 1000))));
        }
        assert_eq!(write.take_load(at(start + 1_080_000)), FULL / 2);
    }

    #[test]
    fn so_much_a_day() {
        let mut daily = Daily::default();
        assert!(daily.admit(2, at(0)) && daily.admit(2, at(1)));
        assert!(!daily.admit(2, at(86_399_999)));
        assert!(daily.admit(2, at(86_400_000)) && !daily.admit(2, at(86_400_000)));
    }
}
