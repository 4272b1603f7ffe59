//! Every action of Kinesis against the service model in the newest botocore.

use acceptance::Emulator;

use crate::stage::{Stage, model_client, root, run};

/// Limits are off: thousands of calls within seconds are not what they are about.
#[test]
fn of_kinesis() {
    let stage = Stage::new();
    let emulator = Emulator::start(stage.options().with("--limits").with("off")).unwrap();
    let mut driver = model_client("python", &emulator, stage.path());
    let said = run(driver.arg(root().join("tests/clients/kinesis_model.py")));
    assert_eq!(said.trim(), "the model is content");
}
