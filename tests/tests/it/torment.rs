//! A stream with many lanes through functions in Python, Node.js and Rust at once: left alone, each gets every record once and
//! those of a key in their order; tormented, with functions that fail and are killed, the emulator killed and the stream
//! resharded in the middle, nothing is missing and the records of a key keep their order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use acceptance::{Connection, Emulator, Function, base64, request};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::stage::{Stage, eventually, kinesis, test_function, until_active};

const SHARDS: usize = 8;
const KEYS: usize = 500;
const RECORDS: usize = 100_000;
const PER_CALL: usize = 500;
const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

/// What the function in Rust does too: it writes what it is called with to a file, in one write, and if it is to be tormented
/// fails before it has done anything, fails after it has done all, or goes away altogether, each on some batches.
const PYTHON: &str = "import base64, os, random, signal
SEEN, TORMENTED = os.environ['SEEN'], 'TORMENTED' in os.environ
def handle(event, context):
    chance = random.random() if TORMENTED else 1
    if chance < 0.02: raise ValueError('before')
    lines = ''.join(base64.b64decode(r['kinesis']['data']).decode() + '\\n' for r in event['Records'])
    fd = os.open(SEEN, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, lines.encode())
    os.close(fd)
    if chance < 0.03: raise ValueError('after')
    if chance < 0.035: os.kill(os.getpid(), signal.SIGKILL)
";
const NODE: &str = "const fs = require('node:fs');
const { SEEN, TORMENTED } = process.env;
exports.handle = async (event) => {
  const chance = TORMENTED ? Math.random() : 1;
  if (chance < 0.02) throw new Error('before');
  fs.appendFileSync(SEEN, event.Records.map((r) => Buffer.from(r.kinesis.data, 'base64').toString() + '\\n').join(''));
  if (chance < 0.03) throw new Error('after');
  if (chance < 0.035) process.kill(process.pid, 'SIGKILL');
};
";

/// A function, and the file that it writes.
struct Witness {
    name: &'static str,
    seen: PathBuf,
}

impl Witness {
    fn create(stage: &Stage, emulator: &Emulator, tormented: bool, name: &'static str) -> Self {
        let seen = stage.path().join(name);
        let (runtime, handler, file, code) = match name {
            "python" => ("python3.12", "f.handle", "f.py", PYTHON.into()),
            "node" => ("nodejs22.x", "f.handle", "f.js", NODE.into()),
            _ => ("provided.al2023", "records", "bootstrap", std::fs::read(test_function()).unwrap()),
        };
        let mut variables = json!({"SEEN": seen});
        if tormented {
            variables["TORMENTED"] = "1".into();
        }
        // So long that a slow machine is never why a batch comes twice, and that nothing which hangs goes unseen.
        let settings = json!({"Timeout": 900, "MemorySize": 1024, "Environment": {"Variables": variables}});
        let function = Function { name, runtime, handler, settings };
        function.create(emulator.address(), &[(file, code)]).unwrap();
        let mapping = json!({
            "EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "FunctionName": name,
            "StartingPosition": "TRIM_HORIZON", "ParallelizationFactor": 10, "BatchSize": 1000,
        });
        let made = request(emulator.address(), "POST", MAPPINGS, &[], &mapping.to_string()).unwrap();
        assert_eq!(made.status, 202, "{}", made.body);
        Self { name, seen }
    }

