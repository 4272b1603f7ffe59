//! Everything known about buckets and objects: in memory, and durable in the state store.
//!
//! Invariant: what is in memory is in the store. One writer has its turn at a time; readers never wait for its disk.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use env::{Env, Timestamp};
use state_store::{Store, Table};

use crate::blobs::Blobs;
use crate::bucket::{Bucket, Versioning};
use crate::error::{Error, Result};
use crate::object::{Content, Held, NULL, Version};
use crate::upload::{Part, Parts, Upload};

/// The buckets of all accounts.
pub(crate) struct Directory {
    pub(crate) blobs: Arc<Blobs>,
    env: Env,
    store: Store,
    buckets: Table<Bucket>,
    versions: Table<Version>,
    uploads: Table<Upload>,
    parts: Table<Part>,
    shelves: RwLock<BTreeMap<String, Shelf>>,
    /// The sequence of the next version.
    turn: Mutex<u64>,
}

/// A bucket and what is in it.
pub(crate) struct Shelf {
    pub(crate) bucket: Arc<Bucket>,
    /// Versions in the order of their writing. None is empty.
    pub(crate) objects: BTreeMap<String, Vec<Arc<Held>>>,
    pub(crate) uploads: BTreeMap<String, Arc<Parts>>,
}

impl Shelf {
    fn new(bucket: Bucket) -> Self {
        Self { bucket: Arc::new(bucket), objects: BTreeMap::new(), uploads: BTreeMap::new() }
    }

    /// The newest version of `key`, be it a delete marker.
    pub(crate) fn newest(&self, key: &str) -> Option<&Arc<Held>> {
        self.objects.get(key)?.last()
    }

    /// The version of `key` that is called `id`.
    pub(crate) fn version(&self, key: &str, id: &str) -> Option<&Arc<Held>> {
        self.objects.get(key)?.iter().find(|held| held.version.id == id)
    }
}

/// What a deletion did.
pub(crate) struct Deleted {
    /// Whether what it made or removed is a delete marker.
    pub(crate) marker: bool,
    /// The version that it made or removed, where there are versions.
    pub(crate) version: Option<String>,
}

impl Directory {
    pub(crate) fn open(env: Env, store: &Store, folder: &Path) -> Result<Self, crate::OpenError> {
        let blobs = Arc::new(Blobs::open(folder, env.random.clone())?);
        let (buckets, versions) = (store.table::<Bucket>("s3.buckets"), store.table::<Version>("s3.versions"));
        let (uploads, parts) = (store.table::<Upload>("s3.uploads"), store.table::<Part>("s3.parts"));
        let mut shelves: BTreeMap<_, _> =
            buckets.all()?.into_iter().map(|(name, bucket)| (name, Shelf::new(bucket))).collect();
        let mut next = 0;
        // By their places, versions come in the order of their writing.
        for (place, version) in versions.all()? {
            next = next.max(version.sequence + 1);
            if let Some(shelf) = shelves.get_mut(owner(&place)) {
                let key = version.key.clone();
                shelf.objects.entry(key).or_default().push(Held::new(version, Arc::clone(&blobs)));
            }
        }
        for (place, upload) in uploads.all()? {
            let of_upload = parts.scan(&format!("{place}/"))?.into_iter().map(|(_, part)| (part.number, part));
            if let Some(shelf) = shelves.get_mut(owner(&place)) {
                shelf.uploads.insert(upload.id.clone(), Arc::new(Parts { upload, parts: of_upload.collect() }));
            }
        }
        sweep(&blobs, &shelves)?;
        let (shelves, turn) = (RwLock::new(shelves), Mutex::new(next));
        Ok(Self { blobs, env, store: store.clone(), buckets, versions, uploads, parts, shelves, turn })
    }

    /// What `read` finds in a bucket; `None` if there is no such bucket.
    pub(crate) fn read<R>(&self, bucket: &str, read: impl FnOnce(&Shelf) -> R) -> Option<R> {
        // It is changed in one step, after the store has been.
        self.shelves.read().unwrap_or_else(PoisonError::into_inner).get(bucket).map(read)
    }

