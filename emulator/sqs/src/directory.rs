//! The queues of all worlds, in memory and durable. Changes to what queues there are and what is set of them go one at a time;
//! messages do not pass here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use aws_wire::World;
use state_store::{Store, Table};

use crate::error::{Error, Result};
use crate::journal::{Journal, Stored};
use crate::queue::{Definition, Queue};

/// All queues, by [`place`].
pub(crate) struct Directory {
    table: Table<Definition>,
    queues: RwLock<BTreeMap<String, Arc<Queue>>>,
    /// Held by who changes something. It is the only lock that is held during a write to disk.
    writing: Mutex<()>,
}

impl Directory {
    /// Reads what `store` holds.
    pub(crate) fn open(store: &Store, journal: &Journal) -> Result<Self, state_store::Error> {
        let table: Table<Definition> = store.table("sqs.queues");
        let mut queues = BTreeMap::new();
        for (place, definition) in table.all()? {
            let stored = journal.read(&definition.id_text())?;
            queues.insert(place, Arc::new(Queue::new(definition, stored)));
        }
        Ok(Self { table, queues: RwLock::new(queues), writing: Mutex::new(()) })
    }

    pub(crate) fn find(&self, world: &World, name: &str) -> Result<Arc<Queue>> {
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        queues.get(&place(world, name)).cloned().ok_or(Error::QueueNotFound)
    }

    /// The queues of a world by name.
    pub(crate) fn all(&self, world: &World) -> Vec<Arc<Queue>> {
        let prefix = place(world, "");
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        let within = queues.range(prefix.clone()..).take_while(|(place, _)| place.starts_with(&prefix));
        within.map(|(_, queue)| Arc::clone(queue)).collect()
    }

    /// Begins a change. What is read until it is dropped stays true.
    pub(crate) fn write(&self) -> Writing<'_> {
        // Nothing is half done when a writer panics: memory changes last, and at once.
        Writing { directory: self, _turn: self.writing.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

/// The right to change a directory.
pub(crate) struct Writing<'a> {
    directory: &'a Directory,
    _turn: MutexGuard<'a, ()>,
}

impl Writing<'_> {
    /// Adds a queue.
    pub(crate) fn add(&self, definition: Definition) -> Result<Arc<Queue>> {
        let place = place(&definition.world(), &definition.name);
        self.directory.table.put(&place, &definition)?;
        let queue = Arc::new(Queue::new(definition, Stored::default()));
        self.queues(|queues| drop(queues.insert(place, Arc::clone(&queue))));
        Ok(queue)
    }

    /// Replaces what is known of a queue, unless it is gone meanwhile.
    pub(crate) fn replace(&self, queue: &Queue, definition: Definition) -> Result<()> {
        if queue.state().is_gone {
            return Err(Error::QueueNotFound);
        }
        self.directory.table.put(&place(&definition.world(), &definition.name), &definition)?;
        queue.replace(definition);
        Ok(())
    }

    /// Removes a queue. Its messages are for others to remove.
    pub(crate) fn remove(&self, queue: &Queue) -> Result<()> {
        let definition = queue.definition();
        let place = place(&definition.world(), &definition.name);
        self.directory.table.remove(&place)?;
        self.queues(|queues| drop(queues.remove(&place)));
        queue.state().is_gone = true;
        queue.wake();
        Ok(())
    }

    fn queues(&self, change: impl FnOnce(&mut BTreeMap<String, Arc<Queue>>)) {
        change(&mut self.directory.queues.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The key of a record. Persisted. Neither accounts nor regions have a slash.
fn place(world: &World, name: &str) -> String {
    format!("{world}/{name}")
}
