//! The store: many logs in one directory, which belongs to one process at a time.
//!
//! It makes, opens and removes logs; what happens in a log is [`SegmentLog`]'s. Invariant: there is at most one
//! [`SegmentLog`] of a name that takes appends, and every caller gets that one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, io};

use env::{Env, Random};
use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::oneshot;

use crate::damage::Damage;
use crate::directory::Directory;
use crate::fs::{FileSystem, Os};
use crate::header::Header;
use crate::index::Index;
use crate::log::{Error, Log, LogId, LogStore, Offset, Result};
use crate::newborn::Newborn;
use crate::recovery;
use crate::sealing::Keyring;
use crate::segment::Storage;
use crate::segment_log::{Recovered, SegmentLog};
use crate::standing::Standing;
use crate::sync::{Dirty, Durability, Syncer};
use crate::writer::Writer;

pub use crate::directory::OpenError;

/// How a store is to be kept.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where; made if it is not there.
    pub directory: PathBuf,
    /// When an append is durable.
    pub durability: Durability,
    /// A segment is sealed before it grows beyond this. Space comes back in pieces of this size.
    pub segment_bytes: u64,
}

impl Config {
    /// The defaults: durable within 100 ms, segments of 64 MiB.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), durability: Durability::DEFAULT, segment_bytes: 64 << 20 }
    }
}

/// Logs in a directory.
pub struct Store {
    directory: Arc<Directory>,
    durability: Durability,
    segment_bytes: u64,
    random: Random,
    storage: Arc<Storage>,
    syncer: Arc<Syncer>,
    logs: Mutex<BTreeMap<LogId, Arc<Slot>>>,
}

/// The place of a name. Locked while its log is created, recovered or removed.
#[derive(Default)]
struct Slot(Mutex<Presence>);

