//! How many shards an on-demand stream should have, as plain values: the traffic it remembers, and what to split or merge
//! because of it.
//!
//! Left to others: counting the traffic ([`crate::throttle`]), looking at it every minute and resharding
//! ([`crate::scaling`]). Invariant: a stream has a shard for each MiB a second of twice its write peak of 30 days, and
//! never fewer than it began with or than its warm throughput asks for.

use std::collections::BTreeMap;
use std::time::Duration;

use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::reshard::Reshard;
use crate::shard::Shard;
use crate::stream::Settings;

/// The open shards that an on-demand stream begins with.
pub(crate) const FIRST_SHARDS: u32 = 4;
/// Loads are in millionths of what a shard takes, so that they mean the same if limits are scaled.
pub(crate) const FULL: u64 = 1_000_000;
/// A shard with more load than this for a minute is split: 500 KB/s of 1 MiB/s, or as much of 1,000 records a second.
const HOT: u64 = 476_837;
/// For how many days a peak counts.
const DAYS: u64 = 30;
const DAY: Duration = Duration::from_secs(86_400);
/// A peak is worth a write to the disk if it exceeds the one known by so much of it.
const NOTICEABLE: u64 = 16;

/// What an on-demand stream remembers of its writes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Traffic {
    /// The least shards it ever has: what it began with, up to four.
    floor: u32,
    /// The load of the busiest minute of each day since the epoch.
    peaks: BTreeMap<u64, u64>,
}

/// Of a stream whose beginning is not known, as of one that began with as many shards as most.
impl Default for Traffic {
    fn default() -> Self {
        Self { floor: FIRST_SHARDS, peaks: BTreeMap::new() }
    }
}

impl Traffic {
    /// Of a stream that becomes on-demand with so many shards: it keeps them for as long as a peak counts.
    pub(crate) fn beginning(shards: u32, now: Timestamp) -> Self {
        let used = u64::from(shards) * FULL / 2;
        Self { floor: shards.min(FIRST_SHARDS), peaks: BTreeMap::from([(day(now), used)]) }
    }

    /// Remembers a minute with so much load on all shards, if it tells anything new. Says whether it did.
    pub(crate) fn note(&mut self, load: u64, now: Timestamp) -> bool {
        let today = day(now);
        let known = self.peaks.get(&today).copied().unwrap_or_default();
        let is_news = load > known + known / NOTICEABLE;
        if is_news {
            self.peaks.retain(|day, _| day + DAYS > today);
            self.peaks.insert(today, load);
        }
        is_news
    }

    /// The shards for twice the peak.
    fn needed(&self, now: Timestamp) -> u32 {
        let today = day(now);
        let peak = self.peaks.iter().filter(|(day, _)| *day + DAYS > today).map(|(_, peak)| *peak).max();
        let shards = peak.unwrap_or_default().saturating_mul(2).div_ceil(FULL);
        u32::try_from(shards).unwrap_or(u32::MAX).max(self.floor)
    }
}

fn day(time: Timestamp) -> u64 {
    time.as_secs() / DAY.as_secs()
}

/// The shards that the stream should have at least.
pub(crate) fn capacity(settings: &Settings, now: Timestamp) -> u32 {
    settings.traffic.needed(now).max(settings.warm_throughput.unwrap_or_default())
}

/// An open shard with the load of its busiest minute since the last look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loaded<'a> {
    pub(crate) shard: &'a Shard,
    pub(crate) load: u64,
}

