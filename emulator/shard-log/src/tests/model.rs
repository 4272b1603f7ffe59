//! The engine against a naive model: random appends, trims, reads and seeks, with closes, kills and power cuts between.

use std::collections::BTreeMap;

use env::Random;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::log::Trim;

#[derive(Clone, Debug)]
enum Op {
    /// Records of these sizes.
    Append {
        sizes: Vec<usize>,
        later: u64,
        gap: u64,
        /// What they are sealed with, if they are.
        key: Option<u8>,
    },
    /// A position in the log, as a share of 256.
    TrimBefore(u8),
    TrimOlder(u8),
    Read {
        from: u8,
        records: usize,
        bytes: usize,
    },
    Seek(u8),
    Sync,
    Close,
    Kill,
    CutPower(u64),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let sizes = vec(0..120_usize, 1..5);
    let gap = prop_oneof![9 => Just(0_u64), 1 => 1..100_u64];
    let op = prop_oneof![
        12 => (sizes, 0..3_u64, gap, proptest::option::of(0..2_u8))
            .prop_map(|(sizes, later, gap, key)| Op::Append { sizes, later, gap, key }),
        1 => any::<u8>().prop_map(Op::TrimBefore),
        1 => any::<u8>().prop_map(Op::TrimOlder),
        4 => (any::<u8>(), 0..9_usize, 0..500_usize).prop_map(|(from, records, bytes)| Op::Read { from, records, bytes }),
        2 => any::<u8>().prop_map(Op::Seek),
        1 => Just(Op::Sync),
        1 => Just(Op::Close),
        1 => Just(Op::Kill),
        1 => any::<u64>().prop_map(Op::CutPower),
    ];
    vec(op, 1..80)
}

/// What must be true of the log.
#[derive(Debug, Default)]
struct Model {
    /// Every record that may be there.
    records: BTreeMap<u64, (Timestamp, Vec<u8>)>,
    trim: u64,
    /// Beyond every offset that was ever acknowledged.
    acknowledged: u64,
    /// The tail, which a restart may move up, and back again as far as nothing was acknowledged.
    next: u64,
    last_arrival: u64,
    /// What survives a power cut: the records before this offset, and this trim point.
    synced: (u64, u64),
}

impl Model {
    fn live(&self) -> Vec<(u64, Timestamp, Vec<u8>)> {
        self.records
            .range(self.trim..)
            .map(|(offset, (arrival, payload))| (*offset, *arrival, payload.clone()))
            .collect()
    }

    fn share_of_offsets(&self, share: u8) -> u64 {
        let low = self.trim.saturating_sub(3);
        low + (self.next + 3 - low) * u64::from(share) / 256
    }

    fn share_of_times(&self, share: u8) -> Timestamp {
        at((self.last_arrival + 2) * u64::from(share) / 256)
    }

    fn seek(&self, arrival: Timestamp) -> Option<u64> {
        self.records.range(self.trim..).find(|(_, (arrived, _))| *arrived >= arrival).map(|(offset, _)| *offset)
    }
}

fn tuple(record: &Record) -> (u64, Timestamp, Vec<u8>) {
    (record.offset.0, record.arrival, record.payload.to_vec())
}

