//! Killing an emulator under load, again and again, and looking for what it promised to keep.
//!
//! Each cycle: writers and one client that changes streams work until SIGKILL comes at a random instant; the emulator is
//! started on the same data and port (and at times killed once more while it recovers); then everything it ever
//! acknowledged is looked for. A seed gives the same choices; which instant of the work a kill hits is up to the machine.

mod chance;
mod changes;
mod check;
mod known;
mod payload;
mod writers;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};

pub use self::chance::Chance;
use self::changes::Changes;
use self::known::Streams;
use self::writers::Writer;
use crate::emulator::{Emulator, Options};

/// Clients that put records at the same time.
const WRITERS: u32 = 4;
/// A kill comes this long after the load began, at the latest.
const LONGEST_LOAD: Duration = Duration::from_millis(400);
/// A second kill comes this long after the start of the process, at the latest: before or while it recovers.
const LONGEST_RECOVERY: Duration = Duration::from_millis(30);

/// How often to kill what.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The emulator.
    pub program: PathBuf,
    /// An empty directory to work in.
    pub directory: PathBuf,
    /// `interval` or `always`.
    pub sync: String,
    /// How many kills under load.
    pub cycles: u32,
    /// Where all choices come from.
    pub seed: u64,
}

/// What was seen.
#[derive(Clone, Default, Debug)]
pub struct Report {
    /// Kills under load that nothing was lost by.
    pub cycles: u32,
    /// Further kills while the emulator was starting.
    pub kills_at_start: u32,
    /// Records acknowledged.
    pub acknowledged: u64,
    /// Records whose answer never came, and which were there all the same.
    pub unanswered_kept: u64,
    /// Records whose answer never came, and which were not there.
    pub unanswered_gone: u64,
    /// Changes to streams acknowledged.
    pub changes: u64,
    /// Records looked at in checks.
    pub checked: u64,
    /// From the start of the process to its first line, after each kill under load.
    pub restarts: Vec<Duration>,
}

/// Does all cycles; tells `progress` about each. Fails with the first thing that was not kept.
pub fn crash(plan: &Plan, mut progress: impl FnMut(&Report)) -> Result<Report> {
    let chance = Chance::new(plan.seed);
    let mut options = Options::new(&plan.program, &plan.directory);
    options.arguments.extend(["--limits", "off", "--sync", &plan.sync, "--log", "warn"].map(str::to_owned));
    let streams = Streams::default();
    let mut writers: Vec<_> = (0..WRITERS).map(|number| Writer::new(number, chance.fork(number.into()))).collect();
    let mut changes = Changes::new(chance.fork(u64::from(WRITERS)));
    let mut chance = chance.fork(u64::from(WRITERS) + 1);
    let mut report = Report::default();
    let mut emulator = Emulator::start(options)?;
    changes.make_first_streams(&streams, emulator.address())?;
    for cycle in 1..=plan.cycles {
        let context = || format!("in cycle {cycle} of seed {}", plan.seed);
        let load = chance.duration(LONGEST_LOAD);
        let options = under_load(emulator, &streams, &mut writers, &mut changes, load).with_context(context)?;
        if chance.one_in(4) {
            Emulator::start_and_kill(&options, chance.duration(LONGEST_RECOVERY)).with_context(context)?;
            report.kills_at_start += 1;
        }
        emulator = Emulator::start(options).with_context(context)?;
        report.restarts.push(emulator.ready_after());
        check::check(&streams, emulator.address(), &mut report).with_context(context)?;
        report.cycles = cycle;
        report.changes = changes.acknowledged;
        progress(&report);
    }
    emulator.stop()?;
    Ok(report)
}

/// Lets all clients work until the emulator is killed.
fn under_load(
    emulator: Emulator,
    streams: &Streams,
    writers: &mut [Writer],
    changes: &mut Changes,
    load: Duration,
) -> Result<Options> {
    let address = emulator.address().to_owned();
    std::thread::scope(|scope| {
        let address = address.as_str();
        let mut clients: Vec<_> =
            writers.iter_mut().map(|writer| scope.spawn(move || writer.work(streams, address))).collect();
        clients.push(scope.spawn(move || changes.work(streams, address)));
        std::thread::sleep(load);
        let killed = emulator.kill();
        for client in clients {
            client.join().map_err(|_| anyhow::anyhow!("a client panicked"))??;
        }
        killed
    })
}