    /// The places of each key in the order in which they were seen first, and how many were seen in all.
    fn firsts(&self) -> (BTreeMap<usize, Vec<usize>>, usize) {
        let mut keys = BTreeMap::<usize, (Vec<usize>, BTreeSet<usize>)>::new();
        let mut total = 0;
        for line in std::fs::read_to_string(&self.seen).unwrap_or_default().lines() {
            let Some((Ok(key), Ok(place))) = line.split_once(':').map(|(key, place)| (key.parse(), place.parse()))
            else {
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

    /// How many lines it has written.
    fn lines(&self) -> usize {
        std::fs::read(&self.seen).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count()
    }

    /// Waits until it has seen every record and returns how many it has seen more than once.
    fn wait(&self, begun: Instant) -> usize {
        let mut again = 0;
        eventually(&format!("every record to arrive at {}", self.name), || {
            std::thread::sleep(Duration::from_millis(200));
            if self.lines() < RECORDS {
                return None;
            }
            let (keys, total) = self.firsts();
            let seen = keys.values().map(Vec::len).sum::<usize>();
            again = total - seen;
            (seen >= RECORDS).then_some(())
        });
        println!("{}: {RECORDS} records, {again} of them more than once, in {:?}", self.name, begun.elapsed());
        let (keys, _) = self.firsts();
        assert_eq!(keys.len(), KEYS);
        for (key, order) in keys {
            assert_eq!(order, (0..RECORDS / KEYS).collect::<Vec<_>>(), "{}: key {key}", self.name);
        }
        again
    }
}

/// The emulator with the stream `s` and the functions behind it.
fn prepare(stage: &Stage, tormented: bool) -> (Emulator, Vec<Witness>) {
    let emulator = Emulator::start(stage.options().with("--limits").with("off")).unwrap();
    kinesis(&emulator, "CreateStream", &json!({"StreamName": "s", "ShardCount": SHARDS})).unwrap();
    until_active(&emulator, "s");
    let witnesses = ["python", "node", "rust"].map(|name| Witness::create(stage, &emulator, tormented, name));
    (emulator, witnesses.into())
}

/// Puts records `range`; a record is its key and its place among those of the key.
fn put(emulator: &Emulator, range: std::ops::Range<usize>) {
    let mut connection = Connection::open(emulator.address()).unwrap();
    for first in range.clone().step_by(PER_CALL) {
        let record = |n: usize| {
            let (key, place) = (n % KEYS, n / KEYS);
            json!({"PartitionKey": format!("k{key}"), "Data": base64(format!("{key}:{place}").as_bytes())})
        };
        let records: Vec<Value> = (first..range.end.min(first + PER_CALL)).map(record).collect();
        let answer = connection.must("PutRecords", &json!({"StreamName": "s", "Records": records})).unwrap();
        assert_eq!(answer["FailedRecordCount"], 0, "there are no limits here");
    }
}

/// SIGKILL for every process of a function that is there now, at work or idle.
fn kill_processes(witness: &Witness) {
    let mark = format!("SEEN={}", witness.seen.display());
    let processes = Path::new("/proc").read_dir().unwrap().flatten();
    for pid in processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()) {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        if environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes()) {
            // It may have ended by itself.
            let _ = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
        }
    }
}

/// What the log of a function says of calls that did not end well.
fn complaints(stage: &Stage, emulator: &Emulator, witness: &Witness) -> String {
    let log = stage.millrace(&["logs", witness.name, "--endpoint", emulator.endpoint()]);
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    let lines = log.lines().filter(|line| ["rror", "timed out", "Status: "].iter().any(|word| line.contains(word)));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_record_arrives_once_and_in_the_order_of_its_key() {
    let stage = Stage::new();
    let (emulator, witnesses) = prepare(&stage, false);
    let begun = Instant::now();
    put(&emulator, 0..RECORDS);
    for witness in &witnesses {
        let again = witness.wait(begun);
        assert_eq!(again, 0, "{} saw records again:\n{}", witness.name, complaints(&stage, &emulator, witness));
        assert_eq!(witness.lines(), RECORDS);
    }
}

#[test]
fn nothing_is_missing_and_every_key_keeps_its_order() {
    let stage = Stage::new();
    let (mut emulator, witnesses) = prepare(&stage, true);
    let begun = Instant::now();
    put(&emulator, 0..RECORDS / 2);
    for witness in &witnesses {
        eventually("records to arrive", || (witness.lines() > RECORDS / 10).then_some(()));
        kill_processes(witness);
    }
    emulator = emulator.kill_and_restart().unwrap();
    let reshard = json!({"StreamName": "s", "TargetShardCount": 2 * SHARDS, "ScalingType": "UNIFORM_SCALING"});
    kinesis(&emulator, "UpdateShardCount", &reshard).unwrap();
    put(&emulator, RECORDS / 2..RECORDS);
    for witness in &witnesses {
        witness.wait(begun);
    }
}
