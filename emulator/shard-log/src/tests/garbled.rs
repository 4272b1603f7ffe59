//! Opening a garbled directory: whatever lies there, nothing panics, nothing is taken for a record that was never appended,
//! and a log that can be opened works.
//!
//! `PROPTEST_CASES=100000 cargo test -p shard-log garbled` looks for longer.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::fs::FileSystem as _;

/// What is done to the files; places are shares of 65,536 of what there is.
#[derive(Clone, Debug)]
enum Garble {
    Flip {
        file: u16,
        at: u16,
        mask: u8,
    },
    Overwrite {
        file: u16,
        at: u16,
        bytes: Vec<u8>,
    },
    Cut {
        file: u16,
        at: u16,
    },
    Append {
        file: u16,
        bytes: Vec<u8>,
    },
    /// Copies a stretch of one file over another place.
    Splice {
        from: u16,
        start: u16,
        length: u16,
        to: u16,
        at: u16,
    },
    Remove {
        file: u16,
    },
    /// A file of any content under the name of a segment.
    Forge {
        first: u64,
        bytes: Vec<u8>,
    },
}

fn garbles() -> impl Strategy<Value = Vec<Garble>> {
    let bytes = || vec(any::<u8>(), 0..300);
    let first = prop_oneof![0..60_u64, any::<u64>()];
    let garble = prop_oneof![
        4 => (any::<u16>(), any::<u16>(), 1..=255_u8).prop_map(|(file, at, mask)| Garble::Flip { file, at, mask }),
        2 => (any::<u16>(), any::<u16>(), bytes()).prop_map(|(file, at, bytes)| Garble::Overwrite { file, at, bytes }),
        2 => (any::<u16>(), any::<u16>()).prop_map(|(file, at)| Garble::Cut { file, at }),
        1 => (any::<u16>(), bytes()).prop_map(|(file, bytes)| Garble::Append { file, bytes }),
        2 => any::<[u16; 5]>()
            .prop_map(|[from, start, length, to, at]| Garble::Splice { from, start, length, to, at }),
        1 => any::<u16>().prop_map(|file| Garble::Remove { file }),
        1 => (first, bytes()).prop_map(|(first, bytes)| Garble::Forge { first, bytes }),
    ];
    vec(garble, 1..8)
}

/// `share` of `whole`.
fn share(share: u16, whole: usize) -> usize {
    whole * usize::from(share) / 65_536
}

fn path(first: u64) -> PathBuf {
    Path::new("/store/logs/log").join(format!("{first:020}.segment"))
}

fn garble(fs: &Faulty, garble: Garble) {
    let files = segments(fs);
    let file = |which: u16| files.get(share(which, files.len())).cloned();
    match garble {
        Garble::Forge { first, bytes } => {
            fs.create(&path(first)).unwrap();
            fs.edit(&path(first), |content| *content = bytes);
        }
        Garble::Remove { file: which } => drop(file(which).map(|file| fs.remove_file(&file))),
        Garble::Flip { file: which, at, mask } => edit(fs, file(which), |content| {
            let at = share(at, content.len());
            content.get_mut(at).into_iter().for_each(|byte| *byte ^= mask);
        }),
        Garble::Overwrite { file: which, at, bytes } => edit(fs, file(which), |content| {
            let at = share(at, content.len());
            content[at..].iter_mut().zip(bytes).for_each(|(byte, new)| *byte = new);
        }),
        Garble::Cut { file: which, at } => edit(fs, file(which), |content| content.truncate(share(at, content.len()))),
        Garble::Append { file: which, bytes } => edit(fs, file(which), |content| content.extend(bytes)),
        Garble::Splice { from, start, length, to, at } => {
            let mut stretch = Vec::new();
            edit(fs, file(from), |content| {
                let start = share(start, content.len());
                stretch = content[start..start + share(length, content.len() - start)].to_vec();
            });
            edit(fs, file(to), |content| {
                let at = share(at, content.len());
                drop(content.splice(at..at, stretch));
            });
        }
    }
}

fn edit(fs: &Faulty, file: Option<PathBuf>, change: impl FnOnce(&mut Vec<u8>)) {
    if let Some(file) = file {
        fs.edit(&file, change);
    }
}

/// Some segments of some frames each, left by a process that was killed or closed; and what was appended.
async fn filled(closed: bool) -> (Arc<Faulty>, BTreeSet<Vec<u8>>) {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 1200);
    let log = store.create(&id()).await.unwrap();
    let mut appended = BTreeSet::new();
    for secs in 0..25_u64 {
        let payload = secs.to_le_bytes().repeat(1 + usize::try_from(secs).unwrap());
        append(&*log, secs, &[&payload]).await.unwrap();
        appended.insert(payload);
    }
    if closed {
        store.close().await.unwrap();
    }
    (fs.after_kill(), appended)
}

async fn check(closed: bool, garbles: Vec<Garble>) -> Result<(), TestCaseError> {
    let (fs, mut appended) = filled(closed).await;
    for one in garbles {
        garble(&fs, one);
    }
    let store = open(&fs, LAZY, 1200);
    // What cannot be opened says so.
    let Ok(log) = store.open(&id()).await else { return Ok(()) };
    for secs in [0, 7, 30] {
        let found = log.seek(at(secs)).await;
        prop_assert!(found.is_ok(), "{found:?}");
    }
    let new = b"new".to_vec();
    if append(&*log, 99, &[&new]).await.is_ok() {
        appended.insert(new.clone());
        let page = log.read(Offset::ZERO, ALL).await;
        let newest = page.ok().and_then(|page| page.records().last().map(|record| record.payload.to_vec()));
        prop_assert_eq!(newest, Some(new));
    }
    if let Ok(page) = log.read(Offset::ZERO, ALL).await {
        for record in page.records() {
            prop_assert!(appended.contains(&record.payload.to_vec()), "{record:?} was never appended");
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_garbled_directory_is_opened_or_refused(closed: bool, garbles in garbles()) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(check(closed, garbles))?;
    }
}
