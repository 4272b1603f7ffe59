//! The machine that works off one shard: records arrive, time passes, invocations end, and it says what to do next.
//!
//! Pure: no I/O, no clock, no task. The [worker](super::worker) tells it what happened through its methods, then asks
//! [`Machine::decide`] and obeys; between two calls it may read and wait as [`Machine::wants`] and
//! [`Machine::wakes_at`] say. It leaves batches to its lanes and keeps the checkpoint itself.
//!
//! Invariants: records of one partition key are delivered in the order of the shard; the checkpoint never passes a
//! record that is not settled; memory is bounded by the batch settings, however long the shard is.

#[cfg(test)]
mod script;
#[cfg(test)]
mod window_script;

use std::time::Duration;

use env::Timestamp;

use crate::mapping::batch::{Discarded, Queued};
use crate::mapping::checkpoint::{Checkpoint, Position, lane_of};
use crate::mapping::event;
use crate::mapping::lane::{Circumstances, Lane, Settled, Standing, Step};
use crate::mapping::ledger::Ledger;
use crate::mapping::outcome::{LastCall, Outcome};
use crate::mapping::record::Record;
use crate::mapping::settings::Settings;
use crate::mapping::source::Page;
use crate::mapping::window::Window;

/// What to do, in this order.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Invoke the function with [`Machine::batch`] of this lane and report with [`Machine::ended`].
    Invoke(usize),
    /// These records are given up, and nobody is to be told.
    Discard(Discarded),
    /// These records of the lane are given up: tell the failure destination, and report with [`Machine::delivered`] when it
    /// has taken them.
    Deliver(usize, Discarded),
    /// Store this.
    Checkpoint(Checkpoint),
    /// The shard is closed and everything in it settled: its children may start.
    Finish,
}

/// What a read should bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadRequest {
    /// At most so many records.
    pub records: usize,
    /// At most so many bytes of data and keys, but one record even if it is larger.
    pub bytes: usize,
    /// Whether to wait if there is nothing. If not, that there is nothing is the answer.
    pub waits: bool,
}

/// The state of one shard under one mapping.
#[derive(Debug)]
pub(crate) struct Machine {
    settings: Settings,
    /// Bytes of an event that a record takes besides its own values.
    envelope: usize,
    shard: Standing,
    /// Where to read on.
    position: Position,
    checkpoint: Checkpoint,
    /// The checkpoint differs from what was last decided to be stored.
    unstored: bool,
    ledger: Ledger,
    lanes: Vec<Lane>,
    /// Given up since the last decision.
    discarded: Vec<(usize, Discarded)>,
    finished: bool,
    /// No more invocations are to start.
    stopping: bool,
}

impl Machine {
    /// Goes on from `checkpoint`.
    pub(crate) fn new(settings: Settings, checkpoint: Checkpoint, envelope: usize) -> Self {
        Self {
            lanes: lanes(&settings, &checkpoint),
            settings,
            envelope,
            shard: Standing::UNKNOWN,
            position: checkpoint.position.clone(),
            checkpoint,
            unstored: false,
            ledger: Ledger::default(),
            discarded: Vec::new(),
            finished: false,
            stopping: false,
        }
    }

    /// The next records of the shard were read.
    pub(crate) fn arrived(&mut self, page: Page, now: Timestamp) {
        for record in page.records {
            self.position = Position::After(record.sequence_number.clone());
            let ordinal = self.ledger.enter(record.sequence_number.clone());
            if self.checkpoint.covers(&record) || !self.settings.filters.admit(&record) {
                self.ledger.settle(ordinal);
                continue;
            }
            let size = event::record_size(&record, self.envelope);
            let lane = lane_of(&record.partition_key, self.lanes.len());
            self.lanes[lane].push(Queued { ordinal, record, size }, now);
        }
        self.shard.at_end = page.at_end;
        self.shard.is_behind = page.is_behind;
        self.settle(0, Vec::new());
    }

    /// The invocation of `lane` ended.
    pub(crate) fn ended(&mut self, lane: usize, outcome: Outcome, call: LastCall, now: Timestamp) {
        let around = Circumstances { settings: &self.settings, shard: self.shard, now };
        let mut settled = Settled::new();
        let discarded = self.lanes[lane].ended(outcome, call, around, &mut settled);
        self.discarded.extend(discarded.map(|discarded| (lane, discarded)));
        self.settle(lane, settled);
    }

    /// The failure destination took what `lane` gave up.
    pub(crate) fn delivered(&mut self, lane: usize) {
        let settled = self.lanes[lane].parted();
        self.settle(lane, settled);
    }

