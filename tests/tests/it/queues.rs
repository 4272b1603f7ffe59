//! Queues and topics through boto3: a tour, and a SIGKILL while messages are sent and published, after which every one that was
//! acknowledged is there, once and in order.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::stage::{Stage, client, root, run};

const SCRIPT: &str = "tests/clients/boto3_queues.py";
/// As many acknowledged messages as there are before the kill.
const ENOUGH: usize = 300;

#[test]
fn a_session() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut session = client("python", &emulator, stage.path());
    let said = run(session.arg(root().join(SCRIPT)).arg("session").arg(emulator.data().join("tls")));
    assert_eq!(said.trim(), "boto3 is content");
}

#[test]
fn nothing_acknowledged_is_lost() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut sender = client("python", &emulator, stage.path());
    let mut sender = sender.arg(root().join(SCRIPT)).arg("send").stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(sender.stdout.take().unwrap()).lines();
    let mut acknowledged: Vec<String> = said.by_ref().take(ENOUGH).map(Result::unwrap).collect();
    let options = emulator.kill().unwrap();
    // What was acknowledged until the kill and not yet read.
    acknowledged.extend(said.map(Result::unwrap));
    assert!(acknowledged.len() >= ENOUGH && sender.wait().unwrap().success());
    let list = stage.path().join("acknowledged");
    std::fs::write(&list, acknowledged.join("\n")).unwrap();
    let emulator = acceptance::Emulator::start(options).unwrap();
    let mut check = client("python", &emulator, stage.path());
    let said = run(check.arg(root().join(SCRIPT)).arg("check").arg(list));
    assert_eq!(said.trim(), "boto3 is content");
}
