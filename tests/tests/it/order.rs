//! Every record put arrives at the function, in the order of its shard; also when the emulator is killed in the middle.

use std::collections::BTreeMap;
use std::path::Path;

use acceptance::{Emulator, Source, Workspace, base64, zip};
use serde_json::{Value, json};

use crate::stage::{Stage, eventually, kinesis};

const RECORDS: usize = 1500;

/// Writes each batch as one line to a file, so that the test sees what the function saw, in its order.
const HANDLER: &str = "import base64, json, os\n\
def handle(event, context):\n    \
    line = [[r['eventID'], base64.b64decode(r['kinesis']['data']).decode()] for r in event['Records']]\n    \
    fd = os.open(os.environ['SEEN'], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)\n    \
    os.write(fd, (json.dumps(line) + '\\n').encode())\n    \
    os.close(fd)\n";

const CONFIGURATION: &str = r#"
variable "seen" {}
resource "aws_kinesis_stream" "s" {
  name        = "ordered"
  shard_count = 2
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = aws_iam_role.r.arn
  runtime       = "python3.12"
  handler       = "f.handle"
  filename      = "f.zip"
  environment {
    variables = { SEEN = var.seen }
  }
}
resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn  = aws_kinesis_stream.s.arn
  function_name     = aws_lambda_function.f.arn
  starting_position = "LATEST"
  batch_size        = 37
}
"#;

fn prepare(stage: &Stage, emulator: &Emulator, seen: &Path) -> Workspace {
    let mut workspace = stage.workspace("order", Source::Override, emulator.endpoint());
    workspace.set("TF_VAR_seen", &seen.to_string_lossy());
    workspace.write("main.tf", CONFIGURATION).unwrap();
    zip(&workspace.path().join("f.zip"), &[("f.py", HANDLER)]).unwrap();
    workspace.apply().unwrap();
    workspace
}

/// Puts records `range` and returns for each shard what went into it: sequence number and data, in order.
fn put(emulator: &Emulator, range: std::ops::Range<usize>, into: &mut BTreeMap<String, Vec<(String, String)>>) {
    let mut numbers: Vec<usize> = range.collect();
    while !numbers.is_empty() {
        let batch: Vec<usize> = numbers.drain(..numbers.len().min(100)).collect();
        let records: Vec<Value> = batch
            .iter()
            .map(|n| json!({"PartitionKey": format!("k{}", n % 50), "Data": base64(n.to_string().as_bytes())}))
            .collect();
        let answer = kinesis(emulator, "PutRecords", &json!({"StreamName": "ordered", "Records": records})).unwrap();
        for (number, result) in batch.iter().zip(answer["Records"].as_array().unwrap()) {
            match (result["ShardId"].as_str(), result["SequenceNumber"].as_str()) {
                (Some(shard), Some(sequence)) => {
                    into.entry(shard.to_owned()).or_default().push((sequence.to_owned(), number.to_string()));
                }
                // A shard that had no room; the order of its records is that in which it took them.
                _ => numbers.push(*number),
            }
        }
    }
    // Within one request AWS promises no order, and so the order of a shard is that of its sequence numbers.
    into.values_mut().for_each(|records| records.sort());
}

/// What the function saw per shard, batch after batch.
fn seen(path: &Path) -> BTreeMap<String, Vec<(String, String)>> {
    let mut shards = BTreeMap::<String, Vec<(String, String)>>::new();
    for line in std::fs::read_to_string(path).unwrap_or_default().lines() {
        let Ok(batch) = serde_json::from_str::<Vec<(String, String)>>(line) else { continue };
        for (id, data) in batch {
            let (shard, sequence) = id.split_once(':').unwrap();
            shards.entry(shard.to_owned()).or_default().push((sequence.to_owned(), data));
        }
    }
    shards
}

#[test]
fn every_record_arrives_once_and_in_order() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let path = stage.path().join("seen");
    prepare(&stage, &emulator, &path);
    let mut expected = BTreeMap::new();
    put(&emulator, 0..RECORDS, &mut expected);
    let total = |shards: &BTreeMap<String, Vec<_>>| shards.values().map(Vec::len).sum::<usize>();
    eventually("every record to arrive", || (total(&seen(&path)) >= RECORDS).then_some(()));
    assert_eq!(seen(&path), expected);
}

#[test]
fn nothing_is_missing_after_a_kill() {
    let stage = Stage::new();
    let mut emulator = stage.emulator();
    let path = stage.path().join("seen");
    prepare(&stage, &emulator, &path);
    let mut expected = BTreeMap::new();
    put(&emulator, 0..RECORDS / 2, &mut expected);
    // Some batches are done, one is under way, most of the rest waits.
    eventually("the first batch to arrive", || (!seen(&path).is_empty()).then_some(()));
    emulator = emulator.kill_and_restart().unwrap();
    put(&emulator, RECORDS / 2..RECORDS, &mut expected);

    let firsts = |shard: &[(String, String)]| {
        // What was under way at the kill comes again; each record counts where it came first.
        let mut known = std::collections::BTreeSet::new();
        shard.iter().filter(|record| known.insert((*record).clone())).cloned().collect::<Vec<_>>()
    };
    let once = || seen(&path).into_iter().map(|(shard, records)| (shard, firsts(&records))).collect::<BTreeMap<_, _>>();
    eventually("every record to arrive", || (once().values().map(Vec::len).sum::<usize>() >= RECORDS).then_some(()));
    assert_eq!(once(), expected);
}
