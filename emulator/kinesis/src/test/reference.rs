//! What streams and shards do, in the simplest form that says it: lists, and the time as a number.
//!
//! It predicts every answer's code and contents but sequence numbers, and which pieces a scaling makes on its way; those
//! are taken over from the answer once they satisfy what must be true of them.

use std::collections::BTreeMap;

use crate::hash_key::HashKey;

pub(super) const DELAY: u64 = 1000;
const HOUR: u64 = 3_600_000;

/// What the answer's code must be, or nothing wrong.
pub(super) type Expected = Result<(), &'static str>;

pub(super) const NOT_FOUND: &str = "ResourceNotFoundException";
pub(super) const IN_USE: &str = "ResourceInUseException";
pub(super) const INVALID: &str = "InvalidArgumentException";
pub(super) const MODE: &str = "ValidationException";

#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) key: String,
    pub(super) number: String,
    pub(super) arrival: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Shard {
    pub(super) range: (u128, u128),
    pub(super) parents: Vec<usize>,
    pub(super) closed: Option<u64>,
    pub(super) records: Vec<Record>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pending {
    Split(usize),
    Merge(usize, usize),
    Scale(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Life {
    Creating(u64),
    Updating(u64, Option<Pending>),
    Deleting(u64),
    Active,
}

#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) incarnation: usize,
    pub(super) shards: Vec<Shard>,
    pub(super) on_demand: bool,
    life: Life,
    retention_hours: u64,
    trimmed_before: u64,
}

#[derive(Debug)]
pub(super) struct Reference {
    pub(super) now: u64,
    pub(super) streams: BTreeMap<&'static str, Stream>,
    incarnations: usize,
}

impl Reference {
    pub(super) fn at(now: u64) -> Self {
        Self { now, streams: BTreeMap::new(), incarnations: 0 }
    }

    pub(super) fn create(&mut self, name: &'static str, count: u32) -> Expected {
        if self.streams.contains_key(name) {
            return Err(IN_USE);
        }
        self.incarnations += 1;
        let shards = crate::hash_key::HashKeyRange::divide(count).into_iter();
        let shard =
            |(start, end)| Shard { range: (start, end), parents: Vec::new(), closed: None, records: Vec::new() };
        let stream = Stream {
            incarnation: self.incarnations,
            shards: shards.map(|range| shard((range.start.0, range.end.0))).collect(),
            on_demand: false,
            life: Life::Creating(self.now + DELAY),
            retention_hours: 24,
            trimmed_before: 0,
        };
        self.streams.insert(name, stream);
        Ok(())
    }

    /// The stream, if a control action may change it.
    pub(super) fn active(&mut self, name: &str) -> Result<&mut Stream, &'static str> {
        let stream = self.streams.get_mut(name).ok_or(NOT_FOUND)?;
        if stream.life == Life::Active { Ok(stream) } else { Err(IN_USE) }
    }

    /// The stream, if records go in and out.
    pub(super) fn usable(&mut self, name: &str) -> Result<&mut Stream, &'static str> {
        let stream = self.streams.get_mut(name).ok_or(NOT_FOUND)?;
        if matches!(stream.life, Life::Creating(_) | Life::Deleting(_)) { Err(NOT_FOUND) } else { Ok(stream) }
    }

    /// Moves the time on. Returns which streams a reshard is due in.
    pub(super) fn advance(&mut self, millis: u64) -> Vec<(&'static str, Pending)> {
        self.now += millis;
        let now = self.now;
        self.streams.retain(|_, stream| !matches!(stream.life, Life::Deleting(until) if until <= now));
        let mut due = Vec::new();
        for (name, stream) in &mut self.streams {
            match stream.life {
                Life::Creating(until) if until <= now => stream.life = Life::Active,
                Life::Updating(until, pending) if until <= now => {
                    stream.life = Life::Active;
                    due.extend(pending.map(|pending| (*name, pending)));
                }
                Life::Creating(_) | Life::Updating(..) | Life::Deleting(_) | Life::Active => {}
            }
        }
        due
    }

    pub(super) fn delete(&mut self, name: &str) -> Expected {
        let until = self.now + DELAY;
        self.active(name)?.life = Life::Deleting(until);
        Ok(())
    }

    pub(super) fn reshard(&mut self, name: &str, wanted: Pending) -> Expected {
        let now = self.now;
        let stream = self.active(name)?;
        if stream.on_demand {
            return Err(MODE);
        }
        let open = |index: usize| match stream.shards.get(index).filter(|shard| !stream.is_expired(shard, now)) {
            None => Err(NOT_FOUND),
            Some(shard) if shard.closed.is_some() => Err(INVALID),
            Some(shard) => Ok(shard),
        };
        match wanted {
            Pending::Split(index) => {
                let (start, end) = open(index)?.range;
                let middle = middle((start, end));
                if middle <= start + 1 || middle >= end {
                    return Err(INVALID);
                }
            }
            Pending::Merge(left, right) => {
                let (left, right) = (open(left)?, open(right)?);
                if left.range.1.checked_add(1) != Some(right.range.0) {
                    return Err(INVALID);
                }
            }
            Pending::Scale(target) => {
                let count = stream.open().len();
                if target == count {
                    return Ok(());
                }
                if target > 2 * count || target < count.div_ceil(2) {
                    return Err(INVALID);
                }
            }
        }
        stream.life = Life::Updating(now + DELAY, Some(wanted));
        Ok(())
    }

    pub(super) fn switch(&mut self, name: &str, on_demand: bool) -> Expected {
        let until = self.now + DELAY;
        let stream = self.active(name)?;
        if stream.on_demand != on_demand {
            stream.on_demand = on_demand;
            stream.life = Life::Updating(until, None);
        }
        Ok(())
    }

    pub(super) fn retain(&mut self, name: &str, increase: bool, hours: u64) -> Expected {
        let now = self.now;
        let stream = self.active(name)?;
        let known = stream.retention_hours;
        if (increase && hours < known) || (!increase && hours > known) {
            return Err(INVALID);
        }
        stream.trimmed_before = stream.horizon(now);
        stream.retention_hours = hours;
        Ok(())
    }
}

