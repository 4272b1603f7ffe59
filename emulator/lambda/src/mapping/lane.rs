//! One lane of a shard: makes batches of its records and sees each through before the next.
//!
//! Pure: it is told the time and how its invocation ended, and says what to do. Invariant: records leave in the order
//! in which they came, so the batch at work, and whatever was split from it, goes before the queue.

use std::collections::VecDeque;
use std::time::Duration;

use env::Timestamp;

use crate::mapping::answer::{self, Verdict};
use crate::mapping::batch::{Batch, Cause, Discarded, Queued};
use crate::mapping::event;
use crate::mapping::ledger::Ordinal;
use crate::mapping::outcome::{LastCall, Outcome};
use crate::mapping::record::{Record, SequenceNumber};
use crate::mapping::retry;
use crate::mapping::settings::Settings;
use crate::mapping::window::Window;

#[derive(Debug, Default)]
pub(super) struct Lane {
    /// The tumbling window that is open.
    window: Option<Window>,
    queue: VecDeque<Queued>,
    /// Event bytes of the queue.
    queued_bytes: usize,
    /// When the batching window of the queue opened.
    waits_since: Option<Timestamp>,
    /// The batch at work first, then what was split from it.
    work: VecDeque<Batch>,
    /// The batch at work is with the function.
    in_flight: bool,
    /// Records that are given up and that the failure destination has yet to take. Until it has, nothing behind them moves.
    parting: Settled,
}

/// What a lane wants now.
pub(super) enum Step {
    /// Send the batch at work.
    Invoke,
    /// Nothing before [`Lane::wakes_at`], unless something happens.
    Wait,
    /// These records are given up; ask again.
    Discard(Discarded),
}

/// What the lane needs to know to decide.
#[derive(Clone, Copy)]
pub(super) struct Circumstances<'a> {
    pub(super) settings: &'a Settings,
    pub(super) shard: Standing,
    pub(super) now: Timestamp,
}

/// What the last read, and the last look at the stream, said about the shard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// How long the stream keeps records.
    pub(super) retention: Option<Duration>,
    /// The shard has no more to give, so no window is worth waiting for.
    pub(super) at_end: bool,
    /// The shard has more than was read, so that time alone says nothing about a tumbling window.
    pub(super) is_behind: bool,
}

impl Standing {
    /// Before the first read.
    pub(super) const UNKNOWN: Self = Self { retention: None, at_end: false, is_behind: true };
}

/// Records that need nothing more, in their order.
pub(super) type Settled = Vec<(Ordinal, SequenceNumber)>;

impl Lane {
    /// A lane that goes on in `window`.
    pub(super) fn in_window(window: Option<Window>) -> Self {
        Self { window, ..Self::default() }
    }

    /// The tumbling window that is open.
    pub(super) fn window(&self) -> Option<&Window> {
        self.window.as_ref()
    }

    /// Whether the batch at work closes the tumbling window.
    pub(super) fn closes_window(&self) -> bool {
        self.work.front().is_some_and(|batch| batch.closes_window)
    }

    /// Takes the next record.
    pub(super) fn push(&mut self, queued: Queued, now: Timestamp) {
        self.waits_since.get_or_insert(now);
        self.queued_bytes += queued.size;
        self.queue.push_back(queued);
    }

    /// Whether another record could be sent sooner than what it has.
    pub(super) fn is_hungry(&self, settings: &Settings) -> bool {
        !self.in_flight && !self.is_parting() && self.work.is_empty() && !self.is_full(settings)
    }

    pub(super) fn is_in_flight(&self) -> bool {
        self.in_flight
    }

    /// Whether the failure destination has yet to take records.
    pub(super) fn is_parting(&self) -> bool {
        !self.parting.is_empty()
    }

    /// The failure destination took them.
    pub(super) fn parted(&mut self) -> Settled {
        std::mem::take(&mut self.parting)
    }

    /// Event bytes that wait for a batch.
    pub(super) fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    /// The records that are to be sent, or are with the function.
    pub(super) fn batch(&self) -> impl ExactSizeIterator<Item = &Record> + Clone {
        self.work.front().map_or(&[][..], |batch| &batch.records).iter().map(|queued| &queued.record)
    }

