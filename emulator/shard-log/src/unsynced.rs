//! What of a log is not on stable storage yet, and who waits for it to be.
//!
//! It does no I/O while its lock is held: a round takes what there is, syncs it, and comes back with the outcome.

use std::io;
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::fs::{File, FileSystem};
use crate::log::{Offset, Result};
use crate::view::End;

/// Resolves when what was written is on stable storage.
pub(crate) type Settling = oneshot::Receiver<Result<()>>;

/// What was written since the last round.
#[derive(Debug, Default)]
pub(crate) struct Unsynced {
    /// Files written to, oldest first. Holding them open keeps an error in writing back from being missed.
    files: Vec<Arc<dyn File>>,
    /// Those of the round under way.
    syncing: Vec<Arc<dyn File>>,
    /// The log's directory, if files were made or removed.
    pub(crate) directory: Option<PathBuf>,
    /// The end of the log with everything that was written.
    pub(crate) end: End,
    /// Offsets reserved by what was written.
    pub(crate) reserved: Offset,
    /// Offsets reserved for sure: those before it may be acknowledged without a sync.
    pub(crate) durably_reserved: Offset,
    /// Whether the log is in the next round.
    pub(crate) queued: bool,
    waiters: Vec<oneshot::Sender<Result<()>>>,
}

/// What one round has to do.
#[derive(Debug)]
pub(crate) struct Round {
    files: Vec<Arc<dyn File>>,
    directory: Option<PathBuf>,
    pub(crate) end: End,
    pub(crate) reserved: Offset,
    pub(crate) waiters: Vec<oneshot::Sender<Result<()>>>,
}

impl Unsynced {
    /// The newest segments that may hold what is not synced; all older ones are.
    pub(crate) const SEGMENTS: usize = 2;

    /// Of a log that was just created or recovered.
    pub(crate) fn new(end: End, reserved: Offset) -> Self {
        Self { end, reserved, durably_reserved: reserved, ..Self::default() }
    }

    /// Notes that `file` was written to.
    pub(crate) fn touch(&mut self, file: Arc<dyn File>) {
        if self.files.last().is_none_or(|last| !Arc::ptr_eq(last, &file)) {
            self.files.push(file);
        }
    }

    /// What must be synced before there is one more segment.
    pub(crate) fn older_than_newest(&self) -> Vec<Arc<dyn File>> {
        let mut files: Vec<_> = self.syncing.iter().chain(&self.files).cloned().collect();
        files.dedup_by(|a, b| Arc::ptr_eq(a, b));
        files.pop();
        files
    }

    /// Resolves with the outcome of the next round.
    pub(crate) fn wait(&mut self) -> Settling {
        let (done, settling) = oneshot::channel();
        self.waiters.push(done);
        settling
    }

    pub(crate) fn begin_round(&mut self) -> Round {
        self.queued = false;
        self.syncing = mem::take(&mut self.files);
        Round {
            files: self.syncing.clone(),
            directory: self.directory.take(),
            end: self.end,
            reserved: self.reserved,
            waiters: mem::take(&mut self.waiters),
        }
    }

    /// Ends a round, which reserved offsets up to `reserved` if it went well.
    pub(crate) fn end_round(&mut self, reserved: Option<Offset>) {
        self.syncing.clear();
        self.durably_reserved = reserved.map_or(self.durably_reserved, |reserved| reserved.max(self.durably_reserved));
    }
}

impl Round {
    /// Does it. An error that was reported once may not be reported again, so the caller must not try twice.
    pub(crate) fn sync(&self, fs: &dyn FileSystem) -> io::Result<()> {
        for file in &self.files {
            file.sync()?;
        }
        self.directory.as_deref().map_or(Ok(()), |directory| fs.sync_dir(directory))
    }
}
