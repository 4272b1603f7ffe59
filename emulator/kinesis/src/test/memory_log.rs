//! Logs in memory, as plain as the contract allows: tests of this crate are about streams, not about disks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use env::Timestamp;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use shard_log::{
    Appended, Batch, Bounds, DataKey, Entry, Error, Keyring, Log, LogId, LogStore, Offset, Page, ReadLimit, Record,
    Records, Result, Trim,
};
use tokio::sync::watch;

#[derive(Debug, Default)]
pub(crate) struct MemoryLogs {
    logs: Mutex<BTreeMap<LogId, Arc<MemoryLog>>>,
    /// Who unwraps the keys of sealed records, once there is somebody.
    keyring: Arc<Mutex<Option<Arc<dyn Keyring>>>>,
}

#[derive(Debug)]
struct MemoryLog {
    id: LogId,
    keyring: Arc<Mutex<Option<Arc<dyn Keyring>>>>,
    inner: Mutex<Inner>,
    tail: watch::Sender<Offset>,
}

#[derive(Clone, Debug, Default)]
struct Inner {
    records: Vec<Record>,
    /// The wrapped keys of the records that are sealed.
    keys: BTreeMap<Offset, Bytes>,
    first: Offset,
    next: Offset,
    last_arrival: Option<Timestamp>,
    sealed: bool,
    removed: bool,
    /// A sync failed, as it were.
    poisoned: bool,
}

impl MemoryLogs {
    /// Has `keyring` unwrap keys from now on.
    pub(crate) fn set_keyring(&self, keyring: Arc<dyn Keyring>) {
        *self.keyring.lock().unwrap() = Some(keyring);
    }

    /// The wrapped keys that records were sealed with, each once.
    pub(crate) fn wrapped_keys(&self) -> Vec<Bytes> {
        let logs = self.logs.lock().unwrap();
        let mut keys: Vec<_> =
            logs.values().flat_map(|log| log.inner.lock().unwrap().keys.clone().into_values()).collect();
        keys.dedup();
        keys
    }

    /// Makes every log refuse what is written to it until it is opened anew.
    pub(crate) fn poison(&self) {
        for log in self.logs.lock().unwrap().values() {
            log.inner.lock().unwrap().poisoned = true;
        }
    }

    /// The records in all logs.
    pub(crate) fn record_count(&self) -> usize {
        self.logs.lock().unwrap().values().map(|log| log.inner.lock().unwrap().records.len()).sum()
    }

    /// The names of all logs.
    pub(crate) fn names(&self) -> Vec<String> {
        self.logs.lock().unwrap().keys().map(ToString::to_string).collect()
    }
}

fn ready<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, T> {
    std::future::ready(value).boxed()
}

impl LogStore for MemoryLogs {
    fn create(&self, id: &LogId) -> BoxFuture<'_, Result<Arc<dyn Log>>> {
        let mut logs = self.logs.lock().unwrap();
        if logs.contains_key(id) {
            return ready(Err(Error::AlreadyExists(id.clone())));
        }
        let log = Arc::new(MemoryLog {
            id: id.clone(),
            keyring: Arc::clone(&self.keyring),
            inner: Mutex::default(),
            tail: watch::Sender::new(Offset::ZERO),
        });
        logs.insert(id.clone(), Arc::clone(&log));
        ready(Ok(log))
    }

    fn open(&self, id: &LogId) -> BoxFuture<'_, Result<Arc<dyn Log>>> {
        let mut logs = self.logs.lock().unwrap();
        let Some(log) = logs.get_mut(id) else { return ready(Err(Error::NotFound(id.clone()))) };
        let inner = log.inner.lock().unwrap().clone();
        if inner.poisoned {
            let tail = watch::Sender::new(inner.next);
            let inner = Mutex::new(Inner { poisoned: false, ..inner });
            *log = Arc::new(MemoryLog { id: id.clone(), keyring: Arc::clone(&self.keyring), inner, tail });
        }
        ready(Ok(Arc::clone(log) as _))
    }

    fn remove(&self, id: &LogId) -> BoxFuture<'_, Result<()>> {
        if let Some(log) = self.logs.lock().unwrap().remove(id) {
            log.inner.lock().unwrap().removed = true;
        }
        ready(Ok(()))
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<LogId>>> {
        ready(Ok(self.logs.lock().unwrap().keys().cloned().collect()))
    }

    fn sync(&self) -> BoxFuture<'_, Result<()>> {
        ready(Ok(()))
    }
}

