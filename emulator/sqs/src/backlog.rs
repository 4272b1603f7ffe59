//! The messages of one queue: which can be received when, and by whom they wait for whom. Pure: time is an argument.
//!
//! A standard queue gives out what has been available longest. In a FIFO queue a group is given out in the order of its sends
//! and only while none of it is in flight. Invariant: every message is once in `messages` and once in `available`, and once in
//! its group if it has one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use env::Timestamp;

use crate::message::{Delivery, Message};

/// A message and its deliveries.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Held {
    pub(crate) message: Arc<Message>,
    pub(crate) delivery: Delivery,
}

/// The messages of a queue by sequence, which is the order of their sends.
pub(crate) struct Backlog {
    fifo: bool,
    messages: BTreeMap<u64, Held>,
    available: BTreeSet<(Timestamp, u64)>,
    groups: HashMap<String, BTreeSet<u64>>,
}

/// What a receiver asks for, and what the queue allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Take {
    pub(crate) most: usize,
    pub(crate) visibility: Duration,
    pub(crate) retention: Duration,
    /// How often a message is delivered before it is a dead letter.
    pub(crate) most_receives: Option<u32>,
}

/// What came of it.
#[derive(Default, PartialEq, Debug)]
pub(crate) struct Taken {
    pub(crate) delivered: Vec<(u64, Held)>,
    /// Gone because they were kept long enough.
    pub(crate) expired: Vec<u64>,
    /// Gone because they were delivered often enough.
    pub(crate) dead: Vec<(u64, Held)>,
}

/// How many messages there are.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Counts {
    pub(crate) available: usize,
    pub(crate) in_flight: usize,
    pub(crate) delayed: usize,
}

impl Backlog {
    pub(crate) fn new(fifo: bool) -> Self {
        Self { fifo, messages: BTreeMap::new(), available: BTreeSet::new(), groups: HashMap::new() }
    }

    /// Adds a message.
    pub(crate) fn insert(&mut self, sequence: u64, held: Held) {
        self.available.insert((held.delivery.available, sequence));
        if let Some(group) = self.group_of(&held) {
            self.groups.entry(group).or_default().insert(sequence);
        }
        self.messages.insert(sequence, held);
    }

    /// Removes a message, if it is there.
    pub(crate) fn remove(&mut self, sequence: u64) -> Option<Held> {
        let held = self.messages.remove(&sequence)?;
        self.available.remove(&(held.delivery.available, sequence));
        if let Some(group) = self.group_of(&held)
            && let Some(members) = self.groups.get_mut(&group)
        {
            members.remove(&sequence);
            if members.is_empty() {
                self.groups.remove(&group);
            }
        }
        Some(held)
    }

    /// Groups order nothing in a standard queue.
    fn group_of(&self, held: &Held) -> Option<String> {
        held.message.group.clone().filter(|_| self.fifo)
    }

    pub(crate) fn get(&self, sequence: u64) -> Option<&Held> {
        self.messages.get(&sequence)
    }

    /// Makes a message available at another time. `None` if it is not there.
    pub(crate) fn reschedule(&mut self, sequence: u64, delivery: Delivery) -> Option<()> {
        let held = self.messages.get_mut(&sequence)?;
        self.available.remove(&(held.delivery.available, sequence));
        self.available.insert((delivery.available, sequence));
        held.delivery = delivery;
        Some(())
    }

    /// Everything that is there; it is empty afterwards.
    pub(crate) fn drain(&mut self) -> Vec<u64> {
        let all = std::mem::replace(self, Self::new(self.fifo));
        all.messages.into_keys().collect()
    }

    /// When the next message becomes available that is not yet.
    pub(crate) fn next_available(&self, now: Timestamp) -> Option<Timestamp> {
        self.available.range((now + Duration::from_millis(1), 0)..).next().map(|(at, _)| *at)
    }

    /// Gives out messages.
    pub(crate) fn take(&mut self, now: Timestamp, take: Take) -> Taken {
        let mut taken = Taken::default();
        if self.fifo {
            self.take_groups(now, take, &mut taken);
        } else {
            self.take_any(now, take, &mut taken);
        }
        taken
    }

    fn take_any(&mut self, now: Timestamp, take: Take, taken: &mut Taken) {
        let mut from = (Timestamp::EPOCH, 0);
        while taken.delivered.len() < take.most {
            let Some((at, sequence)) = self.available.range(from..=(now, u64::MAX)).next().copied() else { return };
            // What is taken with no timeout is available at once, but not for the same receiver twice.
            from = (at, sequence + 1);
            self.take_one(sequence, now, take, taken);
        }
    }

    fn take_groups(&mut self, now: Timestamp, take: Take, taken: &mut Taken) {
        let mut free: Vec<Vec<u64>> =
            self.groups.values().filter_map(|group| self.free_part(group, now, take)).collect();
        free.sort_unstable();
        for sequence in free.into_iter().flatten() {
            if taken.delivered.len() >= take.most {
                return;
            }
            self.take_one(sequence, now, take, taken);
        }
    }

    /// The beginning of a group that can be given out now.
    fn free_part(&self, group: &BTreeSet<u64>, now: Timestamp, take: Take) -> Option<Vec<u64>> {
        let deliveries =
            || group.iter().filter_map(|sequence| Some((*sequence, &self.messages.get(sequence)?.delivery)));
        // What was received before is the beginning of the group.
        if deliveries()
            .take_while(|(_, delivery)| delivery.receives > 0)
            .any(|(_, delivery)| delivery.is_in_flight(now))
        {
            return None;
        }
        let free = deliveries().take_while(|(_, delivery)| delivery.available <= now).map(|(sequence, _)| sequence);
        // Those that turn out to be over do not count; the next call finds what is behind them.
        let free: Vec<u64> = free.take(take.most * 2).collect();
        (!free.is_empty()).then_some(free)
    }

    fn take_one(&mut self, sequence: u64, now: Timestamp, take: Take, taken: &mut Taken) {
        let Some(held) = self.messages.get(&sequence) else { return };
        if held.message.sent + take.retention <= now {
            self.remove(sequence);
            taken.expired.push(sequence);
        } else if take.most_receives.is_some_and(|most| held.delivery.receives >= most) {
            taken.dead.extend(self.remove(sequence).map(|held| (sequence, held)));
        } else {
            let delivery = Delivery {
                available: now + take.visibility,
                receives: held.delivery.receives.saturating_add(1),
                first_received: held.delivery.first_received.or(Some(now)),
            };
            let held = Held { message: Arc::clone(&held.message), delivery: delivery.clone() };
            self.reschedule(sequence, delivery);
            taken.delivered.push((sequence, held));
        }
    }

    /// How many there are that were not kept too long.
    pub(crate) fn counts(&self, now: Timestamp, retention: Duration) -> Counts {
        let mut counts = Counts::default();
        for held in self.messages.values().filter(|held| held.message.sent + retention > now) {
            let count = if held.delivery.available <= now {
                &mut counts.available
            } else if held.delivery.receives > 0 {
                &mut counts.in_flight
            } else {
                &mut counts.delayed
            };
            *count += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests;
