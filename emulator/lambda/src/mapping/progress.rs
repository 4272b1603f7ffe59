//! How far a mapping is with the shards of its stream, and which of them may be read now.
//!
//! Pure. Invariants: a shard is read only after its parents; a shard that appears after the mapping started is read
//! from its beginning, whatever the starting position was.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::mapping::checkpoint::{Checkpoint, Position};
use crate::mapping::source::Shard;

/// How far one shard is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Progress {
    /// To be read on from here.
    Reading(Checkpoint),
    /// Read to its end.
    Finished,
}

/// The shards by id.
pub(crate) type Shards = BTreeMap<String, Progress>;

/// The shards of `listed` that may be read now, with where to go on. `progress` holds those that were met before.
pub(crate) fn readable(listed: &[Shard], progress: &Shards) -> Vec<(String, Checkpoint)> {
    let known: HashSet<&str> = listed.iter().map(|shard| shard.id.as_str()).collect();
    let is_done =
        |parent: &String| !known.contains(parent.as_str()) || progress.get(parent) == Some(&Progress::Finished);
    let checkpoint = |shard: &Shard| match progress.get(&shard.id) {
        None => Some(Checkpoint::new(Position::TrimHorizon)),
        Some(Progress::Reading(checkpoint)) => Some(checkpoint.clone()),
        Some(Progress::Finished) => None,
    };
    let ready = listed.iter().filter(|shard| shard.parents.iter().all(is_done));
    ready.filter_map(|shard| Some((shard.id.clone(), checkpoint(shard)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_wait_for_all_their_parents() {
        let shard = |id: &str, parents: &[&str]| Shard {
            id: id.into(),
            parents: parents.iter().map(|&parent| parent.into()).collect(),
            is_open: true,
        };
        let listed = [shard("a", &["gone"]), shard("b", &[]), shard("m", &["a", "b"])];
        let check = |progress: &[(&str, Progress)], expected: &[&str]| {
            let progress = progress.iter().map(|(id, progress)| ((*id).to_owned(), progress.clone())).collect();
            let ids: Vec<_> = readable(&listed, &progress).into_iter().map(|(id, _)| id).collect();
            assert_eq!(ids, expected);
        };
        let reading = Progress::Reading(Checkpoint::new(Position::After("5".into())));
        check(&[], &["a", "b"]);
        check(&[("a", Progress::Finished)], &["b"]);
        check(&[("a", Progress::Finished), ("b", reading.clone())], &["b"]);
        check(&[("a", Progress::Finished), ("b", Progress::Finished)], &["m"]);
        check(&[("a", Progress::Finished), ("b", Progress::Finished), ("m", Progress::Finished)], &[]);
    }

    #[test]
    fn a_new_shard_starts_at_its_beginning_and_a_known_one_at_its_checkpoint() {
        let shards = [Shard { id: "a".into(), parents: vec![], is_open: true }];
        let start = |progress: &Shards| readable(&shards, progress)[0].1.position.clone();
        assert_eq!(start(&Shards::new()), Position::TrimHorizon);
        let checkpoint = Checkpoint::new(Position::After("5".into()));
        assert_eq!(start(&[("a".to_owned(), Progress::Reading(checkpoint))].into()), Position::After("5".into()));
    }
}
