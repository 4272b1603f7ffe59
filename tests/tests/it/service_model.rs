//! Every action of Kinesis, Lambda, SQS and SNS against the service models in the newest botocore.

use acceptance::Emulator;

use crate::stage::{Stage, model_client, root, run};

/// Limits are off: thousands of calls within seconds are not what they are about.
fn drive(script: &str) {
    let stage = Stage::new();
    let emulator = Emulator::start(stage.options().with("--limits").with("off")).unwrap();
    let mut driver = model_client("python", &emulator, stage.path());
    let said = run(driver.arg(root().join("tests/clients").join(script)));
    assert_eq!(said.trim(), "the model is content");
}

#[test]
fn of_kinesis() {
    drive("kinesis_model.py");
}

#[test]
fn of_lambda() {
    drive("lambda_model.py");
}

#[test]
fn of_queues_and_topics() {
    drive("queues_model.py");
}
