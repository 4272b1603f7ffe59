//! Sealed frames on a file system that forgets: keys come back with the records, and no frame holds anywhere but in its place.

use super::*;
use crate::format::checksum;
use crate::log::Error;
use crate::{DamageKind, DataKey};

async fn append_sealed(log: &dyn Log, payload: &[u8], key: &DataKey) -> Result<Appended> {
    let entries = [Entry { key: b"key", payload }];
    log.append_sealed(Batch { arrival: at(1), at_least: Offset::ZERO, entries: &entries }, key).await
}

async fn payloads(log: &dyn Log) -> Vec<Vec<u8>> {
    all(log).await.into_iter().map(|record| record.payload.to_vec()).collect()
}

/// Three sealed frames in one segment, and where each begins; the two copies of the key lie before the first.
async fn three_sealed() -> (Arc<Faulty>, PathBuf, Vec<usize>) {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 1 << 20);
    let log = store.create(&id()).await.unwrap();
    let key = key(7);
    let mut begins = Vec::new();
    for payload in [b"first-secret", b"other-secret", b"third-secret"] {
        append_sealed(&*log, payload, &key).await.unwrap();
        let length = 48 + 8 + (8 + 3 + 12) + 16;
        begins.push(fs.edit(&segments(&fs)[0], |content| content.len()) - length);
    }
    let segment = segments(&fs).pop().unwrap();
    (fs, segment, begins)
}

/// Makes the checksum of the frame at `at` right again.
fn mend(content: &mut [u8], at: usize) {
    let salt = u64::from_le_bytes(content[16..24].try_into().unwrap());
    let length = u32::from_le_bytes(content[at + 8..at + 12].try_into().unwrap()) as usize;
    let sum = checksum(salt, &content[at + 4..at + length]);
    content[at..at + 4].copy_from_slice(&sum.to_le_bytes());
}

#[tokio::test]
async fn sealed_records_come_back_after_a_kill_and_stand_nowhere_in_the_clear() {
    let (fs, segment, _) = three_sealed().await;
    assert!(!fs.edit(&segment, |content| content.windows(6).any(|window| window == b"secret")));
    let store = open(&fs.after_kill(), LAZY, 1 << 20);
    let log = store.open(&id()).await.unwrap();
    assert_eq!(payloads(&*log).await, [b"first-secret", b"other-secret", b"third-secret"]);
    append_sealed(&*log, b"fourth", &key(8)).await.unwrap();
    append(&*log, 1, &[b"plain"]).await.unwrap();
    assert_eq!(payloads(&*log).await[3..], [b"fourth".to_vec(), b"plain".to_vec()]);
    assert_eq!(store.damage(), []);
    // Who has no keyring is refused, but finds the end of the log.
    let store = open_without_keyring(&fs.after_kill(), LAZY, 1 << 20);
    let log = store.open(&id()).await.unwrap();
    assert!(matches!(log.read(Offset::ZERO, ALL).await, Err(Error::Locked { .. })));
    assert_eq!(log.seek(at(0)).await.unwrap(), Offset(0));
}

#[tokio::test]
async fn every_segment_has_the_keys_it_needs() {
    let fs = Arc::new(Faulty::default());
    let store = open(&fs, LAZY, 500);
    let log = store.create(&id()).await.unwrap();
    let keys = [key(1), key(2)];
    for n in 0..20 {
        append_sealed(&*log, format!("payload {n}").as_bytes(), &keys[n / 3 % 2]).await.unwrap();
    }
    assert!(segments(&fs).len() > 4);
    log.trim(crate::log::Trim::Before(Offset(11))).await.unwrap();
    let expected: Vec<_> = (11..20).map(|n| format!("payload {n}").into_bytes()).collect();
    assert_eq!(payloads(&*log).await, expected);
    let store = open(&fs.after_kill(), LAZY, 500);
    assert_eq!(payloads(&*store.open(&id()).await.unwrap()).await, expected);
}

