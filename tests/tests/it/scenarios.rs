//! The examples of what people build: applied, planned empty, used as their first lines promise, and destroyed. Each is
//! written for hashicorp/aws and stays as it is.

use acceptance::{Emulator, Source, Workspace, base64};
use serde_json::{Value, json};

use crate::examples;
use crate::stage::{Stage, call, eventually, kinesis, root};

/// An example, applied, and the emulator that it was applied to.
struct Scenario {
    stage: Stage,
    emulator: Emulator,
    workspace: Workspace,
}

impl Scenario {
    fn applied(name: &str) -> Self {
        let stage = Stage::new();
        let emulator = stage.emulator();
        let workspace = stage.workspace(name, Source::Override, emulator.endpoint());
        examples::put(workspace.path(), &root().join("examples").join(name));
        workspace.apply().unwrap();
        workspace.must_be_settled().unwrap();
        Self { stage, emulator, workspace }
    }

    fn output(&self, name: &str) -> String {
        self.workspace.must(&["output", "-raw", name]).unwrap()
    }

    #[track_caller]
    fn put(&self, stream: &str, key: &str, data: &Value) {
        put(&self.emulator, stream, key, data);
    }

    /// Waits for a line in the log of a function.
    #[track_caller]
    fn must_log(&self, function: &str, line: &str) {
        eventually(line, || self.log(function).contains(line).then_some(()));
    }

