//! One log: appends in order, acknowledged by the policy, shown to readers when they may see them.
//!
//! It joins the writer, what readers see and what waits for a sync. Reading is in [`reader`](crate::reader), giving up
//! records in [`trim`](crate::trim), coming back after a stop in [`recovery`](crate::recovery).
//!
//! Locks are taken in the order writer, unsynced, view. The writer's is held over a write, so that offsets and frames
//! have one order; the others never, so readers and the sync thread wait for no write.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use env::Timestamp;
use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::watch;

use crate::index::Index;
use crate::log::{Appended, Batch, Bounds, Error, Log, LogId, Offset, Page, ReadLimit, Result, Trim};
use crate::sealing::DataKey;
use crate::segment::{Segment, Storage};
use crate::sync::{Dirty, Durability, Syncer};
use crate::unsynced::{Settling, Unsynced};
use crate::view::{End, View};
use crate::writer::{Failed, Writer};

/// A log in segment files.
#[derive(Debug)]
pub(crate) struct SegmentLog {
    pub(crate) id: LogId,
    pub(crate) directory: PathBuf,
    pub(crate) salt: u64,
    pub(crate) storage: Arc<Storage>,
    durability: Durability,
    syncer: Arc<Syncer>,
    writer: Mutex<Writer>,
    unsynced: Mutex<Unsynced>,
    view: Mutex<View>,
    tail: watch::Sender<Offset>,
    poison: OnceLock<Arc<io::Error>>,
    removed: AtomicBool,
    /// For the sync thread, which keeps a log as long as it is dirty.
    me: Weak<Self>,
}

/// What a log is made of once it has been created or recovered.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) id: LogId,
    pub(crate) directory: PathBuf,
    pub(crate) writer: Writer,
    pub(crate) segments: Vec<Arc<Segment>>,
    pub(crate) index: Index,
}

impl SegmentLog {
    pub(crate) fn new(
        recovered: Recovered,
        storage: Arc<Storage>,
        syncer: Arc<Syncer>,
        durability: Durability,
    ) -> Arc<Self> {
        let Recovered { id, directory, writer, segments, index } = recovered;
        let standing = writer.standing;
        let readable = End { segment: writer.active.first, position: writer.position, offset: standing.next };
        let first = segments.first().map_or(Offset::ZERO, |segment| segment.first);
        let view = View {
            index,
            readable,
            // A trim deletes segments before it is recorded, lest it need room on a full disk.
            trim: standing.trim.max(first),
            last_arrival: standing.last_arrival,
            sealed: standing.sealed,
            oldest: None,
            segments,
        };
        Arc::new_cyclic(|me| Self {
            id,
            directory,
            salt: writer.salt,
            storage,
            durability,
            syncer,
            writer: Mutex::new(writer),
            unsynced: Mutex::new(Unsynced::new(readable, standing.reserved)),
            tail: watch::Sender::new(view.readable.offset),
            view: Mutex::new(view),
            poison: OnceLock::new(),
            removed: AtomicBool::new(false),
            me: Weak::clone(me),
        })
    }

    pub(crate) fn lock_writer(&self) -> MutexGuard<'_, Writer> {
        // The writer changes only after a write succeeded, in assignments that cannot panic.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unsynced(&self) -> MutexGuard<'_, Unsynced> {
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails if the log was removed.
    pub(crate) fn check_exists(&self) -> Result<()> {
        if self.removed.load(Ordering::Acquire) { Err(Error::NotFound(self.id.clone())) } else { Ok(()) }
    }

    /// Fails if the log was removed or a sync of it failed.
    pub(crate) fn check_writable(&self) -> Result<()> {
        self.check_exists()?;
        match self.poison.get() {
            Some(reason) => Err(Error::Poisoned { log: self.id.clone(), reason: Arc::clone(reason) }),
            None => Ok(()),
        }
    }

    /// Makes every handle fail from now on. Returns when no write is under way.
    pub(crate) fn mark_removed(&self) {
        self.removed.store(true, Ordering::Release);
        self.await_last_write();
    }

    /// Of a log that takes no more writes: returns when none is under way.
    pub(crate) fn await_last_write(&self) {
        drop(self.lock_writer());
    }

    pub(crate) fn refused(&self, reason: io::Error) -> Error {
        Error::Refused { log: self.id.clone(), reason: Arc::new(reason) }
    }

    pub(crate) fn unreadable(&self, reason: io::Error) -> Error {
        Error::Unreadable { log: self.id.clone(), reason: Arc::new(reason) }
    }

