//! What can go wrong with a store: it is somebody else's, it is from the future, or the disk fails.

use std::path::PathBuf;
use std::sync::Arc;

/// The result of a store operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a store could not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Another process has it open.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// A newer version wrote it.
    #[error("the state was written by a newer version (layout {found}; this version reads up to {known})")]
    Version {
        /// What the file says.
        found: u64,
        /// The newest layout that this version reads.
        known: u64,
    },
    /// A value is not of the type that its table holds.
    #[error("the value of {key:?} in table {table} does not decode: {reason}")]
    Value {
        /// The table.
        table: &'static str,
        /// The key.
        key: String,
        /// What the decoder said.
        reason: Arc<serde_json::Error>,
    },
    /// The disk or the file failed.
    #[error("the state file failed: {0}")]
    Storage(Arc<redb::Error>),
}

macro_rules! from_redb {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for Error {
            fn from(error: redb::$error) -> Self {
                Self::Storage(Arc::new(error.into()))
            }
        })*
    };
}

from_redb!(DatabaseError, TransactionError, TableError, StorageError, CommitError);
