//! Small durable tables for what the services know: streams, functions, roles, checkpoints.
//!
//! A [`Store`] is one file; a [`Table`] in it maps text keys to values of one type, kept as JSON so that a later version
//! of the type can read what an earlier one wrote. A write is on stable storage when it returns, and several writes of
//! one [`Store::commit`] are all there or none. Records do not belong here: they live in logs.
//!
//! A write blocks for a disk sync; on a worker of Tokio's it hands the other tasks on first, so that it holds up only its
//! caller. Services keep what they need often in memory and write through.

mod error;
mod table;

use std::path::Path;
use std::sync::Arc;

use redb::backends::InMemoryBackend;
use redb::{Builder, Database, ReadableDatabase, TableDefinition};

use tokio::runtime::{Handle, RuntimeFlavor};

pub use error::{Error, Result};
pub use table::{Table, Transaction};

/// The version of the layout that this crate writes. Persisted: raise it when older code must not read the file.
const VERSION: u64 = 1;
const META: TableDefinition<'static, &str, u64> = TableDefinition::new("millrace.meta");

/// Most of the state is read once, at start; a small cache keeps an idle emulator small.
const CACHE_BYTES: usize = 2 * 1024 * 1024;

/// A file of durable tables. Clones share it.
#[derive(Clone, Debug)]
pub struct Store(Arc<Database>);

impl Store {
    /// Opens the store at `path`, making it if there is none. Only one process can have it open.
    pub fn open(path: &Path) -> Result<Self> {
        let database = Builder::new().set_cache_size(CACHE_BYTES).create(path).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => Error::InUse(path.to_owned()),
            error => Error::from(error),
        })?;
        Self::check_version(database)
    }

    /// A store that is gone when it is dropped.
    pub fn in_memory() -> Self {
        let database = Builder::new().set_cache_size(CACHE_BYTES).create_with_backend(InMemoryBackend::new());
        let database = database.expect("memory does not fail to open");
        Self(Arc::new(database))
    }

    fn check_version(database: Database) -> Result<Self> {
        match version(&database)? {
            Some(VERSION) => {}
            Some(found) => return Err(Error::Version { found, known: VERSION }),
            None => {
                let transaction = database.begin_write()?;
                transaction.open_table(META)?.insert("version", VERSION)?;
                transaction.commit()?;
            }
        }
        Ok(Self(Arc::new(database)))
    }

    /// The table called `name`. One name, one `T`. It costs nothing until something is put into it.
    pub fn table<T>(&self, name: &'static str) -> Table<T> {
        Table::new(self.clone(), name)
    }

    /// Runs `write`; what it put and removed is durable when this returns, and none of it is there if it failed.
    pub fn commit<R>(&self, write: impl FnOnce(&mut Transaction) -> Result<R>) -> Result<R> {
        blocking(|| {
            let mut transaction = Transaction::begin(&self.0)?;
            let outcome = write(&mut transaction)?;
            transaction.commit()?;
            Ok(outcome)
        })
    }
}

/// Runs what waits for the disk. On a worker of a Tokio runtime with several, the others' tasks are handed on first.
fn blocking<R>(work: impl FnOnce() -> R) -> R {
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    if matches!(flavor, Ok(RuntimeFlavor::MultiThread)) { tokio::task::block_in_place(work) } else { work() }
}

/// The version of the layout that a file was written with; none yet if it is new.
fn version(database: &Database) -> Result<Option<u64>> {
    match database.begin_read()?.open_table(META) {
        Ok(meta) => Ok(meta.get("version")?.map(|version| version.value())),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_there_after_reopening() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        {
            let store = Store::open(&path).unwrap();
            let (a, b) = (store.table::<u32>("a"), store.table::<String>("b"));
            a.put("one", &1).unwrap();
            a.put("gone", &2).unwrap();
            store
                .commit(|tx| {
                    tx.remove(&a, "gone")?;
                    tx.put(&b, "x", &"y".to_owned())
                })
                .unwrap();
        }
        let store = Store::open(&path).unwrap();
        assert_eq!(store.table::<u32>("a").all().unwrap(), [("one".to_owned(), 1)]);
        assert_eq!(store.table::<String>("b").get("x").unwrap().as_deref(), Some("y"));
    }

    #[test]
    fn a_failed_commit_leaves_nothing() {
        let store = Store::in_memory();
        let table = store.table::<u32>("a");
        let outcome: Result<()> = store.commit(|tx| {
            tx.put(&table, "one", &1)?;
            Err(Error::InUse("elsewhere".into()))
        });
        assert!(outcome.is_err());
        assert_eq!(table.get("one").unwrap(), None);
    }

    #[test]
    fn scanning_a_prefix_stays_inside_it() {
        let store = Store::in_memory();
        let table = store.table::<u32>("a");
        for (key, value) in [("a", 0), ("a/1", 1), ("a/2", 2), ("a0", 3)] {
            table.put(key, &value).unwrap();
        }
        assert_eq!(table.scan("a/").unwrap(), [("a/1".to_owned(), 1), ("a/2".to_owned(), 2)]);
    }

    #[test]
    fn a_second_opener_is_told_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let _first = Store::open(&path).unwrap();
        assert!(matches!(Store::open(&path), Err(Error::InUse(_))));
    }

    #[test]
    fn a_newer_layout_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        {
            let store = Store::open(&path).unwrap();
            let transaction = store.0.begin_write().unwrap();
            transaction.open_table(META).unwrap().insert("version", VERSION + 1).unwrap();
            transaction.commit().unwrap();
        }
        assert!(matches!(Store::open(&path), Err(Error::Version { found: 2, known: 1 })));
    }
}
