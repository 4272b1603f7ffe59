//! Making a log: its files get their name and reach stable storage in a round of the sync thread, so that nobody's thread
//! waits for the disk and logs made at the same time share its commits.
//!
//! Invariants: a log has its name only when the way to it is on stable storage; until it is there for good, nobody can
//! open it, and whoever gives up making it leaves nothing.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::directory::Directory;
use crate::log::{LogId, Result};
use crate::segment::{Segment, Storage};
use crate::sync::Dirty;

/// The files of a log that is being made, still without its name.
#[derive(Debug)]
pub(crate) struct Newborn {
    id: LogId,
    directory: Arc<Directory>,
    storage: Arc<Storage>,
    /// Its first. Not kept open, for many logs may be made at a time.
    segment: Arc<Segment>,
    /// Who waits for it.
    parent: Mutex<Option<Parent>>,
}

type Parent = oneshot::Sender<io::Result<()>>;

impl Newborn {
    /// Of a draft with one segment; and what says how it went.
    pub(crate) fn new(
        id: LogId,
        directory: Arc<Directory>,
        storage: Arc<Storage>,
        segment: Arc<Segment>,
    ) -> (Arc<Self>, oneshot::Receiver<io::Result<()>>) {
        let (told, outcome) = oneshot::channel();
        (Arc::new(Self { id, directory, storage, segment, parent: Mutex::new(Some(told)) }), outcome)
    }

    /// Syncs come last and together: one commit of a file system's journal then serves the three. Should the power be cut
    /// between, recovery sees that nothing was ever appended.
    fn settle(&self) -> io::Result<()> {
        let fs = &*self.storage.fs;
        self.directory.settle(fs)?;
        self.directory.publish(fs, &self.id)?;
        self.storage.file(&self.segment)?.sync()?;
        fs.sync_dir(&self.directory.of(&self.id))?;
        self.directory.sync(fs)
    }
}

impl Newborn {
    /// Gives up making it: nothing of it is left, and nothing will come.
    pub(crate) fn abandon(&self) {
        // Waits for a sync that is under way, and lets no other begin.
        drop(self.lock().take());
        // What cannot be removed now is a draft, swept at the next start, or a log without records.
        drop(self.directory.remove(&*self.storage.fs, &self.id));
    }

    fn lock(&self) -> MutexGuard<'_, Option<Parent>> {
        self.parent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dirty for Newborn {
    fn sync(&self) -> Result<()> {
        // Held over the sync: it and giving up exclude each other.
        let mut parent = self.lock();
        if let Some(parent) = parent.take() {
            // Who is gone meanwhile has given up.
            drop(parent.send(self.settle()));
        }
        // It is nothing to those who wait for logs that exist.
        Ok(())
    }
}