    /// What to do now. Records that it settles on the way are added to `settled`.
    pub(super) fn step(&mut self, around: Circumstances<'_>, settled: &mut Settled) -> Step {
        if self.in_flight || self.is_parting() || self.wakes_at(around).is_none_or(|at| around.now < at) {
            return Step::Wait;
        }
        if self.work.is_empty() {
            let batch = self.next_batch(around);
            self.work.push_back(batch);
        }
        let room = self.room();
        let Some(batch) = self.work.front_mut() else { return Step::Wait };
        if let Some(expired) = drop_expired(batch, around) {
            let settlements: Vec<_> = expired.iter().map(settlement).collect();
            let discarded = discarded_of(batch, Cause::RecordAgeExceeded, expired);
            self.drop_empty_batch();
            self.part_with(settlements, around.settings, settled);
            return Step::Discard(discarded);
        }
        if batch.records.len() == 1 && batch.records[0].size > room {
            return Step::Discard(self.give_up(Cause::EventTooLarge, around.settings, settled));
        }
        batch.calls = batch.calls.saturating_add(1);
        self.in_flight = true;
        Step::Invoke
    }

    /// When there is something to do although nothing happens; `None` if there never is.
    pub(super) fn wakes_at(&self, around: Circumstances<'_>) -> Option<Timestamp> {
        if self.in_flight || self.is_parting() {
            return None;
        }
        match self.work.front() {
            Some(batch) => Some(batch.not_before),
            None => self.next_batch_due(around),
        }
    }

    /// The function is done with the batch at work. Returns what is given up, if anything.
    pub(super) fn ended(
        &mut self,
        outcome: Outcome,
        call: LastCall,
        around: Circumstances<'_>,
        settled: &mut Settled,
    ) -> Option<Discarded> {
        self.in_flight = false;
        if let Some(batch) = self.work.front_mut() {
            batch.last_call = Some(call);
        }
        if self.waits_since.is_some() {
            self.waits_since = Some(around.now);
        }
        let verdict = match outcome {
            Outcome::Returned(answer) => self.judge(&answer, around.settings),
            Outcome::Failed => Verdict::Failed,
            Outcome::NotRun => {
                self.pause(around.now);
                return None;
            }
        };
        let failed_from = match verdict {
            Verdict::Success => return self.succeed(settled),
            Verdict::FailedFrom(index) => index,
            Verdict::Failed => 0,
        };
        self.fail(failed_from, around, settled)
    }

    /// What the function's answer means for the batch at work. A tumbling window takes its state from it.
    fn judge(&mut self, answer: &[u8], settings: &Settings) -> Verdict {
        if self.closes_window() {
            return Verdict::Success;
        }
        let place_of = |item: &str| self.batch().position(|record| record.sequence_number.as_str() == item);
        let verdict = if settings.report_item_failures { answer::read(answer, place_of) } else { Verdict::Success };
        let Some(window) = self.window.as_mut().filter(|_| verdict != Verdict::Failed) else { return verdict };
        if window.fold(answer) { verdict } else { Verdict::Failed }
    }

    fn succeed(&mut self, settled: &mut Settled) -> Option<Discarded> {
        let batch = self.work.pop_front()?;
        if batch.closes_window {
            self.window = None;
        }
        settled.extend(batch.records.iter().map(settlement));
        None
    }

    /// Records before `failed_from` are done, the others failed.
    fn fail(&mut self, failed_from: usize, around: Circumstances<'_>, settled: &mut Settled) -> Option<Discarded> {
        let batch = self.work.front_mut()?;
        settled.extend(batch.records.drain(..failed_from).map(|queued| settlement(&queued)));
        if around.settings.bisect_on_error && failed_from > 0 {
            // The answer has cut the batch; no need to guess where.
            batch.start_over();
            return None;
        }
        if around.settings.bisect_on_error && batch.records.len() > 1 {
            let tail = batch.halve();
            self.work.insert(1, tail);
            return None;
        }
        batch.failed_attempts = batch.failed_attempts.saturating_add(1);
        if around.settings.maximum_retry_attempts.is_some_and(|retries| batch.failed_attempts > retries) {
            if batch.closes_window {
                // There are no records to be told of; what the window gathered is lost with it.
                return self.succeed(settled);
            }
            return Some(self.give_up(Cause::RetryAttemptsExhausted, around.settings, settled));
        }
        self.pause(around.now);
        None
    }

