//! SubscribeToShard after the handshake: a shard's records pushed as events.
//!
//! The feed is woken by the log's tail, never by a timer, except for the sign of life on an idle shard. Left to others:
//! who may subscribe and where it begins (the action). Invariants: one feed per consumer and shard; every event but the
//! last of a closed shard tells where to go on, and that last one tells the children instead.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_wire::action::Events;
use env::Timestamp;
use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;
use shard_log::{Offset, ReadLimit};
use tokio::sync::watch;

use crate::consumer::ConsumerStatus;
use crate::error::Error;
use crate::output::{ChildShard, RecordOutput};
use crate::read::{self, ShardPage};
use crate::sequence::SequenceNumber;
use crate::service::Kinesis;
use crate::shard::ShardIndex;
use crate::stream::{Status, Stream, StreamState, StreamUid};
use crate::throttle::Calls;

/// How long a subscription lasts.
const LIFETIME: Duration = Duration::from_secs(300);
/// How soon after a subscription the next one for the same shard is refused.
const PROTECTED: Duration = Duration::from_secs(5);
/// How long an idle shard is silent. Clients take 30 seconds of silence for a broken connection.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);
/// What goes into one event. A larger record goes alone.
const EVENT: ReadLimit = read::limit(10_000, 1 << 20);
/// A consumer gets from each shard what all other readers get together, and what it did not use of the last second.
const BURST: Duration = Duration::from_secs(1);

/// A consumer on a shard.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Subscriber {
    pub(crate) stream: StreamUid,
    pub(crate) consumer: String,
    /// When the consumer was registered: a later one of the same name is another.
    pub(crate) created: u64,
    pub(crate) shard: ShardIndex,
}

/// The subscriptions under way.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    active: Mutex<HashMap<Subscriber, Active>>,
    /// How often each asked just now, whatever came of it.
    asked: Mutex<HashMap<Subscriber, Calls>>,
}

#[derive(Debug)]
struct Active {
    began: Timestamp,
    /// Dropped to end the feed.
    _lease: watch::Sender<()>,
}

impl Subscriptions {
    /// Whether the subscriber asks for the first time within a second, or for the `most`th at most.
    pub(crate) fn may_ask(&self, subscriber: &Subscriber, most: usize, now: Timestamp) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, calls| !calls.are_past(now));
        asked.entry(subscriber.clone()).or_default().admit(most, now)
    }

    /// Begins a subscription and ends the one it takes over from; `None` if that one is too young.
    fn begin(&self, subscriber: &Subscriber, now: Timestamp) -> Option<watch::Receiver<()>> {
        // A panic in here would leave a map that is still whole.
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        // Feeds that ended are kept while they protect; this is where they are cleared away.
        active.retain(|_, active| now.since(active.began) < LIFETIME + PROTECTED);
        if active.get(subscriber).is_some_and(|active| now.since(active.began) < PROTECTED) {
            return None;
        }
        let (lease, held) = watch::channel(());
        active.insert(subscriber.clone(), Active { began: now, _lease: lease });
        Some(held)
    }
}

/// What an event holds.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Event {
    records: Vec<RecordOutput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_sequence_number: Option<String>,
    millis_behind_latest: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    child_shards: Vec<ChildShard>,
}

/// A subscription, as the thing that makes its next event.
struct Feed {
    kinesis: Kinesis,
    stream: Arc<Stream>,
    subscriber: Subscriber,
    position: Offset,
    ends: Timestamp,
    spoke: Timestamp,
    /// When what was sent so far is within the throughput.
    paid: Timestamp,
    taken_over: watch::Receiver<()>,
    is_over: bool,
}

/// Why the feed woke up.
enum Woken {
    Look,
    Silence,
    Over,
}

impl Kinesis {
    /// Events from `position` on; `None` if the consumer subscribed to this shard a moment ago.
    pub(crate) fn subscribe(
        &self,
        stream: Arc<Stream>,
        subscriber: Subscriber,
        position: Offset,
    ) -> Option<Events<Event, Error>> {
        let now = self.now();
        let taken_over = self.subscriptions.begin(&subscriber, now)?;
        let feed = Feed {
            kinesis: self.clone(),
            stream,
            subscriber,
            position,
            ends: now + LIFETIME,
            spoke: now,
            paid: now,
            taken_over,
            is_over: false,
        };
        Some(stream::unfold(feed, Feed::next).boxed())
    }
}