/// What to do about a stream with these open shards, of which there may be `most`.
///
/// Hot shards are split in the middle, until there are twice as many shards as the stream's traffic as a whole needs: one
/// key that is too busy for a shard cannot be helped by ever more of them. What was not needed for a day is merged, at
/// most half of the shards at a time.
pub(crate) fn plan(settings: &Settings, shards: &[Loaded<'_>], most: u32, now: Timestamp) -> Option<Reshard> {
    let capacity = capacity(settings, now);
    let open = u32::try_from(shards.len()).unwrap_or(u32::MAX);
    let room = capacity.saturating_mul(2).saturating_sub(1).min(most).saturating_sub(open);
    let is_hot = |loaded: &&Loaded<'_>| loaded.load > HOT && loaded.shard.range.middle().is_some();
    let mut hot: Vec<_> = shards.iter().filter(is_hot).collect();
    hot.sort_by_key(|loaded| std::cmp::Reverse(loaded.load));
    hot.truncate(usize::try_from(room).unwrap_or(usize::MAX));
    if !hot.is_empty() {
        return Some(Reshard::Halve { shards: hot.iter().map(|loaded| loaded.shard.index).collect() });
    }
    let settled = shards.iter().all(|loaded| loaded.shard.opened + DAY <= now);
    let spare = open >= capacity.saturating_mul(2);
    (settled && spare).then(|| Reshard::Scale { target: capacity.max(open.div_ceil(2)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shard::ShardIndex;
    use crate::test::settings;

    const START: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn at(days: u32) -> Timestamp {
        START + DAY * days
    }

    /// A stream that began as on-demand with so many shards, and had that load in a minute of its first day.
    fn busy(began: u32, load: u64) -> Settings {
        let mut settings = Settings { traffic: Traffic::beginning(began, START), ..settings() };
        settings.traffic.note(load, at(0));
        settings
    }

    #[track_caller]
    fn check(settings: &Settings, loads: &[u64], days: u32, expected: Option<&Reshard>) {
        let shards = Shard::first_of(u32::try_from(loads.len()).unwrap(), START);
        let loaded: Vec<_> = shards.iter().zip(loads).map(|(shard, load)| Loaded { shard, load: *load }).collect();
        assert_eq!(plan(settings, &loaded, 200, at(days)).as_ref(), expected);
    }

    fn halve(shards: &[u32]) -> Option<Reshard> {
        Some(Reshard::Halve { shards: shards.iter().copied().map(ShardIndex).collect() })
    }

    #[test]
    fn hot_shards_are_split() {
        check(&busy(4, 900_000), &[100_000, HOT + 1, HOT, 0], 2, halve(&[1]).as_ref());
        check(&busy(4, 3_600_000), &[900_000; 4], 2, halve(&[0, 1, 2, 3]).as_ref());
        check(&busy(4, 0), &[HOT; 4], 2, None);
    }

    #[test]
    fn one_busy_key_does_not_take_all_the_shards() {
        let settings = busy(4, FULL);
        check(&settings, &[0, 0, FULL, 0, 0, 0], 2, halve(&[2]).as_ref());
        check(&settings, &[0, 0, FULL, 0, 0, 0, 0], 2, None);
    }

    #[test]
    fn the_most_is_never_exceeded() {
        let shards = Shard::first_of(199, START);
        let loaded: Vec<_> = shards.iter().map(|shard| Loaded { shard, load: 900_000 }).collect();
        let settings = busy(4, 199 * 900_000);
        assert_eq!(plan(&settings, &loaded, 200, at(2)), halve(&[0]));
        assert_eq!(plan(&settings, &loaded, 199, at(2)), None);
    }

    #[test]
    fn a_peak_counts_for_thirty_days() {
        let settings = busy(4, 8 * FULL);
        assert_eq!(capacity(&settings, at(29)), 16);
        assert_eq!(capacity(&settings, at(30)), 4);
        check(&settings, &[0; 16], 29, None);
        check(&settings, &[0; 16], 30, Some(&Reshard::Scale { target: 8 }));
        check(&settings, &[0; 7], 30, None);
        check(&busy(4, 0), &[0; 8], 0, None);
    }

    #[test]
    fn what_it_began_with_stays() {
        assert_eq!(capacity(&busy(100, 0), at(29)), 100);
        assert_eq!((capacity(&busy(100, 0), at(30)), capacity(&busy(2, 0), at(30))), (4, 2));
        let warm = Settings { warm_throughput: Some(50), ..busy(4, 0) };
        assert_eq!(capacity(&warm, at(300)), 50);
    }

    #[test]
    fn a_stream_of_an_older_version_keeps_its_shards() {
        check(&Settings { traffic: Traffic::default(), ..settings() }, &[0; 4], 300, None);
        check(&Settings { traffic: Traffic::default(), ..settings() }, &[FULL, 0, 0, 0], 0, halve(&[0]).as_ref());
    }

    #[test]
    fn only_news_is_noted() {
        let mut traffic = Traffic::beginning(4, START);
        assert!(!traffic.note(2 * FULL, START));
        assert!(!traffic.note(2 * FULL + FULL / 8, START));
        assert!(traffic.note(3 * FULL, START));
        assert!(traffic.note(1, at(1)) && !traffic.note(1, at(1)));
        assert!(traffic.note(1, at(40)));
        assert_eq!(traffic.peaks.len(), 1);
    }
}
