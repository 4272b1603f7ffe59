//! How much a shard takes and gives: pure machines with time as an argument.
//!
//! Figures are AWS's; see `docs/fidelity.md` for what AWS leaves open. Invariant: what is refused costs nothing.

use std::collections::VecDeque;
use std::time::Duration;

use env::Timestamp;

/// 1 MiB a second in, data and partition keys together.
const WRITE_BYTES_PER_SECOND: u64 = 1 << 20;
/// 1,000 records a second in.
const WRITE_RECORDS_PER_SECOND: u64 = 1000;
/// 2 MiB a second out, over all readers without enhanced fan-out.
const READ_BYTES_PER_SECOND: u64 = 2 << 20;
/// 5 calls of GetRecords a second.
const READ_CALLS_PER_SECOND: usize = 5;
const SECOND: Duration = Duration::from_secs(1);

/// The used throughput of one shard.
#[derive(Debug, Default)]
pub(crate) struct ShardThrottle {
    pub(crate) write: WriteThrottle,
    pub(crate) read: ReadThrottle,
}

/// Two token buckets that fill within a second.
#[derive(Debug, Default)]
pub(crate) struct WriteThrottle {
    bytes: Bucket,
    records: Bucket,
}

impl WriteThrottle {
    /// Whether a record of `size` bytes may be put now. `largest` is the stream's limit for a record, which a shard
    /// takes in one burst even if it needs several seconds to make up for it.
    pub(crate) fn admit(&mut self, size: u64, largest: u64, now: Timestamp) -> bool {
        let burst = WRITE_BYTES_PER_SECOND.max(largest);
        let bytes = self.bytes.available(WRITE_BYTES_PER_SECOND, burst, now);
        let records = self.records.available(WRITE_RECORDS_PER_SECOND, WRITE_RECORDS_PER_SECOND, now);
        let admitted = bytes >= size && records >= 1;
        if admitted {
            self.bytes.take(size);
            self.records.take(1);
        }
        admitted
    }
}

/// At most five calls in any second, and a pause for what was read beyond 2 MiB a second.
#[derive(Debug, Default)]
pub(crate) struct ReadThrottle {
    calls: VecDeque<Timestamp>,
    bytes: Bucket,
    paused_until: Timestamp,
}

impl ReadThrottle {
    /// Whether a call may read now.
    pub(crate) fn admit(&mut self, now: Timestamp) -> bool {
        while self.calls.front().is_some_and(|call| now.since(*call) >= SECOND) {
            self.calls.pop_front();
        }
        let admitted = self.calls.len() < READ_CALLS_PER_SECOND && now >= self.paused_until;
        if admitted {
            self.calls.push_back(now);
        }
        admitted
    }

    /// Books what an admitted call returned: beyond the throughput, calls pause until it is made up for, at least for a
    /// second. 10 MiB in one answer are five seconds.
    pub(crate) fn returned(&mut self, size: u64, now: Timestamp) {
        let available = self.bytes.available(READ_BYTES_PER_SECOND, READ_BYTES_PER_SECOND, now);
        self.bytes.take(size.min(available));
        if size > available {
            let pause = Duration::from_millis(size.saturating_mul(1000) / READ_BYTES_PER_SECOND);
            self.paused_until = now + pause.max(SECOND);
        }
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

    const MIB: u64 = 1 << 20;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    #[test]
    fn takes_a_thousand_records_a_second() {
        let mut write = WriteThrottle::default();
        let admitted = (0..1500).filter(|_| write.admit(10, MIB, at(0))).count();
        assert_eq!(admitted, 1000);
        assert!(!write.admit(10, MIB, at(0)));
        assert_eq!((0..1500).filter(|_| write.admit(10, MIB, at(100))).count(), 100);
        assert_eq!((0..1500).filter(|_| write.admit(10, MIB, at(60_000))).count(), 1000);
    }

    #[test]
    fn takes_a_mebibyte_a_second_and_a_refusal_is_free() {
        let mut write = WriteThrottle::default();
        assert!(write.admit(MIB - 10, MIB, at(0)));
        assert!(!write.admit(11, MIB, at(0)));
        assert!(write.admit(10, MIB, at(0)));
        assert!(!write.admit(MIB, MIB, at(999)));
        assert!(write.admit(MIB, MIB, at(1000)));
    }

    #[test]
    fn a_large_record_is_a_burst_that_is_made_up_for() {
        let mut write = WriteThrottle::default();
        assert!(write.admit(10 * MIB, 10 * MIB, at(0)));
        assert!(!write.admit(MIB, 10 * MIB, at(999)));
        assert!(write.admit(MIB, 10 * MIB, at(1000)));
    }

    #[test]
    fn many_small_looks_lose_no_tokens() {
        let mut write = WriteThrottle::default();
        while write.admit(1, MIB, at(0)) {}
        let admitted = (1..=1000).filter(|millis| write.admit(1, MIB, at(*millis))).count();
        assert_eq!(admitted, 1000);
    }

    #[test]
    fn gives_five_calls_in_any_second() {
        let mut read = ReadThrottle::default();
        let calls = [0, 100, 200, 300, 400, 500, 999, 1000, 1001, 1100];
        let admitted = calls.map(|millis| read.admit(at(millis)));
        assert_eq!(admitted, [true, true, true, true, true, false, false, true, false, true]);
    }

    #[test]
    fn ten_mebibytes_pause_calls_for_five_seconds() {
        let mut read = ReadThrottle::default();
        assert!(read.admit(at(0)));
        read.returned(10 * MIB, at(0));
        assert!(!read.admit(at(4999)));
        assert!(read.admit(at(5000)));
    }

    #[test]
    fn too_much_in_a_second_pauses_for_a_second() {
        let mut read = ReadThrottle::default();
        for call in 0..2 {
            assert!(read.admit(at(call)));
            read.returned(MIB, at(call));
        }
        assert!(read.admit(at(2)));
        read.returned(MIB / 2, at(2));
        assert!(!read.admit(at(1001)));
        assert!(read.admit(at(1002)));
    }
}