/// What there is of a name.
#[derive(Default)]
enum Presence {
    /// No log.
    #[default]
    Absent,
    /// No log yet: its files are on their way to stable storage. It may have been removed meanwhile.
    Making { removed: bool },
    /// A log that nobody has asked for yet.
    Stored,
    /// A log in use.
    Open(Arc<SegmentLog>),
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Presence> {
        // It is changed only after what it stands for has happened.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Opens the store in `config.directory`. Logs are recovered when they are asked for, not now.
    pub fn open(config: Config, env: &Env) -> Result<Self, OpenError> {
        Self::open_in(Arc::new(Os), config, env)
    }

    pub(crate) fn open_in(fs: Arc<dyn FileSystem>, config: Config, env: &Env) -> Result<Self, OpenError> {
        let Config { directory, durability, segment_bytes } = config;
        let directory = Arc::new(Directory::open(&fs, directory)?);
        let stored = |id| (id, Arc::new(Slot(Mutex::new(Presence::Stored))));
        let logs = directory.list(&*fs)?.into_iter().map(stored).collect();
        let syncer = Syncer::start(durability)
            .map_err(|reason| OpenError::Io { directory: directory.path().to_owned(), reason })?;
        Ok(Self {
            durability,
            segment_bytes,
            random: env.random.clone(),
            storage: Arc::new(Storage::new(fs, Arc::clone(&directory))),
            directory,
            syncer: Arc::new(syncer),
            logs: Mutex::new(logs),
        })
    }

    /// The same store, whose sealed records are opened with what `keyring` unwraps. Said once, before anything is read.
    #[must_use]
    pub fn with_keyring(self, keyring: Arc<dyn Keyring>) -> Self {
        self.storage.keyring.get_or_init(|| keyring);
        self
    }

    /// What was found damaged since the store was opened.
    pub fn damage(&self) -> Vec<Damage> {
        self.storage.damage.all()
    }

    /// Leaves all logs in good order and on stable storage. They may be used again afterwards.
    pub async fn close(&self) -> Result<()> {
        let mut outcome = Ok(());
        for log in self.open_logs() {
            outcome = outcome.and(log.close());
        }
        outcome.and(self.sync_all().await)
    }

    async fn sync_all(&self) -> Result<()> {
        match self.syncer.round().await {
            Some(outcome) => outcome,
            None => self.open_logs().iter().try_for_each(|log| log.sync()),
        }
    }

    fn slots(&self) -> MutexGuard<'_, BTreeMap<LogId, Arc<Slot>>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Acts on the log of that name; acts on the same name follow one another.
    fn on<T>(&self, id: &LogId, act: impl FnOnce(&mut Presence) -> Result<T>) -> Result<T> {
        let slot = Arc::clone(self.slots().entry(id.clone()).or_default());
        let outcome = act(&mut slot.lock());
        let mut slots = self.slots();
        // Nobody else holds a slot but from the map, so two are ours.
        if Arc::strong_count(&slot) == 2 && matches!(*slot.lock(), Presence::Absent) {
            slots.remove(id);
        }
        outcome
    }

    fn open_logs(&self) -> Vec<Arc<SegmentLog>> {
        let slots: Vec<_> = self.slots().values().cloned().collect();
        let open = |slot: &Arc<Slot>| match &*slot.lock() {
            Presence::Open(log) => Some(Arc::clone(log)),
            Presence::Absent | Presence::Making { .. } | Presence::Stored => None,
        };
        slots.iter().filter_map(open).collect()
    }

    fn log(&self, recovered: Recovered) -> Arc<SegmentLog> {
        SegmentLog::new(recovered, Arc::clone(&self.storage), Arc::clone(&self.syncer), self.durability)
    }

    async fn make(&self, id: &LogId) -> Result<Arc<SegmentLog>> {
        let making = Making::begin(self, id)?;
        let (newborn, outcome, recovered) = self.draft(id).map_err(|reason| refused(id, reason))?;
        let making = making.of(Arc::clone(&newborn));
        self.syncer.enqueue(newborn);
        self.syncer.hurry();
        let outcome = outcome.await.unwrap_or_else(|_| Err(io::Error::other("a sync came to no end")));
        outcome.map_err(|reason| refused(id, reason))?;
        making.finish(self.log(recovered))
    }

    /// Makes the files of a log under another name first, so that a process that is killed leaves all of it or nothing.
    fn draft(&self, id: &LogId) -> io::Result<(Arc<Newborn>, oneshot::Receiver<io::Result<()>>, Recovered)> {
        let fs = &*self.storage.fs;
        let header = Header { salt: u64::from_le_bytes(self.random.bytes()), standing: Standing::new(Offset::ZERO) };
        let directory = self.directory.of(id);
        let active = self.storage.segment(id, &directory, Offset::ZERO);
        let draft = self.directory.draft(fs, id)?;
        self.storage.create(&draft, &active, &header)?;
        let (directory_of_all, storage) = (Arc::clone(&self.directory), Arc::clone(&self.storage));
        let (newborn, outcome) = Newborn::new(id.clone(), directory_of_all, storage, Arc::clone(&active));
        let writer = Writer::new(&header, Arc::clone(&active), self.segment_bytes);
        let recovered =
            Recovered { id: id.clone(), directory, writer, segments: vec![active], index: Index::default() };
        Ok((newborn, outcome, recovered))
    }

    fn open_now(&self, id: &LogId, presence: &mut Presence) -> Result<Arc<SegmentLog>> {
        match presence {
            Presence::Absent | Presence::Making { .. } => return Err(Error::NotFound(id.clone())),
            Presence::Open(log) if log.check_writable().is_ok() => return Ok(Arc::clone(log)),
            Presence::Open(poisoned) => poisoned.await_last_write(),
            Presence::Stored => {}
        }
        *presence = Presence::Stored;
        let unreadable = |reason| Error::Unreadable { log: id.clone(), reason: Arc::new(reason) };
        let Some(log) = self.recover(id).map_err(unreadable)? else {
            self.remove_now(id, presence)?;
            return Err(Error::NotFound(id.clone()));
        };
        *presence = Presence::Open(Arc::clone(&log));
        Ok(log)
    }

    /// `None` if the log was being made when the power was cut, so that nobody ever had it.
    fn recover(&self, id: &LogId) -> io::Result<Option<Arc<SegmentLog>>> {
        let directory = self.directory.of(id);
        let recovered = recovery::recover(&self.storage, id, &directory, self.segment_bytes)?;
        let log = recovered.map(|recovered| self.log(recovered));
        log.as_ref().map_or(Ok(()), |log| log.sync_inherited())?;
        Ok(log)
    }

    fn remove_now(&self, id: &LogId, presence: &mut Presence) -> Result<()> {
        match presence {
            Presence::Making { removed } => {
                // Whoever makes it finds out.
                *removed = true;
                return Ok(());
            }
            Presence::Open(log) => {
                log.mark_removed();
                *presence = Presence::Stored;
            }
            Presence::Absent | Presence::Stored => {}
        }
        self.directory.remove(&*self.storage.fs, id).map_err(|reason| refused(id, reason))?;
        *presence = Presence::Absent;
        Ok(())
    }
}

/// A name that is being given to a log. Dropped before [`finish`](Self::finish), it is free again and nothing is left.
struct Making<'a> {
    store: &'a Store,
    id: &'a LogId,
    newborn: Option<Arc<Newborn>>,
    finished: bool,
}

