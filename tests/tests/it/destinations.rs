//! Functions that fail, and where their records and events end up: queue, bucket and topic, through boto3.

use crate::stage::{Stage, client, root, run};

#[test]
fn failures_arrive_in_queues_buckets_and_topics() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut session = client("python", &emulator, stage.path());
    let said = run(session.arg(root().join("tests/clients/boto3_destinations.py")));
    assert_eq!(said.trim(), "boto3 is content");
}
