//! Streams under load: what a second of the server's processor time is good for, beside the server that does nothing and
//! beside the other emulators. Wall-clock figures stand next to it; on a shared machine they say little.

mod capacity;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::Options;
use super::process::cpu_seconds;
use super::server::{self, PEERS, Server};

/// What the load generator prints.
#[derive(Clone, Debug, Deserialize)]
struct Figures {
    records_per_cpu_second: f64,
    records_per_second: f64,
    p50: u32,
    p99: u32,
    p999: u32,
    resident_mib: f64,
}

/// A workload, and what we promise of it.
struct Workload {
    name: &'static str,
    what: &'static str,
    promised: &'static str,
}

const WORKLOADS: [Workload; 4] = [
    Workload { name: "put-record", what: "PutRecord 1 KiB, 16 connections", promised: "75k" },
    Workload { name: "put-records", what: "PutRecords 500 × 1 KiB, 4 connections", promised: "900k" },
    Workload { name: "put-small-records", what: "PutRecords 500 × 100 B, 4 connections", promised: "1,700k" },
    Workload { name: "get-records", what: "GetRecords 10,000 × 1 KiB, 4 connections", promised: "1,500k" },
];

/// Runs of one workload on one server.
type Runs = BTreeMap<(&'static str, &'static str), Vec<Figures>>;

/// The section of the report.
pub(super) fn measure(programs: &Path, options: &Options) -> Result<String> {
    let load = Load { programs, seconds: options.seconds };
    let mut runs = Runs::new();
    for round in 1..=options.rounds {
        eprintln!("round {round} of {}", options.rounds);
        load.all("null", &server::null(programs)?, &mut runs);
        load.all("millrace", &server::ours(programs, &[])?, &mut runs);
    }
    let mut skipped = Vec::new();
    for peer in &PEERS {
        match peer.command() {
            Some(command) => match peer.start(&command) {
                Ok(server) => load.all(peer.name, &server, &mut runs),
                Err(error) => skipped.push(format!("{} ({error:#})", peer.name)),
            },
            None => skipped.push(format!("{} (not installed)", peer.name)),
        }
    }
    let mut text = table(&runs);
    if !skipped.is_empty() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\nLeft out: {}.", skipped.join(", "));
    }
    text.push('\n');
    text.push_str(&latencies(&load)?);
    text.push_str(&always(&load)?);
    text.push_str(&flatness(&load, options.gigabytes)?);
    text.push_str(&capacity::measure(&load, options.gigabytes)?);
    Ok(text)
}

/// The load generator.
struct Load<'a> {
    programs: &'a Path,
    seconds: f64,
}

impl Load<'_> {
    /// Every workload on one server. One that fails is left out and said on stderr.
    fn all(&self, name: &'static str, server: &Server, runs: &mut Runs) {
        for workload in &WORKLOADS {
            match self.run(server, workload.name, workload.name, self.seconds, &[]) {
                Ok(figures) => runs.entry((workload.name, name)).or_default().push(figures),
                Err(error) => eprintln!("{name}: {}: {error:#}", workload.name),
            }
        }
    }

    fn run(&self, server: &Server, workload: &str, stream: &str, seconds: f64, more: &[&str]) -> Result<Figures> {
        let seconds = seconds.to_string();
        self.against(&server.address, server.pid, workload, stream, &[&["--seconds", &seconds], more].concat())
    }

    fn against(&self, address: &str, pid: u32, workload: &str, stream: &str, more: &[&str]) -> Result<Figures> {
        let output = Command::new(self.programs.join("bench"))
            .args(["load", "--workload", workload, "--stream", stream, "--address", address])
            .args(["--pid", &pid.to_string()])
            .args(more)
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        serde_json::from_slice(&output.stdout).context("the load generator says something else")
    }
}

