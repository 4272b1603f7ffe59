//! Cut and garbled files: what is lost is what was hit, it is reported, and no offset is given out twice.

use super::*;
use crate::{Damage, DamageKind};

/// A log of five frames of two records, left by a process that was killed; and where each frame ends.
async fn five_frames() -> (Arc<Faulty>, PathBuf, Vec<usize>) {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 1 << 20);
    let log = store.create(&id()).await.unwrap();
    let mut ends = Vec::new();
    for secs in 0..5 {
        append(&*log, secs, &[b"first", b"second"]).await.unwrap();
        ends.push(fs.edit(&segments(&fs)[0], |content| content.len()));
    }
    let segment = segments(&fs).pop().unwrap();
    (fs, segment, ends)
}

#[tokio::test]
async fn a_tail_torn_anywhere_loses_the_last_frame_only() {
    let (fs, segment, ends) = five_frames().await;
    let [.., last, end] = ends[..] else { panic!("five frames") };
    for cut in last..end {
        let fs = fs.after_kill();
        fs.edit(&segment, |content| content.truncate(cut));
        let store = open(&fs, LAZY, 1 << 20);
        let log = store.open(&id()).await.unwrap();
        assert_eq!(offsets(&*log).await, (0..8).collect::<Vec<_>>(), "cut at {cut}");
        let found: Vec<_> =
            store.damage().into_iter().map(|damage| (damage.kind, damage.position, damage.bytes)).collect();
        let torn = (DamageKind::TornTail, last as u64, (cut - last) as u64);
        assert_eq!(found, if cut == last { vec![] } else { vec![torn] }, "cut at {cut}");
        let next = append(&*log, 0, &[b"new"]).await.unwrap();
        assert!(next.first >= Offset(10) && next.arrival == at(3), "{next:?}");
        assert!(offsets(&*log).await.ends_with(&[7, next.first.0]));
    }
}

#[tokio::test]
async fn garbage_after_the_last_frame_is_cut() {
    let (fs, segment, _) = five_frames().await;
    // Among it a frame of this very log, but from another place.
    let garbage = fs.edit(&segment, |content| {
        let old = content[128..].to_vec();
        content.extend(old);
        content.len()
    });
    let store = open(&fs.after_kill(), LAZY, 1 << 20);
    let log = store.open(&id()).await.unwrap();
    assert_eq!(offsets(&*log).await, (0..10).collect::<Vec<_>>());
    assert_eq!(store.damage()[0].position + store.damage()[0].bytes, garbage as u64);
}

#[tokio::test]
async fn a_flipped_byte_loses_its_frame_only() {
    let (fs, segment, ends) = five_frames().await;
    for (flipped, reopen) in (ends[1]..ends[2]).flat_map(|at| [(at, false), (at, true)]) {
        let fs = fs.after_kill();
        let store = open(&fs, LAZY, 1 << 20);
        let mut log = store.open(&id()).await.unwrap();
        fs.edit(&segment, |content| content[flipped] ^= 0x10);
        let store = if reopen { open(&fs.after_kill(), LAZY, 1 << 20) } else { store };
        if reopen {
            log = store.open(&id()).await.unwrap();
        }
        assert_eq!(offsets(&*log).await, [0, 1, 2, 3, 6, 7, 8, 9], "byte {flipped}");
        let damage = Damage {
            log: id(),
            file: "log/00000000000000000000.segment".to_owned(),
            position: ends[1] as u64,
            bytes: (ends[2] - ends[1]) as u64,
            kind: DamageKind::Frames,
            lost: Some(Offset(4)..Offset(6)),
        };
        assert_eq!(store.damage(), [damage], "byte {flipped}");
        // Reading goes on behind it, also from within.
        let page = log.read(Offset(5), ReadLimit::new(1, 0)).await.unwrap();
        assert_eq!(page.next, Offset(7));
        assert_eq!(log.seek(at(2)).await.unwrap(), Offset(6));
    }
}

#[tokio::test]
async fn a_damaged_index_is_made_anew() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 4000);
    let log = store.create(&id()).await.unwrap();
    for secs in 0..200 {
        append(&*log, secs, &[b"payload"]).await.unwrap();
    }
    store.close().await.unwrap();
    let files = segments(&fs);
    for segment in &files {
        for tail in [1, 9, 100, 1500] {
            let fs = fs.after_kill();
            fs.edit(segment, |content| {
                let at = content.len().saturating_sub(tail).max(128);
                content[at] ^= 1;
            });
            let store = open(&fs, LAZY, 4000);
            let log = store.open(&id()).await.unwrap();
            let found = offsets(&*log).await;
            assert!(found.len() >= 199 && found.is_sorted(), "{} of 200", found.len());
            for offset in &found {
                let page = log.read(Offset(*offset), ReadLimit::new(1, 0)).await.unwrap();
                assert_eq!(page.batches[0].first(), Offset(*offset));
                assert_eq!(log.seek(page.batches[0].arrival()).await.unwrap(), Offset(*offset));
            }
            assert_eq!(store.damage().len(), 1, "{:?}", store.damage());
        }
    }
    assert!(files.len() > 3);
}
