//! When AWS says no: the attribute is named, AWS's words are there, and the state is right.

use acceptance::Source;
use serde_json::json;

use crate::stage::{Stage, kinesis, until_active};

fn stream(arguments: &str) -> String {
    format!("resource \"aws_kinesis_stream\" \"s\" {{\n{arguments}\n}}\n")
}

#[test]
fn wrong_arguments_are_named_at_plan() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("plan", Source::Override, emulator.endpoint());
    let check = |arguments: &str, expected: &[&str]| {
        workspace.write("main.tf", stream(arguments)).unwrap();
        let said = workspace.must_fail(&["plan", "-no-color", "-input=false"]).unwrap();
        assert!(expected.iter().all(|text| said.contains(text)), "{said}");
    };
    check("name = \"s\"\nshard_count = 1\nretention_period = 5", &["retention_period", "24"]);
    check("name = \"s\"\nshard_count = 1\nencryption_type = \"AES\"", &["encryption_type", "KMS"]);
    check("name = \"s\"", &["shard_count must be at least 1 when stream_mode is PROVISIONED"]);
    check(
        "name = \"s\"\nshard_count = 2\nstream_mode_details {\n  stream_mode = \"ON_DEMAND\"\n}",
        &["shard_count must not be set when stream_mode is ON_DEMAND"],
    );
    check("name = \"s\"\nshard_count = 501", &["open shard count (501) would exceed the Kinesis account limit (500)"]);
}

#[test]
fn a_half_created_stream_is_tainted_and_not_forgotten() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("half", Source::Override, emulator.endpoint());
    let base = "name = \"s\"\nshard_count = 1\nencryption_type = \"KMS\"\nkms_key_id = ";
    workspace.write("main.tf", stream(&format!("{base}\"alias/nobody\""))).unwrap();
    let said = workspace.must_fail(&["apply", "-auto-approve", "-no-color"]).unwrap();
    assert!(said.contains("alias/nobody is not found"), "{said}");
    let state: serde_json::Value = serde_json::from_str(&workspace.must(&["show", "-json"]).unwrap()).unwrap();
    assert_eq!(state["values"]["root_module"]["resources"][0]["tainted"], true, "{state}");

    workspace.write("main.tf", stream(&format!("{base}\"alias/aws/kinesis\""))).unwrap();
    assert_eq!(
        workspace.plan().unwrap(),
        [("aws_kinesis_stream.s".to_owned(), vec!["delete".to_owned(), "create".to_owned()])]
    );
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
}

#[test]
fn what_exists_already_is_said_in_awss_words() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    kinesis(&emulator, "CreateStream", &json!({"StreamName": "s", "ShardCount": 1})).unwrap();
    until_active(&emulator, "s");
    let workspace = stage.workspace("twice", Source::Override, emulator.endpoint());
    workspace.write("main.tf", stream("name = \"s\"\nshard_count = 1")).unwrap();
    let said = workspace.must_fail(&["apply", "-auto-approve", "-no-color"]).unwrap();
    assert!(
        said.contains("ResourceInUseException") && said.contains("Stream s under account 000000000000 already exists."),
        "{said}"
    );
    assert!(workspace.must(&["state", "list"]).unwrap().is_empty());
}

#[test]
fn what_is_gone_is_planned_again() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("gone", Source::Override, emulator.endpoint());
    workspace.write("main.tf", stream("name = \"s\"\nshard_count = 1")).unwrap();
    workspace.apply().unwrap();
    kinesis(&emulator, "DeleteStream", &json!({"StreamName": "s"})).unwrap();
    crate::stage::eventually("the stream to be gone", || {
        let answer = kinesis(&emulator, "DescribeStreamSummary", &json!({"StreamName": "s"}));
        answer.is_err_and(|error| error.to_string().contains("not found")).then_some(())
    });
    assert_eq!(workspace.plan().unwrap(), [("aws_kinesis_stream.s".to_owned(), vec!["create".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
}
