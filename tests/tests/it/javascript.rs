//! The AWS SDK for JavaScript, which speaks HTTP/2 to Kinesis: with prior knowledge in cleartext, agreed on over TLS.

use crate::stage::{Stage, encrypted, node, root, run};

#[test]
fn a_session() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let said = run(node(&emulator, stage.path()).arg(root().join("tests/clients/sdk_session.cjs")));
    assert_eq!(said.trim(), "the SDK for JavaScript is content");
}

#[test]
fn a_session_over_tls() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut session = node(&emulator, stage.path());
    encrypted(&mut session, &emulator);
    let said = run(session.arg(root().join("tests/clients/sdk_session.cjs")));
    assert_eq!(said.trim(), "the SDK for JavaScript is content");
}
