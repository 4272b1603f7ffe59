//! The task around the machine of one shard: reads, invokes, obeys, and stores the checkpoint.
//!
//! All decisions are the [machine](super::machine)'s; this file only carries them out. It is woken by records, by the
//! end of an invocation, by a deadline of the machine's and by a change of the mapping, never by a timer of its own
//! while all is well.
//!
//! Invariant: a checkpoint is stored before the next invocation begins, so what a crash repeats is what was in flight.

use std::sync::Arc;

use env::Timestamp;
use futures_util::StreamExt as _;
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;

use crate::invoke;
use crate::mapping::batch::Discarded;
use crate::mapping::catalog::Followed;
use crate::mapping::checkpoint::{Checkpoint, Position};
use crate::mapping::definition::Mapping;
use crate::mapping::event::{self, Origin};
use crate::mapping::letter::Letter;
use crate::mapping::machine::{Decision, Machine, ReadRequest};
use crate::mapping::outcome::{LastCall, Outcome, Response};
use crate::mapping::parting::Parting;
use crate::mapping::progress::Progress;
use crate::mapping::report;
use crate::mapping::retry;
use crate::mapping::settings::Settings;
use crate::mapping::site::Site;
use crate::mapping::source::{Page, ShardAddress, SourceError};
use crate::name::FunctionArn;

/// Why a worker is done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The shard was read to its end.
    Finished,
    /// It was asked to stop.
    Stopped,
    /// The shard is no longer there, or its end could not be stored.
    Lost,
}

/// One shard under one mapping.
pub(super) struct Worker {
    site: Arc<Site>,
    mapping: Followed,
    stop: watch::Receiver<bool>,
    incarnation: String,
    shard: String,
    origin: Origin,
    machine: Machine,
    /// The mapping whose settings the machine has.
    obeyed: Arc<Mapping>,
    in_flight: FuturesUnordered<BoxFuture<'static, Invocation>>,
    /// Failure destinations that are being told.
    partings: FuturesUnordered<BoxFuture<'static, Option<usize>>>,
    /// Reads that failed in a row, and when to try again.
    failed_reads: u32,
    reads_again_at: Option<Timestamp>,
    is_lost: bool,
}

/// An invocation that ended.
struct Invocation {
    lane: usize,
    function: FunctionArn,
    request_id: String,
    outcome: invoke::Outcome,
}

impl Worker {
    /// A worker that goes on from the checkpoint in this incarnation of the stream, with the settings of `obeyed`, which were
    /// opened. It ends soon after `stop` says true.
    pub(super) fn new(
        site: Arc<Site>,
        mapping: Followed,
        stop: watch::Receiver<bool>,
        incarnation: String,
        shard: String,
        obeyed: Arc<Mapping>,
        (settings, checkpoint): (Settings, Checkpoint),
    ) -> Self {
        let origin = Origin {
            shard_id: shard.clone(),
            event_source_arn: obeyed.event_source_arn.clone(),
            invoke_identity_arn: site.functions.role(&obeyed.function).unwrap_or_default(),
            region: obeyed.world.0.region.clone(),
        };
        let machine = Machine::new(settings, checkpoint, event::envelope_size(&origin));
        Self {
            site,
            mapping,
            stop,
            incarnation,
            shard,
            origin,
            machine,
            obeyed,
            in_flight: FuturesUnordered::new(),
            partings: FuturesUnordered::new(),
            failed_reads: 0,
            reads_again_at: None,
            is_lost: false,
        }
    }

    /// Works until the shard ends or it is stopped. Invocations under way are waited for.
    pub(super) async fn run(mut self) -> Ended {
        loop {
            if let Some(ended) = self.obey().await {
                return ended;
            }
            let now = self.site.env.clock.now();
            let deadline = [self.machine.wakes_at(now), self.reads_again_at].into_iter().flatten().min();
            let wants = self.wants();
            let mapping = self.mapping.borrow().clone();
            let address = ShardAddress {
                world: &mapping.world.0,
                source: &mapping.event_source_arn,
                incarnation: &self.incarnation,
                shard: &self.shard,
            };
            let follows = !self.machine.is_stopping();
            tokio::select! {
                Some(invocation) = self.in_flight.next() => self.ended(invocation).await,
                Some(taken) = self.partings.next() => if let Some(lane) = taken {
                    self.machine.delivered(lane);
                },
                page = read(&self.site, address, wants.as_ref()), if wants.is_some() => {
                    self.read(page).await;
                }
                () = self.site.env.clock.sleep_until(deadline.unwrap_or_default()), if deadline.is_some() => {
                    self.reads_again_at = self.reads_again_at.filter(|at| self.site.env.clock.now() < *at);
                }
                changed = self.mapping.changed(), if follows => match changed {
                    Ok(()) => self.reconfigure(),
                    // The mapping was removed.
                    Err(_) => self.machine.stop(),
                },
                () = said_so(&mut self.stop), if follows => self.machine.stop(),
            }
        }
    }

    /// Carries out what the machine decides.
    async fn obey(&mut self) -> Option<Ended> {
        for decision in self.machine.decide(self.site.env.clock.now()) {
            match decision {
                Decision::Invoke(lane) => self.invoke(lane),
                Decision::Discard(discarded) => self.discard(&discarded),
                Decision::Deliver(lane, discarded) => self.part(lane, discarded),
                Decision::Checkpoint(checkpoint) => {
                    // Not stored is no harm but repetition, and the next one covers it.
                    self.store(Progress::Reading(checkpoint)).await;
                }
                Decision::Finish if self.store(Progress::Finished).await => return Some(Ended::Finished),
                Decision::Finish => return Some(Ended::Lost),
            }
        }
        let is_done = self.machine.is_stopping() && self.in_flight.is_empty() && self.partings.is_empty();
        is_done.then_some(if self.is_lost { Ended::Lost } else { Ended::Stopped })
    }

