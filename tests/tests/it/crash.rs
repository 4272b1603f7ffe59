//! Kills under load: twenty here, `cargo xtask crash` for more.

use acceptance::crash::{Plan, crash};

use crate::stage::Stage;

/// Kills until nothing was lost `cycles` times.
fn check(sync: &str, cycles: u32, seed: u64) {
    let stage = Stage::new();
    let plan = Plan {
        program: stage.binaries.millrace.clone(),
        directory: stage.path().to_owned(),
        sync: sync.to_owned(),
        cycles,
        seed,
    };
    let report = crash(&plan, |_| ()).unwrap_or_else(|error| panic!("--sync {sync}: {error:#}"));
    assert!(report.acknowledged > 0 && report.changes > 0, "{report:?}");
}

#[test]
fn nothing_acknowledged_is_lost_by_fifteen_kills() {
    check("interval", 15, 1);
}

#[test]
fn nor_by_five_when_every_write_is_synced() {
    check("always", 5, 2);
}