impl MemoryLog {
    fn append_now(&self, batch: Batch<'_>, sealing: Option<&DataKey>) -> Result<Appended> {
        let mut inner = self.inner.lock().unwrap();
        if inner.removed {
            return Err(Error::NotFound(self.id.clone()));
        }
        if inner.sealed {
            return Err(Error::Sealed(self.id.clone()));
        }
        if inner.poisoned {
            let reason = Arc::new(std::io::Error::other("a sync failed"));
            return Err(Error::Poisoned { log: self.id.clone(), reason });
        }
        let arrival = inner.last_arrival.map_or(batch.arrival, |last| last.max(batch.arrival));
        let first = inner.next.max(batch.at_least);
        for entry in batch.entries {
            let offset = inner.next.max(first);
            let (key, payload) = (entry.key.to_vec().into(), entry.payload.to_vec().into());
            inner.records.push(Record { offset, arrival, key, payload });
            if let Some(sealing) = sealing {
                inner.keys.insert(offset, sealing.wrapped().clone());
            }
            inner.next = offset.next();
        }
        inner.last_arrival = Some(arrival);
        self.tail.send_replace(inner.next);
        Ok(Appended { first, arrival })
    }
}

impl Log for MemoryLog {
    fn append<'a>(&'a self, batch: Batch<'a>) -> BoxFuture<'a, Result<Appended>> {
        ready(self.append_now(batch, None))
    }

    fn append_sealed<'a>(&'a self, batch: Batch<'a>, key: &'a DataKey) -> BoxFuture<'a, Result<Appended>> {
        ready(self.append_now(batch, Some(key)))
    }

    fn read(&self, from: Offset, limit: ReadLimit) -> BoxFuture<'_, Result<Page>> {
        let inner = self.inner.lock().unwrap();
        let mut records: Vec<&Record> = Vec::new();
        let mut bytes = 0;
        for record in inner.records.iter().filter(|record| record.offset >= from) {
            bytes += record.key.len().saturating_sub(limit.uncounted) + record.payload.len();
            if !records.is_empty() && (records.len() >= limit.records || bytes > limit.bytes) {
                break;
            }
            let keyring = self.keyring.lock().unwrap().clone();
            if let Some((wrapped, keyring)) = inner.keys.get(&record.offset).zip(keyring)
                && let Err(reason) = keyring.unwrap(wrapped)
            {
                if records.is_empty() {
                    return ready(Err(Error::Locked { log: self.id.clone(), reason }));
                }
                break;
            }
            records.push(record);
        }
        let next = records.last().map_or(from.max(inner.first), |record| record.offset.next());
        let alone = |record: &&Record| {
            let entry = Entry { key: &record.key, payload: &record.payload };
            Records::new(record.offset, record.arrival, &[entry])
        };
        ready(Ok(Page { batches: records.iter().map(alone).collect(), next }))
    }

    fn seek(&self, arrival: Timestamp) -> BoxFuture<'_, Result<Offset>> {
        let inner = self.inner.lock().unwrap();
        let found = inner.records.iter().find(|record| record.arrival >= arrival);
        ready(Ok(found.map_or(inner.next, |record| record.offset)))
    }

    fn bounds(&self) -> Bounds {
        let inner = self.inner.lock().unwrap();
        Bounds { first: inner.first, next: inner.next, last_arrival: inner.last_arrival, sealed: inner.sealed }
    }

    fn tail(&self) -> watch::Receiver<Offset> {
        self.tail.subscribe()
    }

    fn trim(&self, trim: Trim) -> BoxFuture<'_, Result<()>> {
        let mut inner = self.inner.lock().unwrap();
        inner.records.retain(|record| match trim {
            Trim::Before(offset) => record.offset >= offset,
            Trim::Older(arrival) => record.arrival >= arrival,
        });
        inner.first = inner.records.first().map_or(inner.next, |record| record.offset);
        ready(Ok(()))
    }

    fn seal(&self) -> BoxFuture<'_, Result<Bounds>> {
        self.inner.lock().unwrap().sealed = true;
        ready(Ok(self.bounds()))
    }
}