    /// The owner changed the settings. They hold from the next batch on.
    pub(crate) fn reconfigure(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// How long the stream keeps records, as far as is known.
    pub(crate) fn keeps(&mut self, retention: Duration) {
        self.shard.retention = Some(retention);
    }

    /// No more invocations: the mapping is disabled or the emulator stops.
    pub(crate) fn stop(&mut self) {
        self.stopping = true;
    }

    /// Whether it was told to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// The envelope of a record has another size from now on.
    pub(crate) fn resize_envelope(&mut self, envelope: usize) {
        self.envelope = envelope;
    }

    /// What to do now. Empty when there is nothing until the next event.
    pub(crate) fn decide(&mut self, now: Timestamp) -> Vec<Decision> {
        self.change_lanes();
        let mut invocations = Vec::new();
        for lane in 0..self.lanes.len() {
            if self.stopping || self.lanes_must_change() {
                break;
            }
            loop {
                let mut settled = Settled::new();
                let around = Circumstances { settings: &self.settings, shard: self.shard, now };
                let step = self.lanes[lane].step(around, &mut settled);
                self.settle(lane, settled);
                match step {
                    Step::Wait => break,
                    Step::Invoke => invocations.push(Decision::Invoke(lane)),
                    Step::Discard(discarded) => self.discarded.push((lane, discarded)),
                }
            }
        }
        // The checkpoint moves past records only after the failure destination was told of them, and before the next
        // call: what a crash repeats is what was in flight.
        let lanes = &self.lanes;
        let mut decisions: Vec<_> = self
            .discarded
            .drain(..)
            .map(|(lane, discarded)| match lanes[lane].is_parting() {
                true => Decision::Deliver(lane, discarded),
                false => Decision::Discard(discarded),
            })
            .collect();
        if std::mem::take(&mut self.unstored) {
            decisions.push(Decision::Checkpoint(self.checkpoint.clone()));
        }
        decisions.extend(invocations);
        if self.shard.at_end && self.ledger.len() == 0 && self.window().is_none() && !self.finished {
            self.finished = true;
            decisions.push(Decision::Finish);
        }
        decisions
    }

    /// The records that a decision to invoke is about.
    pub(crate) fn batch(&self, lane: usize) -> impl ExactSizeIterator<Item = &Record> + Clone {
        self.lanes[lane].batch()
    }

    /// The tumbling window of [`Self::batch`], and whether this call is its last.
    pub(crate) fn batch_window(&self, lane: usize) -> Option<(&Window, bool)> {
        let lane = &self.lanes[lane];
        lane.window().map(|window| (window, lane.closes_window()))
    }

    /// Where and how much to read now; `None` if it has enough.
    pub(crate) fn wants(&self) -> Option<(&Position, ReadRequest)> {
        if self.shard.at_end || self.stopping || self.lanes_must_change() {
            return None;
        }
        if !self.lanes.iter().any(|lane| lane.is_hungry(&self.settings)) {
            return None;
        }
        // One lane reads what its batch lacks. Several read ahead, so that a busy key does not starve the others,
        // but not without bound: behind a lane that is stuck they come to a stop.
        let lanes = self.lanes.len();
        let most = self.settings.batch_len() * if lanes == 1 { 1 } else { 2 * lanes };
        let bytes: usize = self.lanes.iter().map(Lane::queued_bytes).sum();
        let records = if bytes < event::LIMIT * lanes { most.saturating_sub(self.ledger.len()) } else { 0 };
        // Whether a tumbling window has had all its records cannot be told before the tip is reached.
        let waits = self.window().is_none() || !self.shard.is_behind;
        (records > 0).then_some((&self.position, ReadRequest { records, bytes: event::LIMIT, waits }))
    }

    /// When to decide again although nothing happened; `None` if never.
    pub(crate) fn wakes_at(&self, now: Timestamp) -> Option<Timestamp> {
        if self.stopping || self.lanes_must_change() {
            return None;
        }
        let around = Circumstances { settings: &self.settings, shard: self.shard, now };
        self.lanes.iter().filter_map(|lane| lane.wakes_at(around)).min()
    }

    fn is_in_flight(&self) -> bool {
        self.lanes.iter().any(|lane| lane.is_in_flight() || lane.is_parting())
    }

    /// An open tumbling window is seen to its end first: lanes know nothing of each other's states.
    fn lanes_must_change(&self) -> bool {
        self.lanes.len() != self.settings.lanes() && self.window().is_none()
    }

    /// The tumbling window that is open. Only a shard with one lane has any.
    fn window(&self) -> Option<&Window> {
        self.lanes.first().and_then(Lane::window)
    }

    /// Takes up a new number of lanes once no invocation is under way. What is not settled is read again and falls
    /// into its new lane; the checkpoint's marks keep what is settled from being delivered twice.
    fn change_lanes(&mut self) {
        if self.lanes_must_change() && !self.is_in_flight() {
            self.lanes = lanes(&self.settings, &self.checkpoint);
            self.ledger.clear();
            self.position = self.checkpoint.position.clone();
            self.shard = Standing { retention: self.shard.retention, ..Standing::UNKNOWN };
        }
    }

    /// Strikes records of `lane` from the ledger and moves the checkpoint.
    fn settle(&mut self, lane: usize, settled: Settled) {
        let settles = !settled.is_empty();
        let last = settled.last().map(|(_, number)| number.clone());
        for (ordinal, _) in settled {
            self.ledger.settle(ordinal);
        }
        if let Some(number) = last.filter(|_| self.lanes.len() > 1) {
            self.checkpoint.mark(self.lanes.len(), lane, number);
            self.unstored = true;
        }
        if let Some(number) = self.ledger.advance() {
            self.checkpoint.advance(number);
            self.unstored = true;
        }
        // A window changes when its records are settled and when it closes; that it was opened need not be known.
        let window = self.window();
        if (settles || window.is_none()) && window != self.checkpoint.window.as_ref() {
            self.checkpoint.window = self.window().cloned();
            self.unstored = true;
        }
    }
}

/// Fresh lanes; the first goes on in the window that is open.
fn lanes(settings: &Settings, checkpoint: &Checkpoint) -> Vec<Lane> {
    let mut lanes: Vec<_> = (0..settings.lanes()).map(|_| Lane::default()).collect();
    if let Some(first) = lanes.first_mut() {
        *first = Lane::in_window(checkpoint.window.clone());
    }
    lanes
}
