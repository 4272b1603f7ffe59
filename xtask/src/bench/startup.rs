//! How quickly things are ready, and how small they are when they wait.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use acceptance::Emulator;
use anyhow::{Context as _, Result};

use super::Options;
use super::figures::Row;
use super::process::{own_mib, resident_mib};

/// A certificate of the kind that Terraform makes at every start: P-521, self-signed, its own authority.
const CLIENT_CERTIFICATE: &str = include_str!("client.pem");
/// The cookie of Terraform's plugin protocol.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// The emulator: start to ready, and memory a second later.
pub(super) fn emulator(programs: &Path, options: &Options) -> Result<Vec<Row>> {
    let (mut ready, mut memory, mut own) = (Vec::new(), Vec::new(), Vec::new());
    for repetition in 0..options.repetitions {
        let directory = tempfile::tempdir()?;
        let emulator = Emulator::start(acceptance::Options::new(&programs.join("millrace"), directory.path()))?;
        ready.push(millis(emulator.ready_after()));
        // Memory does not vary; a few looks are enough.
        if repetition < 3 {
            std::thread::sleep(Duration::from_secs(1));
            memory.push(resident_mib(emulator.pid())?);
            own.push(own_mib(emulator.pid())?);
        }
    }
    Ok(vec![
        Row {
            what: "emulator: start to ready, empty data directory",
            unit: "ms",
            promised: "under 15 ms",
            values: ready,
        },
        Row { what: "emulator: resident when idle", unit: "MiB", promised: "under 15 MB", values: memory },
        Row { what: "emulator: of that its own, and not mapped code", unit: "MiB", promised: "", values: own },
    ])
}

/// Our provider.
pub(super) fn provider(programs: &Path, options: &Options) -> Result<Vec<Row>> {
    let [handshake, memory] = handshakes(&programs.join("terraform-provider-aws"), options.repetitions)?;
    Ok(vec![
        Row { what: "provider: start to handshake", unit: "ms", promised: "under 5 ms", values: handshake },
        Row { what: "provider: resident at the handshake", unit: "MiB", promised: "under 25 MB", values: memory },
    ])
}

/// A provider from its start to the handshake line, with the certificate that Terraform sends: milliseconds, and MiB then.
pub(super) fn handshakes(program: &Path, repetitions: usize) -> Result<[Vec<f64>; 2]> {
    let (mut handshake, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..repetitions {
        let started = Instant::now();
        let mut child = Command::new(program)
            .env(COOKIE.0, COOKIE.1)
            .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
            .env("PLUGIN_CLIENT_CERT", CLIENT_CERTIFICATE)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the provider")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("stdout is piped")?).read_line(&mut line)?;
        handshake.push(millis(started.elapsed()));
        anyhow::ensure!(line.starts_with("1|6|") || line.starts_with("1|5|"), "the provider said {line:?}");
        memory.push(resident_mib(child.id())?);
        child.kill()?;
        child.wait()?;
    }
    Ok([handshake, memory])
}

pub(super) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
