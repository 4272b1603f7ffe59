//! The servers that are measured: ours, the one that does nothing, and other emulators where they are installed.
//!
//! A peer is found on the PATH or by an environment variable that holds its command. Limits and delays that a peer can
//! switch off are off; everything else is as it ships.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use acceptance::Emulator;
use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

/// A running server, stopped when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: String,
    pub(super) pid: u32,
    _keeps_running: Running,
}

#[derive(Debug)]
#[expect(dead_code, reason = "held for what dropping it does")]
enum Running {
    Ours(Emulator, TempDir),
    Other(Stopping),
}

/// Another program, killed when this is dropped.
#[derive(Debug)]
struct Stopping(Child);

impl Drop for Stopping {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Another emulator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer {
    pub(super) name: &'static str,
    /// Holds its command where it is not on the PATH.
    variable: &'static str,
    program: &'static str,
    /// `{port}` and `{other}` stand for two free ports.
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

/// Those that people use.
pub(super) const PEERS: [Peer; 4] = [
    Peer {
        name: "kinesis-local",
        variable: "KINESIS_LOCAL",
        program: "kinesis-local",
        arguments: &[],
        environment: &[
            ("KINESIS_MOCK_PLAIN_PORT", "{port}"),
            ("KINESIS_MOCK_TLS_PORT", "{other}"),
            ("SHARD_LIMIT", "10000"),
            ("LOG_LEVEL", "ERROR"),
        ],
    },
    Peer {
        name: "kinesalite",
        variable: "KINESALITE",
        program: "kinesalite",
        arguments: &["--port", "{port}", "--shardLimit", "10000"],
        environment: &[],
    },
    Peer {
        name: "moto",
        variable: "MOTO_SERVER",
        program: "moto_server",
        arguments: &["-H", "127.0.0.1", "-p", "{port}"],
        environment: &[],
    },
    Peer {
        name: "ferrokinesis",
        variable: "FERROKINESIS",
        program: "ferrokinesis",
        arguments: &["--port", "{port}", "--shard-limit", "10000"],
        environment: &[],
    },
];

/// The emulator without limits, on a fresh data directory.
pub(super) fn ours(programs: &Path, arguments: &[&str]) -> Result<Server> {
    let directory = tempfile::tempdir()?;
    let options = acceptance::Options::new(&programs.join("millrace"), directory.path());
    let options = ["--limits", "off"].iter().chain(arguments).fold(options, |options, word| options.with(word));
    let emulator = Emulator::start(options)?;
    let (address, pid) = (emulator.address().to_owned(), emulator.pid());
    Ok(Server { address, pid, _keeps_running: Running::Ours(emulator, directory) })
}

/// The server that does nothing.
pub(super) fn null(programs: &Path) -> Result<Server> {
    let mut child = Command::new(programs.join("bench")).arg("null").stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().context("stdout is piped")?;
    let (pid, stopping) = (child.id(), Stopping(child));
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line.trim().strip_prefix("listening on http://").context("the null server does not listen")?;
    Ok(Server { address: address.to_owned(), pid, _keeps_running: Running::Other(stopping) })
}

impl Peer {
    /// Its command, if it is installed.
    pub(super) fn command(&self) -> Option<OsString> {
        std::env::var_os(self.variable).or_else(|| {
            let path = std::env::var_os("PATH")?;
            let found = std::env::split_paths(&path).any(|directory| directory.join(self.program).is_file());
            found.then(|| self.program.into())
        })
    }

    /// Starts it and waits until it takes connections.
    pub(super) fn start(&self, command: &OsString) -> Result<Server> {
        let free = || anyhow::Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string());
        let (port, other) = (free()?, free()?);
        let filled = |text: &str| text.replace("{port}", &port).replace("{other}", &other);
        let command = command.to_string_lossy();
        let mut words = command.split_whitespace();
        let child = Command::new(words.next().context("an empty command")?)
            .args(words)
            .args(self.arguments.iter().map(|argument| filled(argument)))
            .envs(self.environment.iter().map(|(name, value)| (name, filled(value))))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", self.name))?;
        let (pid, mut stopping) = (child.id(), Stopping(child));
        let (address, started) = (format!("127.0.0.1:{port}"), Instant::now());
        while TcpStream::connect(&address).is_err() {
            if stopping.0.try_wait()?.is_some() || started.elapsed() > Duration::from_secs(30) {
                bail!("{} does not come to listen", self.name);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Server { address, pid, _keeps_running: Running::Other(stopping) })
    }
}
