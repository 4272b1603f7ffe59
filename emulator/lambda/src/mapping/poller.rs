//! One mapping at work: carries it from state to state, and keeps a worker on every shard that may be read.
//!
//! Invariants: positions are fixed before a mapping says `Enabled`, so a record put after that is delivered; a shard
//! has at most one worker; children start when their parents are finished; one shard's trouble is its worker's alone.

use std::collections::HashSet;
use std::sync::Arc;

use env::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::mapping::catalog::Followed;
use crate::mapping::checkpoint::Checkpoint;
use crate::mapping::definition::{Goal, Mapping, Settling};
use crate::mapping::progress::{Progress, Shards, readable};
use crate::mapping::report;
use crate::mapping::retry;
use crate::mapping::settings::Settings;
use crate::mapping::site::Site;
use crate::mapping::source::{ShardAddress, SourceError, StartingPosition, Stream};
use crate::mapping::worker::{Ended, Worker, said_so};

/// Follows one mapping until it is deleted or the emulator stops.
pub(super) struct Poller {
    site: Arc<Site>,
    mapping: Followed,
    shutdown: watch::Receiver<bool>,
    workers: JoinSet<(String, Ended)>,
    /// The shards that have a worker.
    busy: HashSet<String>,
    /// Says to the workers that they shall stop.
    stop: watch::Sender<bool>,
    /// The stream should be looked at: for the first time, or because a worker is done.
    looks_at: Option<Timestamp>,
    failed_looks: u32,
}

impl Poller {
    pub(super) fn new(site: Arc<Site>, mapping: Followed, shutdown: watch::Receiver<bool>) -> Self {
        Self {
            site,
            mapping,
            shutdown,
            workers: JoinSet::new(),
            busy: HashSet::new(),
            stop: watch::Sender::new(false),
            looks_at: Some(Timestamp::EPOCH),
            failed_looks: 0,
        }
    }

    pub(super) async fn run(mut self) {
        // It ends with the mapping: the value is there to be borrowed after its sender has gone.
        while self.mapping.has_changed().is_ok() {
            let mapping = self.mapping.borrow_and_update().clone();
            let now = self.site.env.clock.now();
            if !mapping.state.is_reading() {
                self.stop_workers().await;
                self.looks_at = Some(Timestamp::EPOCH);
            } else if self.looks_at.is_some_and(|at| at <= now) {
                // What is wrong is reported, and looked at again when it is time.
                drop(self.look(&mapping).await);
            }
            let settling = mapping.state.settling();
            if *self.shutdown.borrow() {
                break;
            }
            if settling != Settling::Settled && mapping.settles_at <= now {
                self.settle(&mapping, settling).await;
                continue;
            }
            let settles_at = (settling != Settling::Settled).then_some(mapping.settles_at);
            let looks_at = self.looks_at.filter(|_| mapping.state.is_reading());
            let deadline = [settles_at, looks_at].into_iter().flatten().min();
            tokio::select! {
                Some(done) = self.workers.join_next() => self.worker_ended(done),
                () = self.site.env.clock.sleep_until(deadline.unwrap_or_default()), if deadline.is_some() => {}
                _ = self.mapping.changed() => {}
                () = said_so(&mut self.shutdown) => break,
            }
        }
        self.stop_workers().await;
    }

    /// Ends the transition under way.
    async fn settle(&mut self, mapping: &Arc<Mapping>, settling: Settling) {
        if settling == Settling::Into(Goal::Enabled)
            && let Err(SourceError::Unavailable(_)) = self.look(mapping).await
        {
            // Its positions are fixed before it says that it is enabled: what is put from then on is delivered.
            tokio::select! {
                () = self.site.env.clock.sleep(retry::pause(self.failed_looks)) => {}
                _ = self.mapping.changed() => {}
                () = said_so(&mut self.shutdown) => {}
            }
            return;
        }
        let settled = Arc::clone(mapping);
        let is_stored = match settling {
            Settling::Settled => return,
            Settling::Into(goal) => self.site.durably(move |catalog| catalog.settle(&settled, goal.state())).await,
            Settling::Gone => self.site.durably(move |catalog| catalog.remove(&settled)).await,
        };
        if !is_stored {
            self.site.env.clock.sleep(retry::pause(1)).await;
        }
    }

    /// Looks at the stream and puts a worker on every shard that may be read and has none.
    async fn look(&mut self, mapping: &Arc<Mapping>) -> Result<(), SourceError> {
        self.looks_at = None;
        match self.open(mapping).await {
            Ok((stream, shards)) => {
                match mapping.opened(&*self.site.keys) {
                    Ok(settings) => {
                        self.failed_looks = 0;
                        for (shard, checkpoint) in shards {
                            self.start(&stream, shard, mapping, (settings.clone(), checkpoint));
                        }
                    }
                    // The positions are fixed. Without its filters nothing may be delivered from there.
                    Err(error) => {
                        self.look_again_later();
                        self.site.report(mapping, report::of_key(&error)).await;
                    }
                }
                Ok(())
            }
            Err(error) => {
                self.look_again_later();
                let problem = match &error {
                    SourceError::NotFound => format!("Stream not found: {}", mapping.event_source_arn),
                    SourceError::Unavailable(reason) => reason.clone(),
                };
                self.site.report(mapping, report::of_source(&problem)).await;
                Err(error)
            }
        }
    }