    pub(crate) fn failed(&self, failed: Failed) -> Error {
        match failed {
            Failed::Refused(reason) => self.refused(reason),
            Failed::Broken(reason) => self.poisoned(reason),
        }
    }

    fn poisoned(&self, reason: io::Error) -> Error {
        let reason = self.poison.get_or_init(|| {
            tracing::error!(log = %self.id, %reason, "a log takes no appends until it is reopened");
            Arc::new(reason)
        });
        Error::Poisoned { log: self.id.clone(), reason: Arc::clone(reason) }
    }

    fn append_now(&self, batch: &Batch<'_>, key: Option<&DataKey>) -> Result<(Appended, Option<Settling>)> {
        let mut writer = self.lock_writer();
        self.check_writable()?;
        if writer.standing.sealed {
            return Err(Error::Sealed(self.id.clone()));
        }
        let place = writer.place(batch, key).map_err(|failed| self.failed(failed))?;
        if place.in_new_segment {
            self.rotate(&mut writer, place.first)?;
        }
        let mark = writer.append(&self.storage, &place, batch.entries, key).map_err(|failed| self.failed(failed))?;
        {
            let mut view = self.view();
            view.last_arrival = Some(mark.arrival);
            if view.index.note(mark) {
                writer.marks.push(mark);
            }
        }
        let settling = self.publish(&writer)?;
        Ok((Appended { first: mark.offset, arrival: mark.arrival }, settling))
    }

    async fn append_and_settle(&self, batch: Batch<'_>, key: Option<&DataKey>) -> Result<Appended> {
        let (appended, settling) = self.append_now(&batch, key)?;
        self.settle(settling).await?;
        Ok(appended)
    }

    /// Begins a new segment, whose records have offset `first` or higher.
    pub(crate) fn rotate(&self, writer: &mut Writer, first: Offset) -> Result<()> {
        let old = writer.file(&self.storage).map_err(|reason| self.refused(reason))?;
        let older = self.unsynced().older_than_newest();
        for file in older {
            // Recovery looks at so many segments and no more for what was not synced.
            file.sync().map_err(|reason| self.poisoned(reason))?;
        }
        let next = self.storage.segment(&self.id, &self.directory, first);
        let trim = self.view().trim;
        writer
            .rotate(&self.storage, &self.directory, Arc::clone(&next), |standing| standing.trim = trim)
            .map_err(|failed| self.failed(failed))?;
        self.unsynced().touch(old);
        self.touch_directory();
        let mut view = self.view();
        let index = std::mem::take(&mut view.index);
        let sealed = view.segments.last().map(Arc::clone);
        view.segments.push(next);
        drop(view);
        if let Some(sealed) = sealed {
            self.storage.keep_index(&sealed, index);
        }
        Ok(())
    }

    /// Returns when the active segment and the names of all are on stable storage.
    pub(crate) fn sync_now(&self, writer: &Writer) -> Result<()> {
        let file = writer.file(&self.storage).map_err(|reason| self.poisoned(reason))?;
        let synced = file.sync().and_then(|()| self.storage.fs.sync_dir(&self.directory));
        synced.map_err(|reason| self.poisoned(reason))
    }

    /// Has the names in the log's directory synced with the next round.
    pub(crate) fn touch_directory(&self) {
        self.unsynced().directory = Some(self.directory.clone());
    }

    /// After a write: has it synced, and shows it to readers if it counts as acknowledged. Otherwise says what to wait for.
    pub(crate) fn publish(&self, writer: &Writer) -> Result<Option<Settling>> {
        let file = writer.file(&self.storage).map_err(|reason| self.poisoned(reason))?;
        let end = End { segment: writer.active.first, position: writer.position, offset: writer.standing.next };
        let mut unsynced = self.unsynced();
        unsynced.touch(file);
        unsynced.end = end;
        unsynced.reserved = writer.standing.reserved;
        let wait = self.durability == Durability::Always || end.offset > unsynced.durably_reserved;
        let settling = wait.then(|| unsynced.wait());
        drop(unsynced);
        self.enqueue();
        if wait {
            self.syncer.hurry();
        } else {
            self.show(end);
        }
        Ok(settling)
    }

    /// Has what is not synced synced with the next round.
    fn enqueue(&self) {
        let queued = std::mem::replace(&mut self.unsynced().queued, true);
        if !queued && let Some(me) = self.me.upgrade() {
            self.syncer.enqueue(me);
        }
    }

