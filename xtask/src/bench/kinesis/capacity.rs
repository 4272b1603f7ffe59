//! How much fits: gigabytes in a thousand shards, ten thousand shards that do nothing, and how long the next process takes to
//! come to them.

use std::path::Path;

use acceptance::{Emulator, Options};
use anyhow::Result;

use super::Load;

const SHARDS: u32 = 1000;
const IDLE_STREAMS: u32 = 10;

/// The table.
pub(super) fn measure(load: &Load<'_>, gigabytes: u32) -> Result<String> {
    let (full, idle) = (full(load, gigabytes)?, idle(load)?);
    Ok(format!(
        "\n| much in one process | measured | promised |\n| --- | --- | --- |\n\
         | resident with {gigabytes} GB in {SHARDS} shards | {:.0} MiB | under 150 MB |\n\
         | ready again after a kill with {gigabytes} GB and {SHARDS} shards | {:.0} ms | under 1 s |\n\
         | a record into each of the {SHARDS} shards after that, which recovers each log | {:.0} ms |  |\n\
         | ready again after a stop in good order | {:.0} ms | under 1 s |\n\
         | resident with {} shards that were written to once | {:.0} MiB | under 200 MB |\n\
         | files that it keeps open then | {} |  |\n",
        full.resident_mib,
        full.ready_after_kill_ms,
        full.every_shard_ms,
        full.ready_after_stop_ms,
        IDLE_STREAMS * SHARDS,
        idle.resident_mib,
        idle.open_files,
    ))
}

struct Full {
    resident_mib: f64,
    ready_after_kill_ms: f64,
    every_shard_ms: f64,
    ready_after_stop_ms: f64,
}

struct Idle {
    resident_mib: f64,
    open_files: usize,
}

fn start(load: &Load<'_>, directory: &Path) -> Result<Emulator> {
    let options = Options::new(&load.programs.join("millrace"), directory);
    Emulator::start(options.with("--limits").with("off"))
}

fn full(load: &Load<'_>, gigabytes: u32) -> Result<Full> {
    let directory = tempfile::tempdir()?;
    let emulator = start(load, directory.path())?;
    let shards = SHARDS.to_string();
    let more = ["--shards", &shards, "--gigabytes", &gigabytes.to_string()];
    let filled = load.against(emulator.address(), emulator.pid(), "put-records", "full", &more)?;
    let emulator = emulator.kill_and_restart()?;
    let ready_after_kill = emulator.ready_after();
    let touched = load.against(emulator.address(), emulator.pid(), "every-shard", "full", &["--shards", &shards])?;
    let emulator = emulator.stop_and_restart()?;
    Ok(Full {
        resident_mib: filled.resident_mib,
        ready_after_kill_ms: ready_after_kill.as_secs_f64() * 1000.0,
        every_shard_ms: f64::from(SHARDS) / touched.records_per_second * 1000.0,
        ready_after_stop_ms: emulator.ready_after().as_secs_f64() * 1000.0,
    })
}

fn idle(load: &Load<'_>) -> Result<Idle> {
    let directory = tempfile::tempdir()?;
    let emulator = start(load, directory.path())?;
    let shards = SHARDS.to_string();
    let mut resident_mib = 0.0;
    for stream in 0..IDLE_STREAMS {
        let stream = format!("idle-{stream}");
        let more = ["--shards", shards.as_str()];
        let touched = load.against(emulator.address(), emulator.pid(), "every-shard", &stream, &more)?;
        resident_mib = touched.resident_mib;
    }
    let open_files = std::fs::read_dir(format!("/proc/{}/fd", emulator.pid()))?.count();
    Ok(Idle { resident_mib, open_files })
}