#[tokio::test]
async fn a_torn_tail_takes_the_key_with_the_record() {
    let (fs, segment, begins) = three_sealed().await;
    let fs = fs.after_kill();
    fs.edit(&segment, |content| content.truncate(begins[0] + 20));
    let store = open(&fs, LAZY, 1 << 20);
    let log = store.open(&id()).await.unwrap();
    assert!(payloads(&*log).await.is_empty());
    append_sealed(&*log, b"new", &key(7)).await.unwrap();
    assert_eq!(payloads(&*log).await, [b"new"]);
}

#[tokio::test]
async fn garbled_content_with_the_right_checksum_is_damage() {
    let (fs, segment, begins) = three_sealed().await;
    for at in [begins[1] + 32, begins[1] + 48, begins[1] + 56, begins[1] + 60, begins[2] - 1] {
        let fs = fs.after_kill();
        fs.edit(&segment, |content| {
            content[at] ^= 1;
            mend(content, begins[1]);
        });
        let store = open(&fs, LAZY, 1 << 20);
        let log = store.open(&id()).await.unwrap();
        assert_eq!(payloads(&*log).await, [b"first-secret", b"third-secret"], "byte {at}");
        let [damage] = &store.damage()[..] else { panic!("{:?}", store.damage()) };
        assert_eq!((damage.kind, damage.position), (DamageKind::Seal, begins[1] as u64));
        assert_eq!(damage.lost, Some(Offset(1)..Offset(2)));
    }
}

#[tokio::test]
async fn a_frame_that_was_moved_is_damage() {
    let (fs, segment, begins) = three_sealed().await;
    let fs = fs.after_kill();
    // The first record once more in the place of the second, with head and checksum made to fit.
    fs.edit(&segment, |content| {
        let (body, length) = (48, begins[1] - begins[0]);
        content.copy_within(begins[0] + body..begins[0] + length, begins[1] + body);
        mend(content, begins[1]);
    });
    let store = open(&fs, LAZY, 1 << 20);
    let log = store.open(&id()).await.unwrap();
    assert_eq!(payloads(&*log).await, [b"first-secret", b"third-secret"]);
    assert_eq!(store.damage()[0].kind, DamageKind::Seal);
}

#[tokio::test]
async fn a_log_in_the_place_of_another_is_damage() {
    let (fs, segment, _) = three_sealed().await;
    let store = open(&fs, LAZY, 1 << 20);
    let other = LogId::new("other").unwrap();
    let log = store.create(&other).await.unwrap();
    append_sealed(&*log, b"mine", &key(7)).await.unwrap();
    let fs = fs.after_kill();
    let content = fs.edit(&segment, |content| content.clone());
    fs.edit(&Path::new("/store/logs/other").join(segment.file_name().unwrap()), |other| *other = content);
    let store = open(&fs, LAZY, 1 << 20);
    let log = store.open(&other).await.unwrap();
    assert!(payloads(&*log).await.is_empty());
    assert_eq!(store.damage().len(), 3);
}

#[tokio::test]
async fn either_copy_of_a_key_will_do() {
    let (fs, segment, begins) = three_sealed().await;
    let key_frame = 48 + 32;
    let copies = [begins[0] - 2 * key_frame, begins[0] - key_frame];
    for copy in copies {
        let fs = fs.after_kill();
        fs.edit(&segment, |content| content[copy + 50] ^= 1);
        let store = open(&fs, LAZY, 1 << 20);
        assert_eq!(payloads(&*store.open(&id()).await.unwrap()).await.len(), 3);
    }
    let fs = fs.after_kill();
    fs.edit(&segment, |content| copies.map(|copy| content[copy + 50] ^= 1));
    let store = open(&fs, LAZY, 1 << 20);
    assert!(payloads(&*store.open(&id()).await.unwrap()).await.is_empty());
    assert!(store.damage().iter().any(|damage| damage.kind == DamageKind::Seal));
}
