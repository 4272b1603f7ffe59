//! What the clients know: which records and which changes were acknowledged, and which nobody answered for.
//!
//! Invariant: a request is noted before it is sent, so whatever the emulator may have done is expected as possible.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use anyhow::{Result, bail};

use super::payload::RecordId;

/// A sequence number; they are ordered as numbers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Sequence {
    digits: usize,
    text: String,
}

impl Sequence {
    pub(super) fn new(text: &str) -> Self {
        Self { digits: text.len(), text: text.to_owned() }
    }
}

/// Where a record is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) shard: String,
    pub(super) sequence: Sequence,
}

/// What became of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// Sent; no answer yet, or none ever.
    Unanswered,
    /// Acknowledged since the last check.
    Acknowledged(Place),
    /// Found by a check: it must stay.
    Kept(Place),
    /// Refused, or not found by a check: it must never appear.
    Absent,
}

/// Something that is changed by requests: what it is, and what a request that nobody answered may have made of it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Fact<T> {
    pub(super) known: T,
    attempted: Option<T>,
}

impl<T: Clone + PartialEq + Debug> Fact<T> {
    pub(super) fn new(known: T) -> Self {
        Self { known, attempted: None }
    }

    /// Before the request.
    pub(super) fn attempt(&mut self, value: T) {
        self.attempted = Some(value);
    }

    /// After its answer.
    pub(super) fn answered(&mut self, done: bool) {
        let attempted = self.attempted.take();
        if let Some(value) = attempted.filter(|_| done) {
            self.known = value;
        }
    }

    /// After a restart: what was found must be one of what is possible.
    pub(super) fn settle(&mut self, what: &str, found: T) -> Result<()> {
        if found != self.known && self.attempted.as_ref() != Some(&found) {
            bail!("{what}: found {found:?}, acknowledged {:?}, at most attempted {:?}", self.known, self.attempted);
        }
        *self = Self::new(found);
        Ok(())
    }
}

/// What is known of a stream beside its records.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) exists: Fact<bool>,
    pub(super) open_shards: Fact<u32>,
    pub(super) retention_hours: Fact<u32>,
    pub(super) tags: Fact<BTreeMap<String, String>>,
    pub(super) consumers: Fact<BTreeSet<String>>,
}

/// What is known of a stream's records.
#[derive(Default, Debug)]
pub(super) struct Records {
    pub(super) fates: BTreeMap<RecordId, Fate>,
    /// The highest sequence number that a check found in each shard.
    pub(super) floors: BTreeMap<String, Sequence>,
}

/// A stream.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) name: String,
    pub(super) facts: Mutex<Facts>,
    pub(super) records: Mutex<Records>,
}

impl Stream {
    /// One that is about to be made.
    pub(super) fn new(name: String, shards: u32) -> Self {
        let mut exists = Fact::new(false);
        exists.attempt(true);
        let facts = Facts {
            exists,
            open_shards: Fact::new(shards),
            retention_hours: Fact::new(24),
            tags: Fact::default(),
            consumers: Fact::default(),
        };
        Self { name, facts: Mutex::new(facts), records: Mutex::default() }
    }

    pub(super) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().expect("a client that panics ends the run")
    }

    pub(super) fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().expect("a client that panics ends the run")
    }
}

/// All streams that may be there.
#[derive(Default, Debug)]
pub(super) struct Streams(Mutex<Vec<Arc<Stream>>>);

impl Streams {
    pub(super) fn all(&self) -> Vec<Arc<Stream>> {
        self.0.lock().expect("a client that panics ends the run").clone()
    }

    pub(super) fn add(&self, stream: Arc<Stream>) {
        self.0.lock().expect("a client that panics ends the run").push(stream);
    }

    /// Forgets those that are known not to be there.
    pub(super) fn forget(&self, gone: &BTreeSet<String>) {
        self.0.lock().expect("a client that panics ends the run").retain(|stream| !gone.contains(&stream.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_are_compared_as_numbers() {
        assert!(Sequence::new("99") < Sequence::new("100"));
        assert!(Sequence::new("101") > Sequence::new("100"));
    }

    #[test]
    fn a_change_without_an_answer_may_have_happened_or_not() {
        let mut fact = Fact::new(1);
        fact.attempt(2);
        assert!(fact.clone().settle("it", 1).is_ok() && fact.clone().settle("it", 2).is_ok());
        assert!(fact.clone().settle("it", 3).is_err());
        fact.answered(true);
        assert!(fact.clone().settle("it", 1).is_err() && fact.settle("it", 2).is_ok());
    }
}
