//! CloudWatch Logs as AWS's clients use it, and its constraints against the service model; and what was acknowledged is there after `kill -9`.

use serde_json::{Value, json};

use acceptance::Emulator;

use crate::stage::{Stage, call, client, root, run};

fn logs(emulator: &Emulator, action: &str, input: &Value) -> Value {
    call(emulator, &format!("Logs_20140328.{action}"), input).unwrap()
}

#[test]
fn boto3() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut session = client("python", &emulator, stage.path());
    let said = run(session.arg(root().join("tests/clients/boto3_logs.py")));
    assert_eq!(said.trim(), "boto3 is content");
}

#[test]
fn the_service_model() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut driver = client("python", &emulator, stage.path());
    let said = run(driver.arg(root().join("tests/clients/logs_model.py")));
    assert_eq!(said.trim(), "the model is content");
}

#[test]
fn the_command_line() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let aws = |arguments: &[&str]| run(client("aws", &emulator, stage.path()).args(arguments));
    aws(&["logs", "create-log-group", "--log-group-name", "/mine"]);
    aws(&["logs", "create-log-stream", "--log-group-name", "/mine", "--log-stream-name", "s"]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let event = format!("timestamp={now},message=hello");
    let put = ["logs", "put-log-events", "--log-group-name", "/mine", "--log-stream-name", "s", "--log-events", &event];
    aws(&put);
    let messages = ["--query", "events[].message", "--output", "text"];
    let filter = ["logs", "filter-log-events", "--log-group-name", "/mine", "--filter-pattern", "hello"];
    assert_eq!(aws(&[&filter[..], &messages].concat()).trim(), "hello");
    let get = ["logs", "get-log-events", "--log-group-name", "/mine", "--log-stream-name", "s"];
    assert_eq!(aws(&[&get[..], &messages].concat()).trim(), "hello");
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    let stage = Stage::new();
    let mut emulator = stage.emulator();
    logs(&emulator, "CreateLogGroup", &json!({"logGroupName": "g"}));
    logs(&emulator, "CreateLogStream", &json!({"logGroupName": "g", "logStreamName": "s"}));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let mut expected = Vec::new();
    for cycle in 0..3 {
        for number in 0..20 {
            let message = format!("{cycle} {number}");
            let events = json!([{"timestamp": u64::try_from(now).unwrap(), "message": message}]);
            let put = json!({"logGroupName": "g", "logStreamName": "s", "logEvents": events});
            logs(&emulator, "PutLogEvents", &put);
            expected.push(message);
        }
        emulator = emulator.kill_and_restart().unwrap();
        let found = logs(&emulator, "FilterLogEvents", &json!({"logGroupName": "g"}));
        let messages: Vec<_> =
            found["events"].as_array().unwrap().iter().map(|event| event["message"].clone()).collect();
        assert_eq!(messages, expected);
    }
}