    /// Discards the batch at work.
    fn give_up(&mut self, cause: Cause, settings: &Settings, settled: &mut Settled) -> Discarded {
        let mut batch = self.work.pop_front().expect("only a batch at work is given up");
        self.part_with(batch.records.iter().map(settlement).collect(), settings, settled);
        let records = std::mem::take(&mut batch.records);
        discarded_of(&batch, cause, records)
    }

    /// Records that are given up are settled when the failure destination has them, at once if there is none.
    fn part_with(&mut self, records: Settled, settings: &Settings, settled: &mut Settled) {
        match settings.on_failure {
            Some(_) => self.parting.extend(records),
            None => settled.extend(records),
        }
    }

    fn pause(&mut self, now: Timestamp) {
        if let Some(batch) = self.work.front_mut() {
            batch.setbacks = batch.setbacks.saturating_add(1);
            batch.not_before = now + retry::pause(batch.setbacks);
        }
    }

    fn drop_empty_batch(&mut self) {
        if self.work.front().is_some_and(|batch| batch.records.is_empty()) {
            self.work.pop_front();
        }
    }

    /// When the next batch is to be made; `None` if there is nothing to make one of.
    fn next_batch_due(&self, around: Circumstances<'_>) -> Option<Timestamp> {
        if self.must_close_window(around) {
            return Some(around.now);
        }
        let window_end = self.window.as_ref().filter(|_| !around.shard.is_behind).map(|window| window.end);
        let Some(since) = self.waits_since else { return window_end };
        let at_once = around.shard.at_end || self.is_full(around.settings);
        let due = if at_once { around.now } else { since + around.settings.batching_window };
        Some(window_end.map_or(due, |end| due.min(end)))
    }

    /// Whether the open tumbling window has had all its records.
    fn must_close_window(&self, around: Circumstances<'_>) -> bool {
        let Some(window) = &self.window else { return false };
        match self.queue.front() {
            Some(next) => !window.takes(next.record.arrival),
            None if window.is_terminated_early || around.shard.at_end => true,
            None => !around.shard.is_behind && window.end <= around.now,
        }
    }

    fn is_full(&self, settings: &Settings) -> bool {
        self.queue.len() >= settings.batch_len() || self.queued_bytes >= self.room()
    }

    /// Bytes that records may take in the next event.
    fn room(&self) -> usize {
        let window = self.window.as_ref().map_or(0, event::window_size);
        event::LIMIT.saturating_sub(event::WRAPPING + window)
    }

    /// A batch from the queue: as many records as settings, event limit and tumbling window allow, at least one.
    fn next_batch(&mut self, around: Circumstances<'_>) -> Batch {
        if self.must_close_window(around) {
            return Batch::closing_window();
        }
        if let (None, Some(length), Some(next)) = (&self.window, around.settings.tumbling_window, self.queue.front()) {
            self.window = Some(Window::around(next.record.arrival, length));
        }
        let room = self.room();
        let mut bytes = 0;
        let fits = self.queue.iter().take(around.settings.batch_len()).take_while(|queued| {
            bytes += queued.size;
            bytes <= room && self.window.as_ref().is_none_or(|window| window.takes(queued.record.arrival))
        });
        let length = fits.count().max(1).min(self.queue.len());
        let records: Vec<_> = self.queue.drain(..length).collect();
        self.queued_bytes -= records.iter().map(|queued| queued.size).sum::<usize>();
        if self.queue.is_empty() {
            self.waits_since = None;
        }
        Batch::new(records)
    }
}

/// Takes the records at the front of `batch` that are too old to be sent.
fn drop_expired(batch: &mut Batch, around: Circumstances<'_>) -> Option<Vec<Queued>> {
    let limit = [around.settings.maximum_record_age, around.shard.retention].into_iter().flatten().min()?;
    let is_fresh = |queued: &Queued| around.now.since(queued.record.arrival) <= limit;
    let expired = batch.records.iter().position(is_fresh).unwrap_or(batch.records.len());
    (expired > 0).then(|| batch.records.drain(..expired).collect())
}

fn discarded_of(batch: &Batch, cause: Cause, records: Vec<Queued>) -> Discarded {
    let records = records.into_iter().map(|queued| queued.record).collect();
    Discarded { cause, records, calls: batch.calls, last_call: batch.last_call.clone() }
}

fn settlement(queued: &Queued) -> (Ordinal, SequenceNumber) {
    (queued.ordinal, queued.record.sequence_number.clone())
}