    /// The stream and those of its shards that may be read now. Fixes positions if that has not been done for it.
    async fn open(&mut self, mapping: &Arc<Mapping>) -> Result<(Stream, Vec<(String, Checkpoint)>), SourceError> {
        let stream = self.site.source.stream(&mapping.world.0, &mapping.event_source_arn).await?;
        if mapping.incarnation.as_ref() != Some(&stream.incarnation) {
            // Workers on a stream that is gone may have something in flight; their checkpoints must not outlive it.
            self.stop_workers().await;
            self.begin(mapping, &stream).await?;
        }
        let unreadable = |error: crate::mapping::error::Error| SourceError::Unavailable(error.to_string());
        let progress = self.site.catalog.progress(mapping).map_err(unreadable)?;
        let listed: HashSet<&str> = stream.shards.iter().map(|shard| shard.id.as_str()).collect();
        let gone: Vec<_> = progress.keys().filter(|id| !listed.contains(id.as_str())).cloned().collect();
        if !gone.is_empty() {
            let mapping = Arc::clone(mapping);
            self.site.durably(move |catalog| catalog.forget(&mapping, &gone)).await;
        }
        let readable = readable(&stream.shards, &progress);
        Ok((stream, readable))
    }

    /// Gives every shard its position, durably. The starting position holds for the stream that the mapping was made
    /// for; of one that took its name later, everything is new.
    async fn begin(&self, mapping: &Arc<Mapping>, stream: &Stream) -> Result<(), SourceError> {
        let mut progress = Shards::new();
        for shard in stream.shards.iter().filter(|_| mapping.incarnation.is_none()) {
            let at = match mapping.starting_position {
                // It gets no more records, and those it has are before the start.
                StartingPosition::Latest if !shard.is_open => Progress::Finished,
                start => {
                    let address = ShardAddress {
                        world: &mapping.world.0,
                        source: &mapping.event_source_arn,
                        incarnation: &stream.incarnation,
                        shard: &shard.id,
                    };
                    let position = self.site.source.resolve(address, start).await?;
                    Progress::Reading(Checkpoint::new(position))
                }
            };
            progress.insert(shard.id.clone(), at);
        }
        let (mapping, incarnation) = (Arc::clone(mapping), stream.incarnation.clone());
        match self.site.durably(move |catalog| catalog.begin(&mapping, &incarnation, &progress)).await {
            true => Ok(()),
            false => Err(SourceError::Unavailable("The positions could not be stored".to_owned())),
        }
    }

    fn start(&mut self, stream: &Stream, shard: String, obeyed: &Arc<Mapping>, machine: (Settings, Checkpoint)) {
        if !self.busy.insert(shard.clone()) {
            return;
        }
        let (site, stop) = (Arc::clone(&self.site), self.stop.subscribe());
        let incarnation = stream.incarnation.clone();
        let (mapping, obeyed) = (self.mapping.clone(), Arc::clone(obeyed));
        let worker = Worker::new(site, mapping, stop, incarnation, shard.clone(), obeyed, machine);
        self.workers.spawn(async move { (shard, worker.run().await) });
    }

    fn worker_ended(&mut self, done: Result<(String, Ended), tokio::task::JoinError>) {
        match done {
            Ok((shard, ended)) => {
                self.busy.remove(&shard);
                match ended {
                    // Its children may start.
                    Ended::Finished => self.looks_at = Some(Timestamp::EPOCH),
                    Ended::Stopped => {}
                    Ended::Lost => self.look_again_later(),
                }
            }
            Err(error) => {
                // A bug of ours: which shard it was is not known, so all start over from their checkpoints.
                tracing::error!(%error, "a worker broke down");
                self.workers.abort_all();
                self.busy.clear();
                self.look_again_later();
            }
        }
    }

    fn look_again_later(&mut self) {
        self.failed_looks = self.failed_looks.saturating_add(1);
        let at = self.site.env.clock.now() + retry::pause(self.failed_looks);
        self.looks_at = Some(self.looks_at.map_or(at, |looks_at| looks_at.min(at)));
    }

    /// Stops the workers and waits until what they had in flight has ended.
    async fn stop_workers(&mut self) {
        self.stop.send_replace(true);
        while self.workers.join_next().await.is_some() {}
        self.busy.clear();
        self.stop.send_replace(false);
    }
}
