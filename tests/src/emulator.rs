//! A running emulator: started on a free port, killed or stopped, started again on the same data.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How an emulator is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program.
    pub program: PathBuf,
    /// Where it keeps its data.
    pub data: PathBuf,
    /// Where it listens; port 0 picks a free one.
    pub listen: String,
    /// Further arguments of `millrace serve`.
    pub arguments: Vec<String>,
    /// Where its log goes.
    pub log: PathBuf,
}

impl Options {
    /// An emulator on a free port that keeps its data below `directory`.
    pub fn new(program: &Path, directory: &Path) -> Self {
        Self {
            program: program.to_owned(),
            data: directory.join("data"),
            listen: "127.0.0.1:0".to_owned(),
            arguments: ["--lifecycle-delay", "10ms"].map(str::to_owned).to_vec(),
            log: directory.join("millrace.log"),
        }
    }

    /// With a further argument.
    #[must_use]
    pub fn with(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }
}

/// A running emulator. It is killed when this is dropped.
#[derive(Debug)]
pub struct Emulator {
    child: Child,
    options: Options,
    endpoint: String,
    ready_after: Duration,
}

impl Emulator {
    /// Starts it and waits until it says that it listens.
    pub fn start(options: Options) -> Result<Self> {
        let started = Instant::now();
        let mut child = spawn(&options)?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("stdout is piped")?).read_line(&mut line)?;
        let ready_after = started.elapsed();
        let Some(endpoint) = line.trim().strip_prefix("listening on ") else {
            let _ = child.kill();
            bail!("the emulator said {line:?} first; its log:\n{}", std::fs::read_to_string(&options.log)?);
        };
        Ok(Self { endpoint: endpoint.to_owned(), child, options, ready_after })
    }

    /// Starts it and kills it `after` that, ready or not.
    pub fn start_and_kill(options: &Options, after: Duration) -> Result<()> {
        let mut child = spawn(options)?;
        std::thread::sleep(after);
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// `http://127.0.0.1:port`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// `127.0.0.1:port`.
    pub fn address(&self) -> &str {
        self.endpoint.trim_start_matches("http://")
    }

    /// How long it took from the start of the process to its first line.
    pub fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it keeps its data.
    pub fn data(&self) -> &Path {
        &self.options.data
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.options.log).unwrap_or_default()
    }

    /// SIGKILL. Returns how to start a new one on the same data and the same port.
    pub fn kill(mut self) -> Result<Options> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(self.same_again())
    }

    /// SIGKILL, then a new one on the same data and the same port.
    pub fn kill_and_restart(self) -> Result<Self> {
        Self::start(self.kill()?)
    }

    /// SIGTERM, which must end it in order, then a new one on the same data and the same port.
    pub fn stop_and_restart(mut self) -> Result<Self> {
        self.terminate()?;
        Self::start(self.same_again())
    }

    /// SIGTERM, which must end it in order.
    pub fn stop(mut self) -> Result<()> {
        self.terminate()
    }

    fn terminate(&mut self) -> Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("a process id is positive")?;
        kill_process(pid, Signal::TERM)?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("SIGTERM ended the emulator with {status}; its log:\n{}", self.log());
        }
        Ok(())
    }

    fn same_again(&self) -> Options {
        Options { listen: self.address().to_owned(), ..self.options.clone() }
    }
}

fn spawn(options: &Options) -> Result<Child> {
    let log = std::fs::File::options().create(true).append(true).open(&options.log);
    let log = log.with_context(|| format!("cannot open {}", options.log.display()))?;
    Command::new(&options.program)
        .args(["serve", "--listen", &options.listen, "--data"])
        .arg(&options.data)
        .args(&options.arguments)
        // What a developer has set for the emulator he uses must not change the one under test.
        .env_remove("MILLRACE_CONFIG")
        .current_dir(options.log.parent().context("the log is in a directory")?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {}", options.program.display()))
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