    /// The buckets of an account, by name.
    pub(crate) fn buckets(&self, account: &str) -> Vec<Arc<Bucket>> {
        let shelves = self.shelves.read().unwrap_or_else(PoisonError::into_inner);
        shelves.values().map(|shelf| Arc::clone(&shelf.bucket)).filter(|bucket| bucket.account == account).collect()
    }

    /// Waits for the turn to write.
    pub(crate) fn write(&self) -> Writing<'_> {
        Writing { directory: self, next: self.turn.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    /// Now, in whole seconds.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_secs(self.env.clock.now().as_secs())
    }

    /// An id of 32 characters.
    pub(crate) fn new_id(&self) -> String {
        self.env.random.base32(32)
    }
}

/// The bucket of a place.
fn owner(place: &str) -> &str {
    place.split('/').next().unwrap_or_default()
}

fn sweep(blobs: &Blobs, shelves: &BTreeMap<String, Shelf>) -> io::Result<()> {
    let versions = shelves.values().flat_map(|shelf| shelf.objects.values().flatten());
    let contents = versions.filter_map(|held| held.version.content.as_ref()).flat_map(|content| &content.pieces);
    let uploads = shelves.values().flat_map(|shelf| shelf.uploads.values());
    let parts = uploads.flat_map(|upload| upload.parts.values().filter_map(|part| part.piece.as_ref()));
    let known: HashSet<&str> = contents.chain(parts).map(|piece| piece.blob.as_str()).collect();
    blobs.sweep(&known)
}

/// A turn to write. What a method does is durable when it returns.
pub(crate) struct Writing<'a> {
    directory: &'a Directory,
    next: MutexGuard<'a, u64>,
}

