//! Many streams in one configuration, with more of them at once than AWS's call rates admit: nothing fails, nothing is left.

use acceptance::{Emulator, Source};
use serde_json::json;

use crate::stage::{Stage, kinesis};

const STREAMS: &str = r#"
resource "aws_kinesis_stream" "many" {
  count       = 120
  name        = "s-${count.index}"
  shard_count = 1
  tags        = { number = count.index }
}
"#;

#[test]
fn a_hundred_and_twenty_streams_wait_for_each_other() {
    let stage = Stage::new();
    // Ten times AWS's figures, which are fifty streams a second: a test need not take as long as AWS would.
    let emulator = Emulator::start(stage.options().with("--limits").with("10")).unwrap();
    let workspace = stage.workspace("many", Source::Override, emulator.endpoint());
    workspace.write("main.tf", STREAMS).unwrap();
    let at_once = "-parallelism=60";
    workspace.must(&["apply", "-auto-approve", "-no-color", "-input=false", at_once]).unwrap();
    workspace.must(&["plan", "-no-color", "-input=false", "-detailed-exitcode", at_once]).unwrap();
    let summary = kinesis(&emulator, "DescribeLimits", &json!({})).unwrap();
    assert_eq!(summary["OpenShardCount"], 120);
    workspace.must(&["destroy", "-auto-approve", "-no-color", "-input=false", at_once]).unwrap();
    let left = kinesis(&emulator, "ListStreams", &json!({})).unwrap();
    assert_eq!(left["StreamNames"], json!([]));
    // No note of a create is left either.
    let notes = stage.path().join("many/home/.local/state/millrace/intents");
    let left: Vec<_> = std::fs::read_dir(notes).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