    fn log(&self, function: &str) -> String {
        let said = self.stage.millrace(&["logs", function, "--endpoint", self.emulator.endpoint()]);
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    /// Destroys everything, and looks that the streams are gone.
    #[track_caller]
    fn destroy(&self) {
        self.workspace.destroy().unwrap();
        assert_eq!(kinesis(&self.emulator, "ListStreams", &json!({})).unwrap()["StreamNames"], json!([]));
    }
}

#[track_caller]
fn put(emulator: &Emulator, stream: &str, key: &str, data: &Value) {
    let input = json!({"StreamName": stream, "PartitionKey": key, "Data": base64(data.to_string().as_bytes())});
    kinesis(emulator, "PutRecord", &input).unwrap();
}

#[test]
fn fan_out_gives_each_reader_everything() {
    let scenario = Scenario::applied("fan-out");
    for id in 0..10 {
        scenario.put("orders", &format!("customer-{id}"), &json!({"id": id}));
    }
    for id in 0..10 {
        scenario.must_log("billing", &format!("billed {id}\n"));
        scenario.must_log("search", &format!("indexed {id}\n"));
    }
    let dashboard = json!({"ConsumerARN": scenario.output("dashboard")});
    let described = kinesis(&scenario.emulator, "DescribeStreamConsumer", &dashboard).unwrap();
    assert_eq!(described["ConsumerDescription"]["ConsumerStatus"], "ACTIVE");
    scenario.destroy();
}

#[test]
fn a_stream_on_demand_takes_large_records_and_can_be_given_shards() {
    let scenario = Scenario::applied("on-demand");
    assert_eq!(scenario.output("open_shards"), "4");
    // More than a stream takes that does not say so.
    scenario.put("clicks", "k", &json!("x".repeat(3 << 19)));
    let provisioned = ["-auto-approve", "-no-color", "-input=false", "-var=on_demand=false"];
    let said = scenario.workspace.must(&[&["apply"], &provisioned[..]].concat()).unwrap();
    assert!(said.contains("0 added, 1 changed, 0 destroyed"), "{said}");
    let settled = ["plan", "-no-color", "-input=false", "-detailed-exitcode", "-var=on_demand=false"];
    scenario.workspace.must(&settled).unwrap();
    scenario.destroy();
}

#[test]
fn a_poison_record_is_reported_to_the_queue_and_the_rest_goes_on() {
    let scenario = Scenario::applied("failure-destination");
    for (id, amount) in [(1, 10), (2, -5), (3, 7)] {
        scenario.put("payments", "account", &json!({"id": id, "amount": amount}));
    }
    scenario.must_log("payments", "paid 3\n");
    let queue = json!({"QueueUrl": scenario.output("failed")});
    let message = eventually("the report", || {
        let received = call(&scenario.emulator, "AmazonSQS.ReceiveMessage", &queue).unwrap();
        received["Messages"][0]["Body"].as_str().map(str::to_owned)
    });
    let report: Value = serde_json::from_str(&message).unwrap();
    assert_eq!(report["KinesisBatchInfo"]["batchSize"], 1, "{report}");
    assert_eq!(report["requestContext"]["condition"], "RetryAttemptsExhausted", "{report}");
    let log = scenario.log("payments");
    assert!(log.contains("paid 1\n") && !log.contains("paid 2\n") && log.contains("payment 2 is negative"), "{log}");
    scenario.destroy();
}

#[test]
fn a_filter_lets_through_what_matches_and_a_record_that_failed_comes_again() {
    let scenario = Scenario::applied("filters");
    let sensors = [
        json!({"id": "cool", "room": "attic", "temperature": 20}),
        json!({"id": "hot-server", "room": "server", "temperature": 60}),
        json!({"id": "hot", "room": "attic", "temperature": 31}),
        json!({"id": "burnt", "state": "burnt out"}),
    ];
    for sensor in &sensors {
        scenario.put("sensors", "house", sensor);
    }
    scenario.must_log("alarm", "alarm burnt\n");
    let log = scenario.log("alarm");
    let alarms: Vec<&str> = log.lines().filter_map(|line| line.split("alarm ").nth(1)).collect();
    // The siren was deaf at first, so the first of them came twice, and the order held.
    assert_eq!(alarms, ["hot", "burnt"], "{log}");
    assert!(log.matches("START RequestId").count() >= 2, "{log}");
    scenario.destroy();
}

#[test]
fn a_stream_is_readable_across_the_rotation_of_its_key() {
    let scenario = Scenario::applied("encrypted");
    let key = json!({"KeyId": scenario.output("key")});
    let id = call(&scenario.emulator, "TrentService.DescribeKey", &key).unwrap()["KeyMetadata"]["KeyId"].clone();
    scenario.put("records", "patient", &json!("before the rotation"));
    call(&scenario.emulator, "TrentService.RotateKeyOnDemand", &json!({"KeyId": id})).unwrap();
    let rotations = call(&scenario.emulator, "TrentService.ListKeyRotations", &json!({"KeyId": id})).unwrap();
    assert_eq!(rotations["Rotations"][0]["RotationType"], "ON_DEMAND", "{rotations}");
    scenario.put("records", "patient", &json!("after the rotation"));
    let shard =
        json!({"StreamName": "records", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"});
    let iterator = kinesis(&scenario.emulator, "GetShardIterator", &shard).unwrap()["ShardIterator"].clone();
    let read = kinesis(&scenario.emulator, "GetRecords", &json!({"ShardIterator": iterator})).unwrap();
    let data: Vec<&str> = read["Records"].as_array().unwrap().iter().filter_map(|r| r["Data"].as_str()).collect();
    assert_eq!(data, [base64(b"\"before the rotation\""), base64(b"\"after the rotation\"")]);
    scenario.workspace.must_be_settled().unwrap();
    scenario.destroy();
}

#[test]
fn terraform_test_applies_looks_and_removes() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("terraform-test", Source::Override, emulator.endpoint());
    workspace.copy(&root().join("examples/terraform-test")).unwrap();
    let said = workspace.must(&["test", "-no-color"]).unwrap();
    assert!(said.contains("4 passed, 0 failed"), "{said}");
    assert_eq!(kinesis(&emulator, "ListStreams", &json!({})).unwrap()["StreamNames"], json!([]));
    // A test that doesn't hold is one that fails.
    let file = workspace.path().join("tests/stream.tftest.hcl");
    let wrong = std::fs::read_to_string(&file).unwrap().replace("shard_count == 3", "shard_count == 2");
    std::fs::write(&file, wrong).unwrap();
    let said = workspace.must_fail(&["test", "-no-color"]).unwrap();
    assert!(said.contains("2,500 records a second need three shards."), "{said}");
}
