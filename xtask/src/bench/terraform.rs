//! What Terraform's user waits for: a plan beside terraform's own floor and beside the stock provider, and many streams made,
//! looked at and removed at once.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use acceptance::{Emulator, Source, Terraform, Workspace};
use anyhow::{Context as _, Result, ensure};

use super::figures::Row;
use super::process::most_resident_mib;
use super::startup::{self, millis};
use super::{Options, report};
use crate::clients;

/// Many of something in one configuration.
struct Crowd {
    count: u32,
    /// The block's first line, and what is in it beside `count`.
    block: (&'static str, &'static str),
    /// What the emulator is started with.
    arguments: &'static [&'static str],
    rounds: usize,
    promised: &'static str,
    /// What is measured: apply, plan, destroy, and the memory of the provider meanwhile.
    names: [&'static str; 4],
}

const STREAM: (&str, &str) = (
    "resource \"aws_kinesis_stream\" \"many\"",
    "name = \"s-${count.index}\"\n  shard_count = 1\n  tags = { team = \"mill\" }",
);
const FLOOR: (&str, &str) = ("resource \"terraform_data\" \"many\"", "input = \"s-${count.index}\"");

fn crowds(rounds: usize) -> [Crowd; 5] {
    let streams =
        |count, names| Crowd { count, block: STREAM, arguments: &["--limits", "off"], rounds, promised: "", names };
    [
        streams(1, ["apply of 1 stream", "plan of 1 stream", "destroy of 1 stream", "provider then: most resident"]),
        streams(
            100,
            ["apply of 100 streams", "plan of 100 streams", "destroy of 100 streams", "provider then: most resident"],
        ),
        streams(
            500,
            ["apply of 500 streams", "plan of 500 streams", "destroy of 500 streams", "provider then: most resident"],
        ),
        Crowd {
            block: FLOOR,
            ..streams(
                500,
                [
                    "apply of 500 `terraform_data` (the floor)",
                    "plan of 500 `terraform_data`",
                    "destroy of 500 `terraform_data`",
                    "",
                ],
            )
        },
        // An account makes, looks at and removes five streams a second, so fewer of them will do.
        Crowd {
            arguments: &[],
            rounds: 1,
            promised: "20 s at 5 calls a second",
            ..streams(
                100,
                [
                    "AWS's limits on: apply of 100 streams",
                    "AWS's limits on: plan of 100 streams",
                    "AWS's limits on: refresh and destroy of 100 streams (twice five a second)",
                    "provider then: most resident",
                ],
            )
        },
    ]
}

/// How many plans are one repetition: they are short, and slow moments are not.
const PLANS: usize = 3;
const PLAN: [&str; 3] = ["plan", "-no-color", "-input=false"];
const ONE_STREAM: &str = "resource \"aws_kinesis_stream\" \"one\" {\n  name        = \"one\"\n  shard_count = 1\n}\n";

/// All of it, as Markdown.
pub(super) fn measure(programs: &Path, machine: &str, options: &Options) -> Result<String> {
    let mut rows = sizes(programs)?;
    rows.extend(plans(programs, options)?);
    for crowd in crowds(options.rounds) {
        rows.extend(crowd.measure(programs)?);
    }
    Ok(report::rows(machine, &rows))
}

/// What is to be loaded before anything happens.
fn sizes(programs: &Path) -> Result<Vec<Row>> {
    let size = |path: &Path| anyhow::Ok(std::fs::metadata(path)?.len() as f64 / f64::from(1 << 20));
    let mut rows =
        vec![row("provider: size of the program", "MiB", vec![size(&programs.join("terraform-provider-aws"))?])];
    if let Some(mirror) = clients::stock_provider()? {
        let stock = clients::stock_program(&mirror);
        rows.push(row("stock provider 3.39.0: size of the program", "MiB", vec![size(&stock)?]));
        let [handshake, memory] = startup::handshakes(&stock, 5)?;
        rows.push(row("stock provider 3.39.0: start to handshake", "ms", handshake));
        rows.push(row("stock provider 3.39.0: resident at the handshake", "MiB", memory));
    }
    Ok(rows)
}

/// A plan of one stream that is as it should be: the floor, ours, and the stock provider's.
fn plans(programs: &Path, options: &Options) -> Result<Vec<Row>> {
    let directory = tempfile::tempdir()?;
    // A stream's tags may be asked for five times a second, which so many plans exceed.
    let unlimited = acceptance::Options::new(&programs.join("millrace"), directory.path()).with("--limits").with("off");
    let emulator = Emulator::start(unlimited)?;
    let folder = |name: &str| workspace(programs, &directory.path().join(name), emulator.endpoint());
    let (floor, ours, mut stock) = (folder("floor")?, folder("ours")?, folder("stock")?);
    floor.write("main.tf", "resource \"terraform_data\" \"one\" {\n  input = \"x\"\n}\n")?;
    ours.write("main.tf", ONE_STREAM)?;
    floor.apply()?;
    ours.apply()?;
    let [floors, direct, wrapped] = in_turn(options.repetitions * PLANS, || {
        [floor.command(&PLAN), ours.command(&PLAN), through_millrace(programs, &ours)]
    })?;
    let (by_floor, wrapped_by_floor) = (ratios(&direct, &floors), ratios(&wrapped, &floors));
    let mut rows = vec![
        row("plan of `terraform_data` (the floor)", "ms", floors),
        row("plan of one stream, no changes", "ms", direct),
        Row { promised: "2.2 ×", ..row("ours by the floor", "×", by_floor) },
        row("ours by the floor, by `millrace tf plan`", "×", wrapped_by_floor),
    ];
    if let Some(mirror) = clients::stock_provider()? {
        let provider = format!(
            "provider \"aws\" {{\n  skip_credentials_validation = true\n  skip_metadata_api_check = true\n  skip_get_ec2_platforms = true\n  \
             endpoints {{\n    kinesis = {0:?}\n    sts = {0:?}\n  }}\n}}\n",
            emulator.endpoint()
        );
        stock.write("main.tf", format!("{provider}{}", ONE_STREAM.replace("\"one\"\n", "\"other\"\n")))?;
        stock.take_from(&mirror)?;
        stock.must(&["init", "-no-color", "-input=false"])?;
        stock.apply()?;
        // It takes half a minute, and no repetition brings the two together.
        let few = options.repetitions.min(5);
        let [ours, theirs] = in_turn(few, || [ours.command(&PLAN), stock.command(&PLAN)])?;
        let by_ours = Row { promised: "10 ×", ..row("the stock provider's by ours", "×", ratios(&theirs, &ours)) };
        rows.extend([row("plan of one stream by the stock provider 3.39.0", "ms", theirs), by_ours]);
    }
    Ok(rows)
}

