//! Event source mappings with real streams, keys and functions, and what they leave in log groups, through boto3.

use crate::stage::{Stage, client, root, run};

#[test]
fn what_is_asked_for_holds() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut session = client("python", &emulator, stage.path());
    let said = run(session.arg(root().join("tests/clients/boto3_mappings.py")));
    assert_eq!(said.trim(), "boto3 is content");
}