async fn run(durability: Durability, segment_bytes: u64, ops: Vec<Op>) -> Result<(), TestCaseError> {
    let mut fs = Arc::new(Faulty::default());
    let mut store = open(&fs, durability, segment_bytes);
    let mut log = store.create(&id()).await.unwrap();
    let mut model = Model::default();
    let keys = [key(1), key(2)];
    let mut power_was_cut = false;
    for op in ops {
        let before = log.bounds();
        match op {
            Op::Append { sizes, later, gap, key: secret } => {
                // No two alike.
                let payloads: Vec<_> = sizes.iter().map(|size| model.next.to_le_bytes().repeat(1 + size / 8)).collect();
                let entries: Vec<_> = payloads.iter().map(|payload| Entry { key: b"key", payload }).collect();
                let at_least = Offset(if gap == 0 { 0 } else { before.next.0 + gap });
                let arrival = at(model.last_arrival + later);
                let batch = Batch { arrival, at_least, entries: &entries };
                let appended = match secret {
                    None => log.append(batch).await.unwrap(),
                    Some(secret) => log.append_sealed(batch, &keys[usize::from(secret)]).await.unwrap(),
                };
                prop_assert_eq!(appended, Appended { first: before.next.max(at_least), arrival });
                for (payload, offset) in payloads.into_iter().zip(appended.first.0..) {
                    model.records.insert(offset, (arrival, payload));
                    model.acknowledged = offset + 1;
                }
                model.last_arrival += later;
                prop_assert_eq!(log.bounds().next, Offset(model.acknowledged));
            }
            Op::TrimBefore(share) => {
                let target = model.share_of_offsets(share);
                log.trim(Trim::Before(Offset(target))).await.unwrap();
                model.trim = model.trim.max(target.min(before.next.0));
                prop_assert_eq!(log.bounds().first.0, model.trim);
            }
            Op::TrimOlder(share) => {
                let arrival = model.share_of_times(share);
                log.trim(Trim::Older(arrival)).await.unwrap();
                let first = log.bounds().first.0;
                prop_assert!(first >= model.trim);
                let given_up = model.records.range(model.trim..first);
                prop_assert!(given_up.into_iter().all(|(_, (arrived, _))| *arrived < arrival));
                model.trim = first;
                prop_assert_eq!(model.seek(Timestamp::EPOCH), model.seek(arrival));
            }
            Op::Read { from, records, bytes } => {
                let from = model.share_of_offsets(from);
                let page = log.read(Offset(from), ReadLimit::new(records, bytes)).await.unwrap();
                let mut expected = model.live();
                expected.retain(|(offset, _, _)| *offset >= from);
                let mut total = 0;
                let within = |(n, (_, _, payload)): &(usize, &(u64, Timestamp, Vec<u8>))| {
                    total += 3 + payload.len();
                    *n == 0 || (*n < records && total <= bytes)
                };
                let length = expected.iter().enumerate().take_while(within).count();
                expected.truncate(length);
                prop_assert_eq!(page.records().map(|record| tuple(&record)).collect::<Vec<_>>(), expected);
                let read = page.batches.last().map_or(from, |last| last.end().0);
                prop_assert!(page.next.0 >= read);
                prop_assert_eq!(model.records.range(read.max(model.trim)..page.next.0.max(model.trim)).count(), 0);
                prop_assert!(!page.batches.is_empty() || page.next >= before.next);
            }
            Op::Seek(share) => {
                let arrival = model.share_of_times(share);
                let found = log.seek(arrival).await.unwrap();
                let expected = model.seek(arrival).unwrap_or(before.next.0);
                // A search opens no seals: it may find what a power cut left without its key, before what can be read.
                prop_assert!(found.0 == expected || power_was_cut && found.0 < expected, "{found:?} for {expected}");
                prop_assert_eq!(model.records.range(found.0..expected).count(), 0);
            }
            Op::Sync => {
                store.sync().await.unwrap();
                model.synced = (model.acknowledged, model.trim);
            }
            Op::Close => {
                store.close().await.unwrap();
                model.synced = (model.acknowledged, model.trim);
                drop(log);
                drop(store);
                store = open(&fs, durability, segment_bytes);
                log = store.open(&id()).await.unwrap();
                prop_assert_eq!(log.bounds(), before);
                prop_assert!(power_was_cut || store.damage().is_empty(), "{:?}", store.damage());
            }
            Op::Kill => {
                fs = fs.after_kill();
                store = open(&fs, durability, segment_bytes);
                log = store.open(&id()).await.unwrap();
                prop_assert_eq!(log.bounds().first, before.first);
                prop_assert_eq!(log.bounds().last_arrival, before.last_arrival);
                prop_assert!(power_was_cut || store.damage().is_empty(), "{:?}", store.damage());
            }
            Op::CutPower(seed) => {
                power_was_cut = true;
                fs = fs.after_power_cut(&Random::seeded(seed));
                store = open(&fs, durability, segment_bytes);
                log = store.open(&id()).await.unwrap();
                if durability == Durability::Always {
                    model.synced = (model.acknowledged, model.trim);
                }
                let first = log.bounds().first.0;
                prop_assert!((model.synced.1..=model.trim).contains(&first));
                model.trim = first;
                // Of what was not synced, any part may be left, but nothing else.
                let left: Vec<_> = all(&*log).await.into_iter().map(|record| record.offset.0).collect();
                let synced = model.synced.0;
                prop_assert!(model.records.range(first..synced.max(first)).all(|(offset, _)| left.contains(offset)));
                model.records.retain(|offset, _| *offset < first || left.contains(offset));
                model.last_arrival = log.bounds().last_arrival.map_or(0, Timestamp::as_secs);
            }
        }
        let next = log.bounds().next.0;
        prop_assert!(next >= model.acknowledged, "{next} was given out before");
        model.next = next;
        prop_assert_eq!(all(&*log).await.iter().map(tuple).collect::<Vec<_>>(), model.live());
    }
    Ok(())
}

fn check(durability: Durability, segment_bytes: u64, ops: Vec<Op>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(run(durability, segment_bytes, ops))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn with_an_interval(segment_bytes in 0..3000_u64, ops in ops()) {
        check(LAZY, segment_bytes, ops)?;
    }

    #[test]
    fn with_a_sync_for_each_append(segment_bytes in 0..3000_u64, ops in ops()) {
        check(Durability::Always, segment_bytes, ops)?;
    }
}