/// Runs commands in turn, so that a slow moment of the machine hits all of them, and says how long each took.
fn in_turn<const N: usize>(times: usize, commands: impl Fn() -> [Command; N]) -> Result<[Vec<f64>; N]> {
    let mut taken = [const { Vec::new() }; N];
    for _ in 0..times {
        for (mut command, taken) in commands().into_iter().zip(&mut taken) {
            taken.push(timed(&mut command)?);
        }
    }
    Ok(taken)
}

fn ratios(these: &[f64], those: &[f64]) -> Vec<f64> {
    these.iter().zip(those).map(|(this, that)| this / that).collect()
}

/// The same plan by `millrace tf`, which starts the provider once.
fn through_millrace(programs: &Path, workspace: &Workspace) -> Command {
    let terraform = workspace.command(&PLAN);
    let environment = terraform.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let mut command = Command::new(programs.join("millrace"));
    command.arg("tf").args(PLAN).current_dir(workspace.path()).env_clear().envs(environment);
    command
}

/// How long a command takes that must succeed, in milliseconds.
fn timed(command: &mut Command) -> Result<f64> {
    let started = Instant::now();
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(millis(started.elapsed()))
}

impl Crowd {
    /// Made, looked at, removed.
    fn measure(&self, programs: &Path) -> Result<Vec<Row>> {
        let mut times = [const { Vec::new() }; 3];
        let mut most = Vec::new();
        for _ in 0..self.rounds {
            let directory = tempfile::tempdir()?;
            let options = acceptance::Options::new(&programs.join("millrace"), directory.path());
            let emulator = Emulator::start(self.arguments.iter().fold(options, |options, word| options.with(word)))?;
            let workspace = workspace(programs, &directory.path().join("crowd"), emulator.endpoint())?;
            let (head, body) = self.block;
            workspace.write("main.tf", format!("{head} {{\n  count = {}\n  {body}\n}}\n", self.count))?;
            let mut peak: f64 = 0.0;
            let commands: [&[&str]; 3] = [
                &["apply", "-auto-approve", "-no-color", "-input=false"],
                &["plan", "-no-color", "-input=false", "-detailed-exitcode"],
                &["destroy", "-auto-approve", "-no-color", "-input=false"],
            ];
            for (command, times) in commands.into_iter().zip(&mut times) {
                let (took, resident) = watched(&workspace, command)?;
                times.push(took.as_secs_f64());
                peak = peak.max(resident);
            }
            most.push(peak);
        }
        let timed = self.names.into_iter().zip(times);
        let timed = timed.map(|(what, values)| Row { promised: self.promised, ..row(what, "s", values) });
        let memory = self.names.last().copied().filter(|what| !what.is_empty()).map(|what| row(what, "MiB", most));
        Ok(timed.chain(memory).collect())
    }
}

/// Runs Terraform, and looks meanwhile how much memory its providers take at most, in MiB.
fn watched(workspace: &Workspace, arguments: &[&str]) -> Result<(Duration, f64)> {
    let started = Instant::now();
    let mut command = workspace.command(arguments);
    let mut terraform = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak: f64 = 0.0;
    let status = loop {
        if let Some(status) = terraform.try_wait()? {
            break status;
        }
        peak = providers(&terraform).fold(peak, f64::max);
        std::thread::sleep(Duration::from_millis(5));
    };
    ensure!(status.success(), "terraform {} ended with {status}", arguments.join(" "));
    Ok((started.elapsed(), peak))
}

/// What the children of `terraform` took at most so far. One that ends meanwhile is left out.
fn providers(terraform: &Child) -> impl Iterator<Item = f64> + use<> {
    // A child belongs to the thread that started it, and Go has many.
    let threads = std::fs::read_dir(format!("/proc/{}/task", terraform.id()));
    let children = |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("children")).ok();
    let children: String = threads.into_iter().flatten().flatten().filter_map(children).collect();
    let pids: Vec<u32> = children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect();
    // One that has just been started is still a copy of Terraform.
    let is_provider = |pid: &u32| {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
        name.is_ok_and(|name| name.starts_with("terraform-prov"))
    };
    pids.into_iter().filter(is_provider).filter_map(|pid| most_resident_mib(pid).ok())
}

fn workspace(programs: &Path, directory: &Path, endpoint: &str) -> Result<Workspace> {
    let provider = programs.join("terraform-provider-aws");
    Workspace::new(Terraform::find()?, directory, &provider, Source::Override, endpoint).context("no working folder")
}

fn row(what: &'static str, unit: &'static str, values: Vec<f64>) -> Row {
    Row { what, unit, promised: "", values }
}