impl Feed {
    async fn next(mut self) -> Option<(Result<Event, Error>, Self)> {
        if self.is_over {
            return None;
        }
        let event = self.next_event().await.transpose()?;
        self.is_over |= event.is_err();
        self.spoke = self.kinesis.now();
        Some((event, self))
    }

    /// The next event as soon as there is one to send; `None` at the end of the subscription.
    async fn next_event(&mut self) -> Result<Option<Event>, Error> {
        let clock = self.kinesis.catalog.env.clock.clone();
        loop {
            if self.kinesis.config().limits {
                clock.sleep_until((self.paid - BURST).min(self.ends)).await;
            }
            let now = self.kinesis.now();
            if now >= self.ends || self.taken_over.has_changed().is_err() {
                return Ok(None);
            }
            // Watched before the look, so that nothing is missed between the look and the wait.
            let mut changes = self.stream.watch();
            let state = self.stream.state();
            self.check_still_there(&state, now)?;
            let shard = self.subscriber.shard;
            let gone = || Error::ShardNotThere { shard, stream: self.stream.label() };
            let handle = state.readable_shard(shard, now).ok_or_else(gone)?;
            let mut tail = read::readable_log(handle).await?.map(|log| log.tail());
            let page = read::read(&state, handle, self.position, EVENT, now).await?;
            self.position = page.next;
            let rate = self.kinesis.config().shard_rates().read_bytes;
            let price = Duration::from_millis(page.bytes.saturating_mul(1000) / rate);
            self.paid = self.paid.max(now) + price;
            if page.at_end {
                self.is_over = true;
                return Ok(Some(self.event(&state, &page, now)));
            }
            if !page.batches.is_empty() {
                return Ok(Some(self.event(&state, &page, now)));
            }
            let silence = (self.spoke + SIGN_OF_LIFE).min(self.ends);
            let new_record = async {
                match &mut tail {
                    Some(tail) => drop(tail.changed().await),
                    None => std::future::pending().await,
                }
            };
            let woken = tokio::select! {
                // The lease is dropped, never sent to.
                _ = self.taken_over.changed() => Woken::Over,
                () = new_record => Woken::Look,
                _ = changes.changed() => Woken::Look,
                () = clock.sleep_until(silence) => Woken::Silence,
            };
            match woken {
                Woken::Look => {}
                Woken::Silence if self.kinesis.now() < self.ends => {
                    return Ok(Some(self.event(&state, &page, self.kinesis.now())));
                }
                Woken::Silence | Woken::Over => return Ok(None),
            }
        }
    }

    /// A consumer that is deregistered, or whose stream is deleted, ends its subscriptions.
    fn check_still_there(&self, state: &StreamState, now: Timestamp) -> Result<(), Error> {
        if state.settings.status(now) == Status::Deleting {
            return Err(self.stream.not_found());
        }
        let Subscriber { consumer, created, .. } = &self.subscriber;
        match state.consumers.get(consumer) {
            Some(known) if known.created == *created && known.status(now) != ConsumerStatus::Deleting => Ok(()),
            _ => Err(Error::ConsumerNotFound {
                consumer: consumer.clone(),
                name: self.stream.name.to_string(),
                account: self.stream.world.account.clone(),
            }),
        }
    }

    fn event(&self, state: &StreamState, page: &ShardPage, now: Timestamp) -> Event {
        let shard = self.subscriber.shard;
        let child_shards = if page.at_end { ChildShard::of(shard, &state.shards) } else { Vec::new() };
        let created = state.shards.get(shard).map_or(0, |handle| handle.shard.created);
        // Reading after this number goes on at `position`; the time in it moves even when the shard does not.
        let here = SequenceNumber { shard_created: created, index: self.position.0, time: now.as_secs(), shard };
        Event {
            continuation_sequence_number: (!page.at_end).then(|| here.to_string()),
            records: page.records().map(RecordOutput::from).collect(),
            millis_behind_latest: page.millis_behind,
            child_shards,
        }
    }
}