    /// After recovery: keeps the promise of a sync that the process before this one may have had no time for.
    pub(crate) fn sync_inherited(&self) -> io::Result<()> {
        if self.lock_writer().standing.closed {
            return Ok(());
        }
        let newest: Vec<_> = self.view().segments.iter().rev().take(Unsynced::SEGMENTS).cloned().collect();
        for segment in newest.iter().rev() {
            let file = self.storage.file(segment)?;
            self.unsynced().touch(file);
        }
        self.touch_directory();
        self.enqueue();
        Ok(())
    }

    /// Waits for a sync if there is one to wait for.
    async fn settle(&self, settling: Option<Settling>) -> Result<()> {
        match settling {
            // Whoever takes on a sync says how it went, unless it panicked.
            Some(settling) => {
                settling.await.unwrap_or_else(|_| Err(self.poisoned(io::Error::other("a sync came to no end"))))
            }
            None => Ok(()),
        }
    }

    /// Lets readers see everything before `end`.
    fn show(&self, end: End) {
        let mut view = self.view();
        if end > view.readable {
            view.readable = end;
            // Under the lock, so that the tail never falls.
            self.tail.send_if_modified(|tail| std::mem::replace(tail, end.offset) != end.offset);
        }
    }

    fn bounds_now(&self) -> Bounds {
        let view = self.view();
        Bounds { first: view.trim, next: view.readable.offset, last_arrival: view.last_arrival, sealed: view.sealed }
    }

    fn seal_now(&self) -> Result<Option<Settling>> {
        let mut writer = self.lock_writer();
        self.check_writable()?;
        if writer.standing.sealed {
            return Ok(None);
        }
        writer.record(&self.storage, |standing| standing.sealed = true).map_err(|failed| self.failed(failed))?;
        self.view().sealed = true;
        self.publish(&writer)
    }

    /// Gives back the offsets reserved, so that the next process goes on where this one stopped.
    pub(crate) fn close(&self) -> Result<()> {
        let mut writer = self.lock_writer();
        self.check_writable()?;
        if writer.standing.closed {
            return Ok(());
        }
        writer
            .record(&self.storage, |standing| {
                standing.reserved = standing.next;
                standing.closed = true;
            })
            .map_err(|failed| self.failed(failed))?;
        self.publish(&writer).map(drop)
    }
}

impl Dirty for SegmentLog {
    fn sync(&self) -> Result<()> {
        let round = self.unsynced().begin_round();
        let outcome = match self.check_writable() {
            Ok(()) => round.sync(&*self.storage.fs).map_err(|reason| match self.check_exists() {
                Ok(()) => self.poisoned(reason),
                Err(removed) => removed,
            }),
            Err(error) => Err(error),
        };
        self.unsynced().end_round(outcome.is_ok().then_some(round.reserved));
        if outcome.is_ok() {
            self.show(round.end);
        }
        for waiter in round.waiters {
            // Who gave up waiting does not want to know.
            drop(waiter.send(outcome.clone()));
        }
        match outcome {
            Err(Error::NotFound(_)) => Ok(()),
            outcome => outcome,
        }
    }
}

impl Log for SegmentLog {
    fn append<'a>(&'a self, batch: Batch<'a>) -> BoxFuture<'a, Result<Appended>> {
        self.append_and_settle(batch, None).boxed()
    }

    fn append_sealed<'a>(&'a self, batch: Batch<'a>, key: &'a DataKey) -> BoxFuture<'a, Result<Appended>> {
        self.append_and_settle(batch, Some(key)).boxed()
    }

    fn read(&self, from: Offset, limit: ReadLimit) -> BoxFuture<'_, Result<Page>> {
        async move { self.page(from, limit) }.boxed()
    }

    fn seek(&self, arrival: Timestamp) -> BoxFuture<'_, Result<Offset>> {
        async move { Ok(self.find(arrival)?.0) }.boxed()
    }

    fn bounds(&self) -> Bounds {
        self.bounds_now()
    }

    fn tail(&self) -> watch::Receiver<Offset> {
        self.tail.subscribe()
    }

    fn trim(&self, trim: Trim) -> BoxFuture<'_, Result<()>> {
        async move { self.settle(self.trim_now(trim)?).await }.boxed()
    }

    fn seal(&self) -> BoxFuture<'_, Result<Bounds>> {
        async move {
            self.settle(self.seal_now()?).await?;
            Ok(self.bounds_now())
        }
        .boxed()
    }
}
