//! The reference: logs in vectors, as simple as the contract allows. It passes the same suite as the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use env::Timestamp;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use shard_log::{
    Appended, Batch, Bounds, DataKey, Entry, Error, Keyring, Log, LogId, LogStore, Offset, Page, ReadLimit, Record,
    Records, Result, Trim,
};
use tokio::sync::watch;

/// Logs in memory.
#[derive(Debug)]
pub(crate) struct Reference {
    logs: Mutex<BTreeMap<LogId, Arc<ReferenceLog>>>,
    keyring: Arc<dyn Keyring>,
}

impl Reference {
    pub(crate) fn new(keyring: Arc<dyn Keyring>) -> Self {
        Self { logs: Mutex::default(), keyring }
    }
}

#[derive(Debug)]
struct ReferenceLog {
    id: LogId,
    keyring: Arc<dyn Keyring>,
    content: Mutex<Content>,
    tail: watch::Sender<Offset>,
}

#[derive(Debug, Default)]
struct Content {
    records: Vec<Record>,
    /// The wrapped keys of the records that are sealed.
    keys: BTreeMap<Offset, Bytes>,
    trim: Offset,
    next: Offset,
    last_arrival: Option<Timestamp>,
    sealed: bool,
    removed: bool,
}

impl Content {
    fn live(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| record.offset >= self.trim)
    }

    fn seek(&self, arrival: Timestamp) -> Offset {
        self.live().find(|record| record.arrival >= arrival).map_or(self.next, |record| record.offset)
    }

    fn bounds(&self) -> Bounds {
        Bounds { first: self.trim, next: self.next, last_arrival: self.last_arrival, sealed: self.sealed }
    }
}

impl ReferenceLog {
    fn act<'a, T: Send + 'a>(&'a self, act: impl FnOnce(&mut Content) -> Result<T>) -> BoxFuture<'a, Result<T>> {
        let mut content = self.content.lock().unwrap();
        let outcome = if content.removed { Err(Error::NotFound(self.id.clone())) } else { act(&mut content) };
        self.tail.send_if_modified(|tail| std::mem::replace(tail, content.next) != content.next);
        ready(outcome).boxed()
    }
}

impl ReferenceLog {
    fn put<'a>(&'a self, batch: Batch<'a>, key: Option<&'a DataKey>) -> BoxFuture<'a, Result<Appended>> {
        async move {
            self.act(|content| {
                if content.sealed {
                    return Err(Error::Sealed(self.id.clone()));
                }
                let first = batch.at_least.max(content.next);
                let Some(next) = first.0.checked_add(batch.entries.len() as u64).filter(|next| *next < u64::MAX) else {
                    let reason = Arc::new(std::io::ErrorKind::InvalidInput.into());
                    return Err(Error::Refused { log: self.id.clone(), reason });
                };
                let arrival = content.last_arrival.map_or(batch.arrival, |last| last.max(batch.arrival));
                for (entry, offset) in batch.entries.iter().zip(first.0..) {
                    let [key, payload] = [entry.key, entry.payload].map(Bytes::copy_from_slice);
                    content.records.push(Record { offset: Offset(offset), arrival, key, payload });
                }
                if let Some(key) = key {
                    content.keys.extend((first.0..next).map(|offset| (Offset(offset), key.wrapped().clone())));
                }
                content.next = Offset(next);
                content.last_arrival = Some(arrival);
                Ok(Appended { first, arrival })
            })
            .await
        }
        .boxed()
    }
}

impl Log for ReferenceLog {
    fn append<'a>(&'a self, batch: Batch<'a>) -> BoxFuture<'a, Result<Appended>> {
        self.put(batch, None)
    }

    fn append_sealed<'a>(&'a self, batch: Batch<'a>, key: &'a DataKey) -> BoxFuture<'a, Result<Appended>> {
        self.put(batch, Some(key))
    }

    fn read(&self, from: Offset, limit: ReadLimit) -> BoxFuture<'_, Result<Page>> {
        self.act(|content| {
            let mut page = Page { batches: Vec::new(), next: from.max(content.trim) };
            let mut bytes = 0;
            for record in content.live().filter(|record| record.offset >= from) {
                bytes += record.key.len().saturating_sub(limit.uncounted) + record.payload.len();
                let full = page.batches.len() >= limit.records || bytes > limit.bytes;
                if full && !page.batches.is_empty() {
                    return Ok(page);
                }
                match content.keys.get(&record.offset).map_or(Ok(()), |key| self.keyring.unwrap(key).map(drop)) {
                    Err(_) if !page.batches.is_empty() => return Ok(page),
                    Err(reason) => return Err(Error::Locked { log: self.id.clone(), reason }),
                    Ok(()) => {}
                }
                page.next = record.offset.next();
                let entry = Entry { key: &record.key, payload: &record.payload };
                page.batches.push(Records::new(record.offset, record.arrival, &[entry]));
            }
            Ok(page)
        })
    }

    fn seek(&self, arrival: Timestamp) -> BoxFuture<'_, Result<Offset>> {
        self.act(|content| Ok(content.seek(arrival)))
    }

    fn bounds(&self) -> Bounds {
        self.content.lock().unwrap().bounds()
    }

    fn tail(&self) -> watch::Receiver<Offset> {
        self.tail.subscribe()
    }

    fn trim(&self, trim: Trim) -> BoxFuture<'_, Result<()>> {
        self.act(|content| {
            let target = match trim {
                Trim::Before(offset) => offset.min(content.next),
                Trim::Older(arrival) => content.seek(arrival),
            };
            content.trim = content.trim.max(target);
            Ok(())
        })
    }

    fn seal(&self) -> BoxFuture<'_, Result<Bounds>> {
        self.act(|content| {
            content.sealed = true;
            Ok(content.bounds())
        })
    }
}

impl LogStore for Reference {
    fn create(&self, id: &LogId) -> BoxFuture<'_, Result<Arc<dyn Log>>> {
        let mut logs = self.logs.lock().unwrap();
        if logs.contains_key(id) {
            return ready(Err(Error::AlreadyExists(id.clone()))).boxed();
        }
        let log = Arc::new(ReferenceLog {
            id: id.clone(),
            keyring: Arc::clone(&self.keyring),
            content: Mutex::default(),
            tail: watch::Sender::new(Offset::ZERO),
        });
        logs.insert(id.clone(), Arc::clone(&log));
        ready(Ok(log as Arc<dyn Log>)).boxed()
    }

    fn open(&self, id: &LogId) -> BoxFuture<'_, Result<Arc<dyn Log>>> {
        let log = self.logs.lock().unwrap().get(id).map(|log| Arc::clone(log) as Arc<dyn Log>);
        ready(log.ok_or_else(|| Error::NotFound(id.clone()))).boxed()
    }

    fn remove(&self, id: &LogId) -> BoxFuture<'_, Result<()>> {
        if let Some(log) = self.logs.lock().unwrap().remove(id) {
            log.content.lock().unwrap().removed = true;
        }
        ready(Ok(())).boxed()
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<LogId>>> {
        ready(Ok(self.logs.lock().unwrap().keys().cloned().collect())).boxed()
    }

    fn sync(&self) -> BoxFuture<'_, Result<()>> {
        ready(Ok(())).boxed()
    }
}
