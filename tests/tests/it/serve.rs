//! Starting, stopping, and starting again.

use std::process::{Command, Stdio};

use acceptance::request;
use serde_json::json;

use crate::stage::{Stage, kinesis, until_active};

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let stage = Stage::new();
    let _first = stage.emulator();
    let data = stage.path().join("data");
    let output = Command::new(&stage.binaries.millrace)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .current_dir(stage.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("in use") && said.contains("data"), "{said}");
    assert!(output.stdout.is_empty(), "it must not say that it listens");
}

#[test]
fn a_taken_port_is_said_so() {
    let stage = Stage::new();
    let first = stage.emulator();
    let output = stage.millrace(&["serve", "--ephemeral", "--listen", first.address()]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot listen on") && said.contains("--listen"), "{said}");
}

#[test]
fn health_answers_and_sigterm_ends_in_order() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let health = request(emulator.address(), "GET", "/_millrace/health", &[], "").unwrap();
    assert_eq!((health.status, health.json().unwrap()["pid"].as_u64()), (200, Some(emulator.pid().into())));
    emulator.stop().unwrap();
}

#[test]
fn an_ephemeral_directory_is_gone_at_the_end() {
    let stage = Stage::new();
    let mut options = stage.options();
    options.arguments.push("--ephemeral".to_owned());
    // `--data` and `--ephemeral` exclude each other.
    let output = stage.millrace(&["serve", "--ephemeral", "--data", "here"]);
    assert!(!output.status.success());
}

#[test]
fn state_and_records_survive_a_restart_and_a_kill() {
    let stage = Stage::new();
    let mut emulator = stage.emulator();
    let stream = json!({"StreamName": "kept"});
    kinesis(&emulator, "CreateStream", &json!({"StreamName": "kept", "ShardCount": 1, "Tags": {"a": "b"}})).unwrap();
    until_active(&emulator, "kept");
    let described = kinesis(&emulator, "DescribeStreamSummary", &stream).unwrap();
    let put = |emulator: &acceptance::Emulator, data: &str| {
        let input = json!({"StreamName": "kept", "PartitionKey": "k", "Data": data});
        kinesis(emulator, "PutRecord", &input).unwrap()["SequenceNumber"].as_str().unwrap().to_owned()
    };
    let mut put_numbers = vec![put(&emulator, "AAAA")];
    emulator = emulator.stop_and_restart().unwrap();
    put_numbers.push(put(&emulator, "AAAB"));
    emulator = emulator.kill_and_restart().unwrap();
    put_numbers.push(put(&emulator, "AAAC"));

    assert!(put_numbers.is_sorted(), "{put_numbers:?}");
    assert_eq!(kinesis(&emulator, "DescribeStreamSummary", &stream).unwrap(), described);
    let tags = kinesis(&emulator, "ListTagsForStream", &stream).unwrap();
    assert_eq!(tags["Tags"], json!([{"Key": "a", "Value": "b"}]));
    let position =
        json!({"StreamName": "kept", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"});
    let iterator = kinesis(&emulator, "GetShardIterator", &position).unwrap();
    let records = kinesis(&emulator, "GetRecords", &iterator).unwrap();
    let numbers: Vec<&str> =
        records["Records"].as_array().unwrap().iter().map(|r| r["SequenceNumber"].as_str().unwrap()).collect();
    assert_eq!(numbers, put_numbers);
}
