//! The service as one value: what it is reached by, and what other services ask of it.

use std::fmt;
use std::sync::Arc;

use aws_wire::{Actions, Call, Endpoint, Reply, World};
use bytes::Bytes;
use env::{Env, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Request;
use state_store::Store;
use tokio::sync::watch;

use crate::client::Client;
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::journal::Journal;
use crate::queue::Queue;
use crate::send::Outgoing;
use crate::{action, name, protocol};

/// The queues of all worlds. Cheap to clone.
#[derive(Clone)]
pub struct Sqs(Arc<Parts>);

struct Parts {
    env: Env,
    directory: Directory,
    journal: Journal,
    actions: Actions<Client>,
    stopping: watch::Sender<bool>,
}

impl fmt::Debug for Sqs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqs").field("actions", &self.0.actions).finish_non_exhaustive()
    }
}

impl Sqs {
    /// Opens what `store` holds.
    pub fn open(env: Env, store: &Store) -> Result<Self, state_store::Error> {
        let journal = Journal::open(store);
        let directory = Directory::open(store, &journal)?;
        let stopping = watch::Sender::new(false);
        Ok(Self(Arc::new(Parts { env, directory, journal, actions: action::registry(), stopping })))
    }

    /// Ends the waits of all receivers, who get nothing: the emulator is about to stop.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Puts a message into the queue that `queue_arn` names, for another service, which runs in `world`; the message's id,
    /// once it is durable. A queue of another account is not there: nobody could have allowed it.
    pub async fn deliver(&self, world: &World, queue_arn: &str, message: Outgoing) -> Result<String> {
        let (of, name) = name::of_arn(queue_arn).ok_or(Error::QueueNotFound)?;
        if of.account != world.account {
            return Err(Error::QueueNotFound);
        }
        let queue = self.directory().find(&of, name)?;
        self.send(&queue, message).await.map(|sent| sent.message_id)
    }

    /// The queue that an ARN names, if it is one of `world`.
    pub(crate) fn by_arn(&self, world: &World, arn: &str) -> Result<Arc<Queue>> {
        let (of, name) = name::of_arn(arn).filter(|(of, _)| of == world).ok_or(Error::QueueNotFound)?;
        self.directory().find(&of, name)
    }

    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.env.clock.now()
    }

    pub(crate) fn env(&self) -> &Env {
        &self.0.env
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.0.directory
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.0.journal
    }

    pub(crate) fn actions(&self) -> &Actions<Client> {
        &self.0.actions
    }
}

impl Endpoint for Sqs {
    /// May be dropped at any time: what is begun is finished by the journal.
    fn serve(&self, call: Call, request: Request<Bytes>) -> BoxFuture<'_, Reply> {
        async move { protocol::serve(self, &call, request).await }.boxed()
    }
}

#[cfg(test)]
mod tests;