    fn invoke(&mut self, lane: usize) {
        let function = self.mapping.borrow().function.clone();
        if let Some(role) = self.site.functions.role(&function).filter(|role| *role != self.origin.invoke_identity_arn)
        {
            self.origin.invoke_identity_arn = role;
            self.machine.resize_envelope(event::envelope_size(&self.origin));
        }
        let payload = event::encode(&self.origin, self.machine.batch(lane), self.machine.batch_window(lane));
        let functions = Arc::clone(&self.site.functions);
        let request_id = self.site.env.random.uuid();
        let invocation = async move {
            let outcome = functions.invoke(&function, request_id.clone(), payload).await;
            Invocation { lane, function, request_id, outcome }
        };
        self.in_flight.push(invocation.boxed());
    }

    async fn ended(&mut self, Invocation { lane, function, request_id, outcome }: Invocation) {
        self.report(report::of_invocation(&outcome, &function, &request_id)).await;
        let call = LastCall { request_id, response: response(&outcome) };
        let outcome = match outcome {
            invoke::Outcome::Success { payload, .. } => Outcome::Returned(payload),
            invoke::Outcome::FunctionError { .. } => Outcome::Failed,
            invoke::Outcome::Throttled { .. } | invoke::Outcome::NotFound | invoke::Outcome::ServiceError { .. } => {
                Outcome::NotRun
            }
        };
        if !matches!(outcome, Outcome::Returned(_)) {
            self.learn_retention().await;
        }
        self.machine.ended(lane, outcome, call, self.site.env.clock.now());
    }

    /// A batch that is tried again may outlive its records: the machine must know how long they are kept.
    async fn learn_retention(&mut self) {
        let mapping = self.mapping.borrow().clone();
        if let Ok(stream) = self.site.source.stream(&mapping.world.0, &mapping.event_source_arn).await {
            self.machine.keeps(stream.retention);
        }
    }

    /// Tells the failure destination of records that are given up.
    fn part(&self, lane: usize, discarded: Discarded) {
        self.discard(&discarded);
        let letter = Letter::new(&self.shard, &self.origin, discarded);
        let parting = Parting { site: Arc::clone(&self.site), mapping: self.mapping.clone(), stop: self.stop.clone() };
        self.partings.push(async move { parting.tell(letter).await.then_some(lane) }.boxed());
    }

    fn discard(&self, discarded: &Discarded) {
        let mapping = self.mapping.borrow();
        tracing::warn!(
            mapping = mapping.uuid,
            shard = self.shard,
            cause = ?discarded.cause,
            calls = discarded.calls,
            records = discarded.records.len(),
            first = discarded.records.first().map(|record| record.sequence_number.as_str()),
            last = discarded.records.last().map(|record| record.sequence_number.as_str()),
            "records discarded"
        );
    }

    async fn report(&mut self, result: String) {
        let mapping = self.mapping.borrow().clone();
        self.site.report(&mapping, result).await;
    }

    async fn store(&mut self, progress: Progress) -> bool {
        let (mapping, shard) = (self.mapping.borrow().clone(), self.shard.clone());
        self.site.durably(move |catalog| catalog.record(&mapping, &shard, &progress)).await
    }

    fn wants(&self) -> Option<(Position, ReadRequest)> {
        let (position, request) = self.machine.wants()?;
        self.reads_again_at.is_none().then(|| (position.clone(), request))
    }

    async fn read(&mut self, page: Result<Page, SourceError>) {
        match page {
            Ok(page) => {
                self.failed_reads = 0;
                self.machine.arrived(page, self.site.env.clock.now());
            }
            Err(SourceError::NotFound) => {
                self.is_lost = true;
                self.machine.stop();
            }
            Err(SourceError::Unavailable(reason)) => {
                self.failed_reads = self.failed_reads.saturating_add(1);
                self.reads_again_at = Some(self.site.env.clock.now() + retry::pause(self.failed_reads));
                self.report(report::of_source(&reason)).await;
            }
        }
    }

    fn reconfigure(&mut self) {
        let mapping = self.mapping.borrow_and_update().clone();
        if (&mapping.settings, &mapping.encryption) == (&self.obeyed.settings, &self.obeyed.encryption) {
            return;
        }
        match mapping.opened(&*self.site.keys) {
            Ok(settings) => self.machine.reconfigure(settings),
            // The poller looks at the filters again, and says what is wrong with them.
            Err(_) => {
                self.is_lost = true;
                self.machine.stop();
            }
        }
        self.obeyed = mapping;
    }
}

/// What the failure destination is told of an invocation.
fn response(outcome: &invoke::Outcome) -> Option<Response> {
    match outcome {
        invoke::Outcome::Success { executed_version, .. } => {
            Some(Response { executed_version: executed_version.clone(), function_error: None })
        }
        invoke::Outcome::FunctionError { kind, executed_version, .. } => {
            Some(Response { executed_version: executed_version.clone(), function_error: Some(kind.as_str()) })
        }
        invoke::Outcome::Throttled { .. } | invoke::Outcome::NotFound | invoke::Outcome::ServiceError { .. } => None,
    }
}

async fn read(
    site: &Site,
    shard: ShardAddress<'_>,
    wants: Option<&(Position, ReadRequest)>,
) -> Result<Page, SourceError> {
    let Some((position, request)) = wants else { return std::future::pending().await };
    site.source.read(shard, position, *request).await
}

/// Returns when `stop` says so, or nobody is left who could.
pub(super) async fn said_so(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}
