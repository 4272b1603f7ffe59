//! Objects and their versions, as records and as what readers hold.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::acl::Acl;
use crate::blobs::{Blobs, Piece};
use crate::checksum::Checksum;
use crate::lock::Lock;
use crate::metadata::Headers;
use crate::sealing::Seal;
use crate::tags::Tag;

/// The id of what was written while nothing was kept.
pub(crate) const NULL: &str = "null";

/// A version of an object, or a delete marker. Persisted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) key: String,
    pub(crate) id: String,
    /// Rises with every write; the highest of a key is what the key means.
    pub(crate) sequence: u64,
    /// In whole seconds, as S3 tells it.
    pub(crate) modified: Timestamp,
    /// None: a delete marker.
    pub(crate) content: Option<Content>,
}

/// What is in a version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Content {
    /// One for a whole body; the parts of an upload.
    pub(crate) pieces: Vec<Piece>,
    /// With its quotes.
    pub(crate) etag: String,
    pub(crate) headers: Headers,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
    pub(crate) checksum: Checksum,
    /// Sizes of the parts, if it was uploaded in parts.
    #[serde(default)]
    pub(crate) parts: Option<Vec<u64>>,
    /// How its bytes are sealed, if they are.
    #[serde(default)]
    pub(crate) seal: Option<Seal>,
    /// None: its owner may do everything, and nobody else anything.
    #[serde(default)]
    pub(crate) acl: Option<Acl>,
    /// What keeps it from being deleted.
    #[serde(default)]
    pub(crate) lock: Lock,
}

impl Content {
    /// How many bytes there are.
    pub(crate) fn size(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.length).sum()
    }
}

/// A version in use. Its files outlive it only if nobody has doomed it: who still reads what was overwritten reads to the end.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) version: Version,
    blobs: Arc<Blobs>,
    doomed: AtomicBool,
}

impl Held {
    pub(crate) fn new(version: Version, blobs: Arc<Blobs>) -> Arc<Self> {
        Arc::new(Self { version, blobs, doomed: AtomicBool::new(false) })
    }

    /// Nothing refers to its files any more: they go with the last reader.
    pub(crate) fn doom(&self) {
        self.doomed.store(true, Ordering::Relaxed);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.doomed.load(Ordering::Relaxed) {
            let pieces = self.version.content.iter().flat_map(|content| &content.pieces);
            pieces.for_each(|piece| self.blobs.remove(&piece.blob));
        }
    }
}
