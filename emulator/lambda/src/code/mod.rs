//! Deployment packages: zip files checked before they are believed, kept by the hash of their bytes.
//!
//! The catalog says which packages are in use; this module keeps the bytes, unpacks them and forgets those that nothing
//! refers to. Invariant: a package that was answered is on stable storage, and no package writes outside its directory.

mod archive;
mod folder;
mod hash;
mod shelf;

pub(crate) use folder::{HOT_RELOAD_BUCKET, fingerprint};
pub(crate) use hash::CodeHash;
pub(crate) use shelf::{Shelf, Unpacked};

/// The largest zip that can be sent along with a call.
pub(crate) const MAX_ZIPPED_BYTES: usize = 50 * 1024 * 1024;
/// The most that a package may hold once unpacked.
pub(crate) const MAX_UNZIPPED_BYTES: u64 = 250 * 1_048_576;

/// Why a package is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    /// It is no zip, is damaged, or would write where it must not.
    #[error("not a usable zip: {0}")]
    Unreadable(String),
    /// It has no entries.
    #[error("an empty zip")]
    Empty,
    /// It unpacks to more than [`MAX_UNZIPPED_BYTES`].
    #[error("too large when unpacked")]
    TooLarge,
    /// Our disk failed.
    #[error("{0}")]
    Disk(String),
}
