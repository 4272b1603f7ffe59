//! A stream with many lanes through a function that fails at random, with the emulator killed and the stream resharded in the
//! middle: nothing is missing, and the records of a key keep their order.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use acceptance::{Emulator, request};
use serde_json::{Value, json};

use crate::function::create;
use crate::order::base64;
use crate::stage::{Stage, eventually, kinesis, until_active};

const SHARDS: usize = 8;
const KEYS: usize = 400;
/// As many as two slow cores take through Python in well under a minute.
const RECORDS: usize = 40_000;
const PER_CALL: usize = 500;
const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

/// Fails before it has done anything, fails after it has done all, or goes away altogether: each on some batches.
fn handler(seen: &Path) -> String {
    format!(
        "import base64, os, random\n\
         def handle(event, context):\n    \
             chance = random.random()\n    \
             if chance < 0.02: raise ValueError('before')\n    \
             lines = ''.join(base64.b64decode(r['kinesis']['data']).decode() + '\\n' for r in event['Records'])\n    \
             fd = os.open({seen:?}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)\n    \
             os.write(fd, lines.encode())\n    \
             os.close(fd)\n    \
             if chance < 0.03: raise ValueError('after')\n    \
             if chance < 0.035: os._exit(1)\n"
    )
}

/// Puts records `range`; a record is its key and its place among those of the key.
fn put(emulator: &Emulator, range: std::ops::Range<usize>) {
    let mut numbers: Vec<usize> = range.collect();
    while !numbers.is_empty() {
        let batch: Vec<usize> = numbers.drain(..numbers.len().min(PER_CALL)).collect();
        let record = |n: &usize| {
            let (key, place) = (n % KEYS, n / KEYS);
            json!({"PartitionKey": format!("k{key}"), "Data": base64(&format!("{key}:{place}"))})
        };
        let records: Vec<Value> = batch.iter().map(record).collect();
        let answer = kinesis(emulator, "PutRecords", &json!({"StreamName": "s", "Records": records})).unwrap();
        assert_eq!(answer["FailedRecordCount"], 0, "there are no limits here");
    }
}

/// The places of each key in the order in which they were seen first, and how many were seen in all.
fn firsts(seen: &Path) -> (BTreeMap<usize, Vec<usize>>, usize) {
    let mut keys = BTreeMap::<usize, (Vec<usize>, std::collections::BTreeSet<usize>)>::new();
    let mut total = 0;
    for line in std::fs::read_to_string(seen).unwrap_or_default().lines() {
        let Some((Ok(key), Ok(place))) = line.split_once(':').map(|(key, place)| (key.parse(), place.parse())) else {
            continue;
        };
        total += 1;
        let (order, known) = keys.entry(key).or_default();
        if known.insert(place) {
            order.push(place);
        }
    }
    (keys.into_iter().map(|(key, (order, _))| (key, order)).collect(), total)
}

#[test]
fn nothing_is_missing_and_every_key_keeps_its_order() {
    let stage = Stage::new();
    let options = stage.options().with("--limits").with("off");
    let mut emulator = Emulator::start(options).unwrap();
    let (seen, begun) = (stage.path().join("seen"), Instant::now());
    kinesis(&emulator, "CreateStream", &json!({"StreamName": "s", "ShardCount": SHARDS})).unwrap();
    until_active(&emulator, "s");
    create(&stage, &emulator, "f", "python3.12", "f.handle", &[("f.py", &handler(&seen))]);
    let mapping = json!({
        "EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "FunctionName": "f",
        "StartingPosition": "TRIM_HORIZON", "ParallelizationFactor": 10, "BatchSize": 1000,
    });
    let made = request(emulator.address(), "POST", MAPPINGS, &[], &mapping.to_string()).unwrap();
    assert_eq!(made.status, 202, "{}", made.body);

    put(&emulator, 0..RECORDS / 2);
    eventually("records to arrive", || (firsts(&seen).1 > RECORDS / 10).then_some(()));
    emulator = emulator.kill_and_restart().unwrap();
    let reshard = json!({"StreamName": "s", "TargetShardCount": 2 * SHARDS, "ScalingType": "UNIFORM_SCALING"});
    kinesis(&emulator, "UpdateShardCount", &reshard).unwrap();
    put(&emulator, RECORDS / 2..RECORDS);

    let count = |keys: &BTreeMap<usize, Vec<usize>>| keys.values().map(Vec::len).sum::<usize>();
    eventually("every record to arrive", || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        (count(&firsts(&seen).0) >= RECORDS).then_some(())
    });
    let (keys, total) = firsts(&seen);
    println!("{RECORDS} records arrived, {} of them more than once, in {:?}", total - RECORDS, begun.elapsed());
    for (key, order) in keys {
        assert_eq!(order, (0..RECORDS / KEYS).collect::<Vec<_>>(), "key {key}");
    }
}