impl Writing<'_> {
    /// Makes a bucket, or changes one.
    pub(crate) fn put_bucket(&self, bucket: Bucket) -> Result<()> {
        self.directory.buckets.put(&bucket.name, &bucket)?;
        self.change(|shelves| match shelves.get_mut(&bucket.name) {
            Some(shelf) => shelf.bucket = Arc::new(bucket),
            None => drop(shelves.insert(bucket.name.clone(), Shelf::new(bucket))),
        });
        Ok(())
    }

    /// Changes a bucket that is there.
    pub(crate) fn change_bucket(&self, name: &str, change: impl FnOnce(&mut Bucket)) -> Result<()> {
        let mut bucket = Bucket::clone(&*self.bucket(name)?);
        change(&mut bucket);
        self.put_bucket(bucket)
    }

    /// Removes an empty bucket and the uploads to it.
    pub(crate) fn remove_bucket(&self, name: &str) -> Result<()> {
        let directory = self.directory;
        let read = |shelf: &Shelf| (shelf.objects.is_empty(), shelf.uploads.keys().cloned().collect::<Vec<_>>());
        let (empty, uploads) = directory.read(name, read).ok_or_else(|| not_found(name))?;
        if !empty {
            return Err(Error::BucketNotEmpty { bucket: name.to_owned() });
        }
        for upload in uploads {
            self.remove_upload(name, &upload)?;
        }
        directory.buckets.remove(name)?;
        self.change(|shelves| drop(shelves.remove(name)));
        Ok(())
    }

    /// Adds a version to `key`, in the place of what is not to be kept. With `finishing`, an upload ends with it.
    pub(crate) fn add(
        &mut self,
        bucket: &str,
        key: &str,
        content: Option<Content>,
        finishing: Option<&Parts>,
    ) -> Result<Arc<Held>> {
        let directory = self.directory;
        let id = match self.bucket(bucket)?.versioning {
            Versioning::Enabled => directory.new_id(),
            Versioning::Off | Versioning::Suspended => NULL.to_owned(),
        };
        let replaced = directory.read(bucket, |shelf| shelf.version(key, &id).cloned()).flatten();
        let (sequence, modified) = (*self.next, directory.now());
        let version = Version { key: key.to_owned(), id, sequence, modified, content };
        let held = Held::new(version, Arc::clone(&directory.blobs));
        let stored = directory.store.commit(|transaction| {
            transaction.put(&directory.versions, &place(bucket, sequence), &held.version)?;
            if let Some(replaced) = &replaced {
                transaction.remove(&directory.versions, &place(bucket, replaced.version.sequence))?;
            }
            let Some(upload) = finishing else { return Ok(()) };
            let of_upload = format!("{bucket}/{}", upload.upload.id);
            let mut parts = upload.parts.keys();
            parts.try_for_each(|number| transaction.remove(&directory.parts, &format!("{of_upload}/{number:05}")))?;
            transaction.remove(&directory.uploads, &of_upload)
        });
        if let Err(error) = stored {
            // The files of an upload still belong to its parts.
            if finishing.is_none() {
                held.doom();
            }
            return Err(error.into());
        }
        *self.next += 1;
        self.on_shelf(bucket, |shelf| {
            let versions = shelf.objects.entry(key.to_owned()).or_default();
            versions.retain(|held| replaced.as_ref().is_none_or(|replaced| !Arc::ptr_eq(held, replaced)));
            versions.push(Arc::clone(&held));
            if let Some(upload) = finishing {
                shelf.uploads.remove(&upload.upload.id);
            }
        });
        replaced.iter().for_each(|replaced| replaced.doom());
        Ok(held)
    }

    /// Deletes keys, or the versions of keys that are named, but for those that are kept. With `bypass`, only those that
    /// nobody may delete are.
    pub(crate) fn delete(
        &mut self,
        bucket: &str,
        what: &[(&str, Option<&str>)],
        bypass: bool,
    ) -> Result<Vec<Result<Deleted>>> {
        let (directory, now) = (self.directory, self.directory.now());
        let versioning = self.bucket(bucket)?.versioning;
        let (mut gone, mut markers, mut outcome) = (Vec::new(), Vec::new(), Vec::new());
        for &(key, version) in what {
            let id = version.unwrap_or(NULL);
            let found = directory.read(bucket, |shelf| shelf.version(key, id).cloned()).flatten();
            // With versions, only what is named or cannot be kept is removed; else a delete marker is added.
            let marking = version.is_none() && versioning != Versioning::Off;
            let removed = found.filter(|_| !(marking && versioning == Versioning::Enabled));
            let content = removed.as_ref().and_then(|held| held.version.content.as_ref());
            if content.is_some_and(|content| content.lock.protects(now, bypass)) {
                outcome.push(Err(Error::ObjectLocked));
                continue;
            }
            let was_marker = removed.as_ref().is_some_and(|held| held.version.content.is_none());
            gone.extend(removed);
            if marking {
                let id = if versioning == Versioning::Enabled { directory.new_id() } else { NULL.to_owned() };
                let sequence = *self.next + outcome.len() as u64;
                outcome.push(Ok(Deleted { marker: true, version: Some(id.clone()) }));
                let modified = now;
                let marker = Version { key: key.to_owned(), id, sequence, modified, content: None };
                // Named twice in a call, a key that keeps no versions still has one.
                markers
                    .retain(|other: &Arc<Held>| (&other.version.key, &other.version.id) != (&marker.key, &marker.id));
                markers.push(Held::new(marker, Arc::clone(&directory.blobs)));
            } else {
                outcome.push(Ok(Deleted { marker: was_marker, version: version.map(str::to_owned) }));
            }
        }
        if gone.is_empty() && markers.is_empty() {
            return Ok(outcome);
        }
        directory.store.commit(|transaction| {
            for held in &gone {
                transaction.remove(&directory.versions, &place(bucket, held.version.sequence))?;
            }
            let mut new = markers.iter();
            new.try_for_each(|marker| {
                transaction.put(&directory.versions, &place(bucket, marker.version.sequence), &marker.version)
            })
        })?;
        *self.next += what.len() as u64;
        self.on_shelf(bucket, |shelf| {
            for held in &gone {
                if let Some(versions) = shelf.objects.get_mut(&held.version.key) {
                    versions.retain(|other| !Arc::ptr_eq(held, other));
                    if versions.is_empty() {
                        shelf.objects.remove(&held.version.key);
                    }
                }
            }
            for marker in markers {
                shelf.objects.entry(marker.version.key.clone()).or_default().push(marker);
            }
        });
        gone.iter().for_each(|held| held.doom());
        Ok(outcome)
    }

    /// Changes what is known about a version, not what is in it.
    pub(crate) fn change_version(
        &self,
        bucket: &str,
        held: &Arc<Held>,
        change: impl FnOnce(&mut Content),
    ) -> Result<()> {
        let directory = self.directory;
        let mut version = held.version.clone();
        if let Some(content) = &mut version.content {
            change(content);
        }
        directory.versions.put(&place(bucket, version.sequence), &version)?;
        self.on_shelf(bucket, |shelf| {
            let versions = shelf.objects.entry(version.key.clone()).or_default();
            let sequence = version.sequence;
            let new = Held::new(version, Arc::clone(&directory.blobs));
            for other in versions.iter_mut().filter(|other| other.version.sequence == sequence) {
                *other = Arc::clone(&new);
            }
        });
        Ok(())
    }

    /// Begins an upload.
    pub(crate) fn put_upload(&self, bucket: &str, upload: Upload) -> Result<()> {
        self.bucket(bucket)?;
        self.directory.uploads.put(&format!("{bucket}/{}", upload.id), &upload)?;
        self.on_shelf(bucket, |shelf| {
            let (id, parts) = (upload.id.clone(), BTreeMap::new());
            shelf.uploads.insert(id, Arc::new(Parts { upload, parts }));
        });
        Ok(())
    }

    /// Adds a part to an upload, in the place of one of the same number.
    pub(crate) fn put_part(&self, bucket: &str, upload: &str, part: Part) -> Result<()> {
        let parts = self.directory.read(bucket, |shelf| shelf.uploads.get(upload).cloned()).flatten();
        let parts = parts.ok_or_else(|| Error::UploadNotFound { upload: upload.to_owned() })?;
        self.directory.parts.put(&format!("{bucket}/{upload}/{:05}", part.number), &part)?;
        let mut parts = Parts::clone(&parts);
        let replaced = parts.parts.insert(part.number, part);
        self.on_shelf(bucket, |shelf| drop(shelf.uploads.insert(upload.to_owned(), Arc::new(parts))));
        self.remove_blobs(replaced.iter());
        Ok(())
    }

    /// Gives an upload up.
    pub(crate) fn remove_upload(&self, bucket: &str, upload: &str) -> Result<()> {
        let directory = self.directory;
        let parts = directory.read(bucket, |shelf| shelf.uploads.get(upload).cloned()).flatten();
        let parts = parts.ok_or_else(|| Error::UploadNotFound { upload: upload.to_owned() })?;
        let of_upload = format!("{bucket}/{upload}");
        directory.store.commit(|transaction| {
            let mut numbers = parts.parts.keys();
            numbers.try_for_each(|number| transaction.remove(&directory.parts, &format!("{of_upload}/{number:05}")))?;
            transaction.remove(&directory.uploads, &of_upload)
        })?;
        self.on_shelf(bucket, |shelf| drop(shelf.uploads.remove(upload)));
        self.remove_blobs(parts.parts.values());
        Ok(())
    }

    /// Removes the files of parts.
    pub(crate) fn remove_blobs<'p>(&self, parts: impl Iterator<Item = &'p Part>) {
        parts.filter_map(|part| part.piece.as_ref()).for_each(|piece| self.directory.blobs.remove(&piece.blob));
    }

    fn bucket(&self, name: &str) -> Result<Arc<Bucket>> {
        self.directory.read(name, |shelf| Arc::clone(&shelf.bucket)).ok_or_else(|| not_found(name))
    }

    fn on_shelf(&self, bucket: &str, change: impl FnOnce(&mut Shelf)) {
        self.change(|shelves| {
            if let Some(shelf) = shelves.get_mut(bucket) {
                change(shelf);
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Shelf>)) {
        change(&mut self.directory.shelves.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The place of a version's record. Persisted.
fn place(bucket: &str, sequence: u64) -> String {
    format!("{bucket}/{sequence:020}")
}

fn not_found(bucket: &str) -> Error {
    Error::BucketNotFound { bucket: bucket.to_owned() }
}
