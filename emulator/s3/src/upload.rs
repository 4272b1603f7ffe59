//! Uploads in parts, while they are under way.

use std::collections::BTreeMap;

use env::Timestamp;
use serde::{Deserialize, Serialize};

use crate::acl::Acl;
use crate::blobs::Piece;
use crate::checksum::{Algorithm, Checksum, Kind};
use crate::lock::Lock;
use crate::metadata::Headers;
use crate::sealing::Seal;
use crate::tags::Tag;

/// The least that every part but the last must have.
pub(crate) const SMALLEST_PART: u64 = 5 * 1024 * 1024;
/// The greatest number of a part.
pub(crate) const MOST_PARTS: u32 = 10_000;

/// What was said when an upload began. Persisted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) begun: Timestamp,
    pub(crate) headers: Headers,
    pub(crate) tags: Vec<Tag>,
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: Kind,
    /// Whether the client chose the algorithm: only then do answers mention it.
    pub(crate) chosen: bool,
    /// How its parts are sealed, if they are.
    #[serde(default)]
    pub(crate) seal: Option<Seal>,
    /// None: its owner may do everything, and nobody else anything.
    #[serde(default)]
    pub(crate) acl: Option<Acl>,
    /// What was said about keeping the object that it becomes from being deleted.
    #[serde(default)]
    pub(crate) lock: Lock,
}

/// A part that is there. Persisted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) number: u32,
    /// None for a part of nothing.
    pub(crate) piece: Option<Piece>,
    /// The MD5 of the part in hex.
    pub(crate) md5: String,
    pub(crate) checksum: Checksum,
    pub(crate) modified: Timestamp,
}

impl Part {
    /// How many bytes there are.
    pub(crate) fn size(&self) -> u64 {
        self.piece.as_ref().map_or(0, |piece| piece.length)
    }
}

/// An upload with its parts.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) upload: Upload,
    pub(crate) parts: BTreeMap<u32, Part>,
}
