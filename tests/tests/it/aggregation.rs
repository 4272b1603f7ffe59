//! A consumer library that puts many records into one, and follows a stream by itself over a reshard.

use crate::stage::{Stage, client, root, run};

#[test]
fn a_library_reads_what_it_wrote() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut session = client("python", &emulator, stage.path());
    let said = run(session.arg(root().join("tests/clients/async_kinesis_session.py")));
    assert_eq!(said.trim(), "async-kinesis is content");
}
