//! One queue: what is set of it, and its messages. What is set is replaced whole; messages change under one lock, which nobody
//! holds while waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use aws_wire::{Invocation, World};
use env::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::backlog::{Backlog, Held};
use crate::deduplication::Sends;
use crate::journal::{Place, Stored};
use crate::receipt::QUEUE_ID;
use crate::settings::Settings;
use crate::tag::Tags;

/// What is known of a queue beside its messages. Persisted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Definition {
    /// What its messages are stored under. A queue that is made again is another one.
    pub(crate) id: [u8; QUEUE_ID],
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) region: String,
    /// The call that created it, if it said which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maker: Option<Invocation>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) settings: Settings,
    pub(crate) tags: Tags,
}

impl Definition {
    pub(crate) fn world(&self) -> World {
        World::new(&self.account, &self.region)
    }

    pub(crate) fn arn(&self) -> String {
        self.world().arn("sqs", &self.name)
    }

    /// The id as text.
    pub(crate) fn id_text(&self) -> Arc<str> {
        crate::attribute::hex(&self.id).into()
    }
}

/// A queue.
pub(crate) struct Queue {
    id: Arc<str>,
    definition: RwLock<Arc<Definition>>,
    state: Mutex<State>,
    /// Told whenever somebody who waits for messages should look again.
    changed: watch::Sender<()>,
}

/// What changes with every message.
pub(crate) struct State {
    pub(crate) backlog: Backlog,
    pub(crate) sends: Sends,
    pub(crate) purged: Option<Timestamp>,
    /// It was deleted while somebody still held it.
    pub(crate) is_gone: bool,
    last: u64,
}

impl Queue {
    pub(crate) fn new(definition: Definition, stored: Stored) -> Self {
        let mut state = State {
            backlog: Backlog::new(definition.settings.fifo.is_some()),
            sends: Sends::default(),
            purged: None,
            is_gone: false,
            last: 0,
        };
        for (sequence, message, delivery) in stored.messages {
            state.last = state.last.max(sequence);
            state.backlog.insert(sequence, Held { message: Arc::new(message), delivery });
        }
        for (sequence, send) in stored.sends {
            state.last = state.last.max(sequence);
            state.sends.remember(sequence, send);
        }
        Self {
            id: definition.id_text(),
            definition: RwLock::new(Arc::new(definition)),
            state: Mutex::new(state),
            changed: watch::Sender::new(()),
        }
    }

    pub(crate) fn definition(&self) -> Arc<Definition> {
        Arc::clone(&self.definition.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace(&self, definition: Definition) {
        *self.definition.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(definition);
        self.wake();
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Changes are small and whole: a panic between two of them leaves nothing that the next cannot bear.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the message with this sequence is stored.
    pub(crate) fn place(&self, sequence: u64) -> Place {
        Place(Arc::clone(&self.id), sequence)
    }

    pub(crate) fn wake(&self) {
        self.changed.send_replace(());
    }

    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}

impl State {
    /// The next sequence. It goes with the clock, so it rises across restarts though nobody stores it.
    pub(crate) fn next_sequence(&mut self, now: Timestamp) -> u64 {
        self.last = (self.last + 1).max(now.as_millis().saturating_mul(4096));
        self.last
    }
}
