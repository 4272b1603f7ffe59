//! How messages become durable: writes of all queues are gathered and committed together, in the order in which they came.
//!
//! It is the state store and not the log, because a message is deleted out of the middle, and its deliveries are written again
//! and again: in a log that wants compaction, which would be the larger part of this crate. What a commit costs, a sync, is
//! shared by all who wait meanwhile. What is written once and may be large (the message) and what is written often (its
//! deliveries) are in two tables.
//!
//! What a write is for happens after it, in the order of the writes, whether or not its caller still listens. So a client
//! that hangs up in the middle leaves nothing half done. After a failed commit nothing is written any more until a restart.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use state_store::{Store, Table, Transaction};
use tokio::sync::oneshot;

use crate::deduplication::Remembered;
use crate::error::{Error, Result};
use crate::message::{Delivery, Message};

/// Where a record is: the id of its queue, and its sequence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place(pub(crate) Arc<str>, pub(crate) u64);

impl Place {
    /// The key of a record. Persisted.
    fn key(&self) -> String {
        format!("{}/{:020}", self.0, self.1)
    }
}

/// The sequence in a key.
fn sequence_in(key: &str) -> Option<u64> {
    key.rsplit('/').next()?.parse().ok()
}

/// A change to what is stored.
pub(crate) enum Change {
    Message(Place, Arc<Message>),
    Delivery(Place, Delivery),
    Remove(Place),
    Remember(Place, Remembered),
    Forget(Place),
}

type Then = Box<dyn FnOnce(bool) + Send>;

#[derive(Default)]
struct Pending {
    writes: Vec<(Vec<Change>, Then)>,
    /// Somebody commits, and will look again.
    is_committing: bool,
    has_failed: bool,
}

/// The durable side of all queues. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Journal(Arc<Parts>);

struct Parts {
    store: Store,
    messages: Table<Message>,
    deliveries: Table<Delivery>,
    sends: Table<Remembered>,
    pending: Mutex<Pending>,
}

/// What is stored of a queue.
#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) messages: Vec<(u64, Message, Delivery)>,
    pub(crate) sends: Vec<(u64, Remembered)>,
}

impl Journal {
    pub(crate) fn open(store: &Store) -> Self {
        Self(Arc::new(Parts {
            store: store.clone(),
            messages: store.table("sqs.messages"),
            deliveries: store.table("sqs.deliveries"),
            sends: store.table("sqs.sends"),
            pending: Mutex::default(),
        }))
    }

    /// What is stored of the queue with this id.
    pub(crate) fn read(&self, queue: &str) -> Result<Stored, state_store::Error> {
        let prefix = format!("{queue}/");
        let mut deliveries = self.0.deliveries.scan(&prefix)?.into_iter().peekable();
        let mut stored = Stored::default();
        for (key, message) in self.0.messages.scan(&prefix)? {
            // Both are in the order of their keys, and written together.
            while deliveries.next_if(|(other, _)| *other < key).is_some() {}
            let delivery = deliveries.next_if(|(other, _)| *other == key).map(|(_, delivery)| delivery);
            if let Some(sequence) = sequence_in(&key) {
                stored.messages.push((sequence, message, delivery.unwrap_or_default()));
            }
        }
        for (key, send) in self.0.sends.scan(&prefix)? {
            stored.sends.extend(sequence_in(&key).map(|sequence| (sequence, send)));
        }
        Ok(stored)
    }

    /// Writes `changes` after everything that was written before; `then` is told whether that worked, once it is known. The
    /// order of calls is the order of writes: it is decided when this returns, and the future only tells the outcome.
    pub(crate) fn write<F: FnOnce(bool) + Send + 'static>(
        &self,
        changes: Vec<Change>,
        then: F,
    ) -> impl Future<Output = Result<()>> + Send + 'static + use<F> {
        let (told, outcome) = oneshot::channel();
        let then: Then = Box::new(move |is_durable| {
            then(is_durable);
            // Nobody may be listening any more.
            let _ = told.send(is_durable);
        });
        let must_commit = {
            let mut pending = self.0.pending();
            pending.writes.push((changes, then));
            !std::mem::replace(&mut pending.is_committing, true)
        };
        if must_commit {
            tokio::spawn(commit_all(Arc::clone(&self.0)));
        }
        async move { if outcome.await.unwrap_or(false) { Ok(()) } else { Err(Error::Internal) } }
    }
}

impl Parts {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit(&self, writes: &[(Vec<Change>, Then)]) -> Result<(), state_store::Error> {
        let changes = || writes.iter().flat_map(|(changes, _)| changes);
        if changes().next().is_none() {
            return Ok(());
        }
        self.store.commit(|transaction| changes().try_for_each(|change| self.apply(transaction, change)))
    }

    fn apply(&self, transaction: &mut Transaction, change: &Change) -> Result<(), state_store::Error> {
        match change {
            Change::Message(place, message) => transaction.put(&self.messages, &place.key(), message.as_ref()),
            Change::Delivery(place, delivery) => transaction.put(&self.deliveries, &place.key(), delivery),
            Change::Remove(place) => {
                transaction.remove(&self.messages, &place.key())?;
                transaction.remove(&self.deliveries, &place.key())
            }
            Change::Remember(place, send) => transaction.put(&self.sends, &place.key(), send),
            Change::Forget(place) => transaction.remove(&self.sends, &place.key()),
        }
    }
}

/// Commits what is there until nothing is.
async fn commit_all(parts: Arc<Parts>) {
    loop {
        let (writes, has_failed) = {
            let mut pending = parts.pending();
            if pending.writes.is_empty() {
                pending.is_committing = false;
                return;
            }
            (std::mem::take(&mut pending.writes), pending.has_failed)
        };
        let is_durable = !has_failed
            && parts.commit(&writes).inspect_err(|error| tracing::error!(%error, "messages cannot be stored")).is_ok();
        if !is_durable {
            parts.pending().has_failed = true;
        }
        for (_, then) in writes {
            then(is_durable);
        }
        // Others have their turn, so that what they write next is gathered.
        tokio::task::yield_now().await;
    }
}
