//! What is known of one stream: its settings, its phase of life, its shards and consumers.
//!
//! Left to others: which streams exist and how a change becomes durable ([`crate::catalog`]). Invariant: what others see
//! is an immutable [`StreamState`]; a change publishes a new one only after it is durable.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_wire::{Invocation, World};
use env::{Env, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, watch};

use crate::consumer::Consumer;
use crate::encryption::Sealing;
use crate::error::{Error, StreamLabel};
use crate::name::StreamName;
use crate::on_demand::Traffic;
use crate::reshard::Reshard;
use crate::shard::{ShardHandle, ShardIndex, ShardMap};
use crate::throttle::Daily;

/// What tells a stream from an earlier one of the same name: part of its logs' names and of its iterators.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct StreamUid(pub(crate) u64);

impl StreamUid {
    pub(crate) fn random(env: &Env) -> Self {
        Self(u64::from_be_bytes(env.random.bytes()))
    }

    /// Reads what [`fmt::Display`] writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok().map(Self)).flatten()
    }
}

impl fmt::Display for StreamUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// How capacity is decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Mode {
    /// By the number of shards.
    Provisioned,
    /// By the traffic.
    OnDemand,
}

/// Which shard takes a record.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum RecordDistribution {
    /// The one whose range has the record's hash key.
    #[default]
    UserPartitionKey,
    /// Each in turn, whatever the key.
    Auto,
}

/// What the API says about a stream's life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Not usable yet.
    Creating,
    /// Usable.
    Active,
    /// Usable, with a change under way.
    Updating,
    /// On its way out.
    Deleting,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Updating => "UPDATING",
            Self::Deleting => "DELETING",
        })
    }
}

/// Where a stream is in its life. Most transitions need nobody to make them: the time alone decides, so they survive a
/// restart by being stored once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// CREATING until then, ACTIVE afterwards.
    Created(Timestamp),
    /// UPDATING until then, ACTIVE afterwards; the change itself is already in the settings.
    Updated(Timestamp),
    /// UPDATING until it is carried out, at that time or as soon after it as possible.
    Resharding {
        /// When.
        at: Timestamp,
        /// What.
        reshard: Reshard,
    },
    /// DELETING until then, gone afterwards.
    Deleted(Timestamp),
}

/// A shard-level metric.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) enum ShardMetric {
    /// Bytes put.
    IncomingBytes,
    /// Records put.
    IncomingRecords,
    /// Bytes read.
    OutgoingBytes,
    /// Records read.
    OutgoingRecords,
    /// Records refused.
    WriteProvisionedThroughputExceeded,
    /// Reads refused.
    ReadProvisionedThroughputExceeded,
    /// How far readers are behind.
    IteratorAgeMilliseconds,
}

impl ShardMetric {
    /// All of them, in the order of the API.
    pub(crate) const ALL: [Self; 7] = [
        Self::IncomingBytes,
        Self::IncomingRecords,
        Self::OutgoingBytes,
        Self::OutgoingRecords,
        Self::WriteProvisionedThroughputExceeded,
        Self::ReadProvisionedThroughputExceeded,
        Self::IteratorAgeMilliseconds,
    ];
}

/// What is stored of a stream beside its shards and consumers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) uid: StreamUid,
    pub(crate) created: Timestamp,
    /// The call that created it, if it said which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<Invocation>,
    pub(crate) phase: Phase,
    pub(crate) mode: Mode,
    pub(crate) retention_hours: u32,
    /// What arrived before this is not readable even if the retention period is raised.
    pub(crate) trimmed_before: Timestamp,
    /// The key as it was given, while the stream is encrypted.
    pub(crate) key_id: Option<String>,
    pub(crate) max_record_kib: u32,
    pub(crate) shard_metrics: BTreeSet<ShardMetric>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) policy: Option<String>,
    pub(crate) next_shard: ShardIndex,
    /// When UpdateShardCount was called within the last day.
    pub(crate) scalings: Daily,
    /// When the mode was switched within the last day.
    pub(crate) mode_switches: Daily,
    /// When encryption was started, or another key taken, within the last day.
    #[serde(default)]
    pub(crate) encryption_starts: Daily,
    /// When it was stopped within the last day.
    #[serde(default)]
    pub(crate) encryption_stops: Daily,
    /// Always [`RecordDistribution::UserPartitionKey`] while the mode is provisioned.
    #[serde(default)]
    pub(crate) distribution: RecordDistribution,
    /// The throughput in MiB a second that an on-demand stream is to be ready for, whatever its traffic.
    #[serde(default)]
    pub(crate) warm_throughput: Option<u32>,
    /// What an on-demand stream remembers of its writes.
    #[serde(default)]
    pub(crate) traffic: Traffic,
}

/// An hour, the unit of retention periods.
const HOUR: Duration = Duration::from_secs(3600);

impl Settings {
    pub(crate) fn status(&self, now: Timestamp) -> Status {
        match self.phase {
            Phase::Created(until) if now < until => Status::Creating,
            Phase::Updated(until) if now < until => Status::Updating,
            Phase::Created(_) | Phase::Updated(_) => Status::Active,
            Phase::Resharding { .. } => Status::Updating,
            Phase::Deleted(_) => Status::Deleting,
        }
    }