fn table(runs: &Runs) -> String {
    let mut text = String::from(
        "Records per second of the server's processor time, durability on; the null server reads requests and answers \
         as many bytes.\n\n\
         | workload | Millrace | promised | null server | of it | best peer | times it |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let peers = || PEERS.iter().map(|peer| peer.name);
    for Workload { name, what, promised } in &WORKLOADS {
        let rate = |server| median(runs.get(&(*name, server))?.iter().map(|run| run.records_per_cpu_second));
        let (ours, null) = (rate("millrace").unwrap_or(0.0), rate("null").unwrap_or(f64::INFINITY));
        let best =
            peers().filter_map(|peer| Some((rate(peer)?, peer))).max_by(|left, right| left.0.total_cmp(&right.0));
        let (best, times) = best.map_or(("-".to_owned(), "-".to_owned()), |(rate, peer)| {
            (format!("{} ({peer})", thousands(rate)), format!("{:.1} ×", ours / rate))
        });
        let _ = writeln!(
            text,
            "| {what} | **{}** | {promised} | {} | {:.0} % | {best} | {times} |",
            thousands(ours),
            thousands(null),
            100.0 * ours / null
        );
    }
    text.push_str(
        "\n| workload | server | records per second | p50 ms | p99 ms | p99.9 ms | resident MiB |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for Workload { name, what, .. } in &WORKLOADS {
        for server in ["millrace", "null"].into_iter().chain(peers()) {
            let Some(runs) = runs.get(&(*name, server)) else { continue };
            let of = |figure: fn(&Figures) -> f64| median(runs.iter().map(figure)).unwrap_or(0.0);
            let _ = writeln!(
                text,
                "| {what} | {server} | {} | {:.2} | {:.2} | {:.2} | {:.0} |",
                thousands(of(|run| run.records_per_second)),
                of(|run| f64::from(run.p50) / 1000.0),
                of(|run| f64::from(run.p99) / 1000.0),
                of(|run| f64::from(run.p999) / 1000.0),
                of(|run| run.resident_mib),
            );
        }
    }
    text
}

/// One record at a time on an idle server.
fn latencies(load: &Load<'_>) -> Result<String> {
    let server = server::ours(load.programs, &[])?;
    let push = load.run(&server, "push", "push", load.seconds, &[])?;
    let visible = load.run(&server, "visibility", "visibility", load.seconds, &[])?;
    let ms = |micros: u32| f64::from(micros) / 1000.0;
    Ok(format!(
        "| one record, idle server | p50 ms | p99 ms | promised |\n| --- | --- | --- | --- |\n\
         | put to the event of SubscribeToShard | {:.2} | {:.2} | p99 under 5 ms |\n\
         | put to the answer of GetRecords | {:.2} | {:.2} | p50 within 0.3 ms |\n\n",
        ms(push.p50),
        ms(push.p99),
        ms(visible.p50),
        ms(visible.p99),
    ))
}

/// What it costs to have every record on stable storage before it is acknowledged.
fn always(load: &Load<'_>) -> Result<String> {
    let mut text = String::from(
        "| PutRecords 500 × 1 KiB, 64 connections | per CPU second | per second | p50 ms | p99 ms |\n\
         | --- | --- | --- | --- | --- |\n",
    );
    for policy in ["interval", "always"] {
        let server = server::ours(load.programs, &["--sync", policy])?;
        let figures = load.run(&server, "put-records", "s", load.seconds, &["--connections", "64"])?;
        let _ = writeln!(
            text,
            "| `--sync {policy}` | {} | {} | {:.1} | {:.1} |",
            thousands(figures.records_per_cpu_second),
            thousands(figures.records_per_second),
            f64::from(figures.p50) / 1000.0,
            f64::from(figures.p99) / 1000.0
        );
    }
    text.push('\n');
    Ok(text)
}

/// Whether a gigabyte costs the same however many are there already.
///
/// A page of memory that the machine has not used lately can cost many times what another does, in a virtual machine above
/// all. So the same bytes go into a plain file each time, and what that costs stands beside it.
fn flatness(load: &Load<'_>, gigabytes: u32) -> Result<String> {
    let mut text = String::from(
        "| PutRecords 500 × 1 KiB as the log grows | per CPU second | a plain file of as many bytes: ms of processor | resident MiB |\n\
         | --- | --- | --- | --- |\n",
    );
    let server = server::ours(load.programs, &[])?;
    // A file that goes gives its pages back, so each stays.
    let plain = tempfile::tempdir()?;
    for gigabyte in 1..=gigabytes {
        let figures = load.run(&server, "put-records", "s", load.seconds, &["--gigabytes", "1"])?;
        let _ = writeln!(
            text,
            "| gigabyte {gigabyte} | {} | {:.0} | {:.0} |",
            thousands(figures.records_per_cpu_second),
            plain_gigabyte(&plain.path().join(gigabyte.to_string()))? * 1000.0,
            figures.resident_mib
        );
    }
    Ok(text)
}

/// Seconds of processor time that a file of a gigabyte takes, written in pieces as large as a call's records.
fn plain_gigabyte(path: &Path) -> Result<f64> {
    let piece = vec![b'x'; 500 << 10];
    let before = cpu_seconds(std::process::id())?;
    let mut file = File::create_new(path)?;
    for _ in 0..1_000_000_000 / piece.len() {
        file.write_all(&piece)?;
    }
    file.sync_data()?;
    Ok(cpu_seconds(std::process::id())? - before)
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// `1,234k`.
fn thousands(value: f64) -> String {
    let thousands = format!("{:.0}", value / 1000.0);
    let (start, end) = thousands.split_at(thousands.len().saturating_sub(3));
    if start.is_empty() { format!("{end}k") } else { format!("{start},{end}k") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let texts = [999.0, 75_400.0, 1_234_567.0, 27_000_000.0].map(thousands);
        assert_eq!(texts, ["1k", "75k", "1,235k", "27,000k"]);
    }
}
