//! What was found damaged: kept for whoever asks, and told to the log of the process once.
//!
//! Finding damage never fails an operation; what can be read is read. Invariant: nothing is skipped without an entry here.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::log::{LogId, Offset};

/// A stretch of a segment that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damage {
    /// The log.
    pub log: LogId,
    /// The segment's file, relative to the store's directory.
    pub file: String,
    /// Where the stretch begins.
    pub position: u64,
    /// How long it is.
    pub bytes: u64,
    /// What it was.
    pub kind: DamageKind,
    /// The offsets that the lost records had, as far as the frames around tell. Not all of them need have been in use.
    pub lost: Option<Range<Offset>>,
}

/// What a damaged stretch was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DamageKind {
    /// The end of the log, half written when the process or the machine stopped. It was cut off.
    TornTail,
    /// One or more frames amid others. They are skipped and stay in the file.
    Frames,
    /// A sealed frame that is whole and that its key does not open, or whose key is lost: somebody put it there.
    Seal,
    /// Both copies of the head of the newest segment. It was written anew from the segments before.
    Header,
}

/// All damage found since the store was opened.
#[derive(Debug, Default)]
pub(crate) struct DamageReport(Mutex<BTreeMap<(LogId, String, u64), Damage>>);

impl DamageReport {
    /// Notes `damage`. What was found before at the same place is not told again.
    pub(crate) fn note(&self, damage: Damage) {
        let place = (damage.log.clone(), damage.file.clone(), damage.position);
        let Damage { log, file, position, bytes, kind, lost } = &damage;
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = found.get_mut(&place) {
            // A walk that began further back may know more.
            known.lost = known.lost.take().or(damage.lost);
            return;
        }
        tracing::warn!(%log, file, position, bytes, ?kind, ?lost, "part of a log is damaged");
        found.insert(place, damage);
    }

    /// All of it, in order of logs, files and positions.
    pub(crate) fn all(&self) -> Vec<Damage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}
