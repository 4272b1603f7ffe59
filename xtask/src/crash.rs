//! `cargo xtask crash`: the kills of the test suite as often as you like, on a build of your choice.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use acceptance::crash::{Plan, Report, crash};
use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::cargo::{build, programs};

/// What to kill, and how often.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Kills under load.
    #[arg(long, default_value_t = 200)]
    cycles: u32,
    /// Repeats the choices of an earlier run; without it, the time decides.
    #[arg(long)]
    seed: Option<u64>,
    /// When the emulator acknowledges.
    #[arg(long, value_enum, default_value_t = Sync::Interval)]
    sync: Sync,
    /// Kill the release build.
    #[arg(long)]
    release: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sync {
    Interval,
    Always,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    build(&["millrace"], options.release)?;
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed = options.seed.unwrap_or(since_epoch.as_secs());
    let sync = match options.sync {
        Sync::Interval => "interval",
        Sync::Always => "always",
    };
    let directory = tempfile::tempdir()?;
    let plan = Plan {
        program: programs(options.release).join("millrace"),
        directory: directory.path().to_owned(),
        sync: sync.to_owned(),
        cycles: options.cycles,
        seed,
    };
    println!("{} kills, --sync {sync}, --seed {seed}", options.cycles);
    let outcome = crash(&plan, |report| {
        if report.cycles % 10 == 0 {
            println!("  {} kills, {} records acknowledged and found", report.cycles, report.acknowledged);
        }
    });
    match outcome {
        Ok(report) => {
            print(&report);
            Ok(())
        }
        Err(error) => {
            // What is on the disk is the evidence.
            let kept = directory.keep();
            Err(error.context(format!("not kept; see {}", kept.display())))
        }
    }
}

fn print(report: &Report) {
    let Report { cycles, kills_at_start, acknowledged, unanswered_kept, unanswered_gone, changes, checked, restarts } =
        report;
    let mut restarts = restarts.clone();
    restarts.sort_unstable();
    let [median, longest] =
        [restarts.len() / 2, restarts.len().saturating_sub(1)].map(|at| restarts.get(at).copied().unwrap_or_default());
    println!("nothing lost, nothing twice, nothing out of order:");
    println!("  {cycles} kills under load, {kills_at_start} more while starting");
    println!("  {acknowledged} records acknowledged, every one in its place; {checked} looked at in all checks");
    println!("  {unanswered_kept} records without an answer were kept, {unanswered_gone} were not");
    println!("  {changes} changes to streams acknowledged and found");
    println!("  ready after a kill: median {}, longest {}", millis(median), millis(longest));
}

fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}
