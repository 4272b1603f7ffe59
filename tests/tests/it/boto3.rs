//! boto3, through a session of create, put, get, page, subscribe, reshard and delete, in cleartext and over TLS, and through
//! one with keys.

use crate::stage::{Stage, client, encrypted, root, run};

#[test]
fn a_session() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut session = client("python", &emulator, stage.path());
    let said = run(session.arg(root().join("tests/clients/boto3_session.py")));
    assert_eq!(said.trim(), "boto3 is content");
}

#[test]
fn a_session_over_tls() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut session = client("python", &emulator, stage.path());
    encrypted(&mut session, &emulator);
    let said = run(session.arg(root().join("tests/clients/boto3_session.py")));
    assert_eq!(said.trim(), "boto3 is content");
}

#[test]
fn keys() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut session = client("python", &emulator, stage.path());
    let said = run(session.arg(root().join("tests/clients/boto3_kms.py")));
    assert_eq!(said.trim(), "boto3 is content");
}