impl<'a> Making<'a> {
    fn begin(store: &'a Store, id: &'a LogId) -> Result<Self> {
        store.on(id, |presence| match presence {
            Presence::Absent => {
                *presence = Presence::Making { removed: false };
                Ok(())
            }
            Presence::Making { .. } | Presence::Stored | Presence::Open(_) => Err(Error::AlreadyExists(id.clone())),
        })?;
        Ok(Self { store, id, newborn: None, finished: false })
    }

    fn of(mut self, newborn: Arc<Newborn>) -> Self {
        self.newborn = Some(newborn);
        self
    }

    fn finish(mut self, log: Arc<SegmentLog>) -> Result<Arc<SegmentLog>> {
        self.store.on(self.id, |presence| {
            if matches!(presence, Presence::Making { removed: true }) {
                return Err(Error::NotFound(self.id.clone()));
            }
            *presence = Presence::Open(Arc::clone(&log));
            Ok(())
        })?;
        self.finished = true;
        Ok(log)
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        if let Some(newborn) = &self.newborn {
            newborn.abandon();
        }
        let free = self.store.on(self.id, |presence| {
            *presence = Presence::Absent;
            Ok(())
        });
        free.expect("nothing here fails");
    }
}

fn refused(id: &LogId, reason: io::Error) -> Error {
    Error::Refused { log: id.clone(), reason: Arc::new(reason) }
}

impl LogStore for Store {
    fn create(&self, id: &LogId) -> BoxFuture<'_, Result<Arc<dyn Log>>> {
        let id = id.clone();
        async move { self.make(&id).await.map(|log| log as Arc<dyn Log>) }.boxed()
    }

    fn open(&self, id: &LogId) -> BoxFuture<'_, Result<Arc<dyn Log>>> {
        let id = id.clone();
        async move { self.on(&id, |presence| self.open_now(&id, presence)).map(|log| log as Arc<dyn Log>) }.boxed()
    }

    fn remove(&self, id: &LogId) -> BoxFuture<'_, Result<()>> {
        let id = id.clone();
        async move { self.on(&id, |presence| self.remove_now(&id, presence)) }.boxed()
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<LogId>>> {
        async move {
            let slots: Vec<_> = self.slots().iter().map(|(id, slot)| (id.clone(), Arc::clone(slot))).collect();
            let present = |presence: &Presence| matches!(presence, Presence::Stored | Presence::Open(_));
            let present = slots.into_iter().filter(|(_, slot)| present(&slot.lock()));
            Ok(present.map(|(id, _)| id).collect())
        }
        .boxed()
    }

    fn sync(&self) -> BoxFuture<'_, Result<()>> {
        async move {
            self.sync_all().await?;
            // A log that failed before will not be in a round again.
            self.open_logs().iter().try_for_each(|log| log.check_writable())
        }
        .boxed()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Handles that outlive the store go on, and sync for themselves.
        self.syncer.stop();
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("directory", &self.directory.path()).finish_non_exhaustive()
    }
}