    /// Whether the stream is deleted and the time to show it as DELETING is over.
    pub(crate) fn is_gone(&self, now: Timestamp) -> bool {
        matches!(self.phase, Phase::Deleted(until) if now >= until)
    }

    /// The arrival of the oldest record that may be read.
    pub(crate) fn horizon(&self, now: Timestamp) -> Timestamp {
        self.trimmed_before.max(now - self.retention())
    }

    /// How long records are kept.
    pub(crate) fn retention(&self) -> Duration {
        HOUR * self.retention_hours
    }

    /// Sets the retention period so that raising it brings nothing back.
    pub(crate) fn set_retention(&mut self, hours: u32, now: Timestamp) {
        self.trimmed_before = self.horizon(now);
        self.retention_hours = hours;
    }

    /// The most bytes of data and partition key that a record may have.
    pub(crate) fn max_record_bytes(&self) -> u64 {
        u64::from(self.max_record_kib) * 1024
    }
}

/// A stream at one moment.
#[derive(Clone, Debug)]
pub(crate) struct StreamState {
    pub(crate) settings: Settings,
    pub(crate) shards: Arc<ShardMap>,
    pub(crate) consumers: BTreeMap<String, Consumer>,
}

/// A stream: its identity, and its state as it is now.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) world: World,
    pub(crate) name: StreamName,
    pub(crate) uid: StreamUid,
    state: watch::Sender<Arc<StreamState>>,
    /// What its records are sealed with while it is encrypted.
    pub(crate) sealing: Sealing,
    /// Counts the records that it distributed itself.
    turns: AtomicUsize,
    /// Held from reading the state to publishing the next one: changes queue up here, reads do not.
    pub(crate) change: Arc<Mutex<()>>,
}

impl Stream {
    pub(crate) fn new(world: World, name: StreamName, state: StreamState) -> Self {
        let uid = state.settings.uid;
        Self {
            world,
            name,
            uid,
            state: watch::Sender::new(Arc::new(state)),
            sealing: Sealing::default(),
            turns: AtomicUsize::new(0),
            change: Arc::default(),
        }
    }

    /// The state as it is now.
    pub(crate) fn state(&self) -> Arc<StreamState> {
        Arc::clone(&self.state.borrow())
    }

    /// For waiting until the state changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Arc<StreamState>> {
        self.state.subscribe()
    }

    /// Lets everybody see the next state, which is durable by now.
    pub(crate) fn publish(&self, state: StreamState) {
        self.state.send_replace(Arc::new(state));
    }

    /// The first of the next `count` turns in distributing records.
    pub(crate) fn take_turns(&self, count: usize) -> usize {
        self.turns.fetch_add(count, Ordering::Relaxed)
    }

    pub(crate) fn label(&self) -> StreamLabel {
        self.name.label(&self.world)
    }

    pub(crate) fn arn(&self) -> String {
        self.name.arn(&self.world)
    }

    pub(crate) fn not_found(&self) -> Error {
        Error::StreamNotFound { stream: self.label() }
    }
}

impl StreamState {
    /// The shard, if something of it may still be read.
    pub(crate) fn readable_shard(&self, index: ShardIndex, now: Timestamp) -> Option<&Arc<ShardHandle>> {
        let horizon = self.settings.horizon(now);
        self.shards.get(index).filter(|handle| !handle.shard.is_expired(horizon))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::settings;

    fn at(hours: u64) -> Timestamp {
        Timestamp::from_secs(1_700_000_000 + hours * 3600)
    }

    #[test]
    fn time_alone_ends_a_phase() {
        let check = |phase, before, after| {
            let settings = Settings { phase, ..settings() };
            assert_eq!((settings.status(at(0)), settings.status(at(1))), (before, after));
        };
        check(Phase::Created(at(1)), Status::Creating, Status::Active);
        check(Phase::Updated(at(1)), Status::Updating, Status::Active);
        check(Phase::Deleted(at(1)), Status::Deleting, Status::Deleting);
        let gone = Settings { phase: Phase::Deleted(at(1)), ..settings() };
        assert!(!gone.is_gone(at(0)) && gone.is_gone(at(1)));
    }

    #[test]
    fn raising_the_retention_period_brings_nothing_back() {
        let mut settings = Settings { retention_hours: 24, ..settings() };
        assert_eq!(settings.horizon(at(100)), at(76));
        settings.set_retention(48, at(100));
        assert_eq!(settings.horizon(at(100)), at(76));
        assert_eq!(settings.horizon(at(124)), at(76));
        assert_eq!(settings.horizon(at(125)), at(77));
        settings.set_retention(24, at(125));
        assert_eq!(settings.horizon(at(125)), at(101));
    }

    #[test]
    fn the_stored_form_reads_back() {
        let mut scalings = Daily::default();
        scalings.admit(1, at(0));
        let settings = Settings {
            phase: Phase::Resharding { at: at(1), reshard: Reshard::Scale { target: 4 } },
            key_id: Some("alias/aws/kinesis".into()),
            scalings,
            ..settings()
        };
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
    }
}