impl Stream {
    /// Arrivals before this cannot be read.
    pub(super) fn horizon(&self, now: u64) -> u64 {
        self.trimmed_before.max(now.saturating_sub(self.retention_hours * HOUR))
    }

    pub(super) fn is_expired(&self, shard: &Shard, now: u64) -> bool {
        shard.closed.is_some_and(|closed| closed < self.horizon(now))
    }

    /// Open shards in the order of their ranges, by number.
    pub(super) fn open(&self) -> Vec<usize> {
        let mut open: Vec<_> = (0..self.shards.len()).filter(|index| self.shards[*index].closed.is_none()).collect();
        open.sort_by_key(|index| self.shards[*index].range);
        open
    }

    /// The shard that takes a key.
    pub(super) fn route(&self, key: &str) -> usize {
        let HashKey(hash) = HashKey::of_partition_key(key.as_bytes());
        let takes = |shard: &Shard| shard.closed.is_none() && shard.range.0 <= hash && hash <= shard.range.1;
        self.shards.iter().position(takes).expect("open shards cover every key")
    }

    /// The ranges that are open once `pending` is done, if it says.
    pub(super) fn ranges_after(&self, pending: Pending) -> Option<Vec<(u128, u128)>> {
        let ranges = self.open().into_iter().map(|index| (index, self.shards[index].range));
        match pending {
            Pending::Split(parent) => Some(
                ranges
                    .flat_map(|(index, (start, end))| {
                        let middle = middle((start, end));
                        if index == parent { vec![(start, middle - 1), (middle, end)] } else { vec![(start, end)] }
                    })
                    .collect(),
            ),
            Pending::Merge(left, right) => Some(
                ranges
                    .filter(|(index, _)| *index != right)
                    .map(|(index, (start, end))| (start, if index == left { self.shards[right].range.1 } else { end }))
                    .collect(),
            ),
            Pending::Scale(_) => None,
        }
    }
}

/// Where a shard is split in this test.
pub(super) fn middle((start, end): (u128, u128)) -> u128 {
    start + (end - start) / 2
}
