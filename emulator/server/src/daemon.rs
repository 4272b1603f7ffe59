//! The emulator in the background: start it once, find it, stop it.
//!
//! A serving emulator leaves `server.json` in its data directory. The file is a hint; what counts is whether the process
//! it names answers at the address it names.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::cli::{ServeOptions, Sync};
use crate::client;
use crate::config::Config;
use crate::tls;

const FILE: &str = "server.json";
const LOG: &str = "millrace.log";
const START_PATIENCE: Duration = Duration::from_secs(10);
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// The emulator that serves a data directory.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Server {
    pub(crate) pid: u32,
    pub(crate) endpoint: String,
    pub(crate) version: String,
}

impl Server {
    /// Leaves word of itself in `directory`.
    pub(crate) fn announce(&self, directory: &Path) -> Result<()> {
        let path = directory.join(FILE);
        let text = serde_json::to_vec(self)?;
        let temporary = directory.join("server.json.new");
        std::fs::write(&temporary, text)
            .and_then(|()| std::fs::rename(&temporary, &path))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Takes the word back.
    pub(crate) fn withdraw(directory: &Path) {
        // A file left behind is only a hint that will not be confirmed.
        let _ = std::fs::remove_file(directory.join(FILE));
    }

    /// The emulator that serves `directory` right now.
    pub(crate) async fn find(directory: &Path) -> Option<Self> {
        let server: Self = serde_json::from_slice(&std::fs::read(directory.join(FILE)).ok()?).ok()?;
        let health = client::get(&server.endpoint, "/_millrace/health").await.ok()?;
        let health: serde_json::Value = serde_json::from_slice(&health).ok()?;
        (health["pid"] == server.pid).then_some(server)
    }
}

/// `millrace up`.
pub(crate) fn up(config: &Config, options: &ServeOptions) -> Result<()> {
    let (server, verb) = ensure(config, options)?;
    println!("millrace {verb} at {} (process {})", server.endpoint, server.pid);
    Ok(())
}

/// The emulator in the background, started if it does not run; and whether it `runs` or was `started`.
pub(crate) fn ensure(config: &Config, options: &ServeOptions) -> Result<(Server, &'static str)> {
    let directory = directory(config)?;
    std::fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    runtime()?.block_on(async {
        if let Some(server) = Server::find(directory).await {
            return Ok((server, "runs"));
        }
        let mut child = spawn(config, options, directory)?;
        let log = directory.join(LOG);
        wait(START_PATIENCE, async || {
            if let Some(server) = Server::find(directory).await {
                // Somebody else may have been quicker; then ours ends and theirs serves.
                let verb = if server.pid == child.id() { "started" } else { "runs" };
                return Ok(Some((server, verb)));
            }
            match child.try_wait()? {
                // The data directory is taken: whoever took it is about to say where it listens.
                Some(status) if !status.success() && last_lines(&log).contains("in use by another process") => Ok(None),
                Some(status) => {
                    bail!(
                        "the emulator ended at its start ({status}); its log is {}\n{}",
                        log.display(),
                        last_lines(&log)
                    )
                }
                None => Ok(None),
            }
        })
        .await?
        .with_context(|| format!("the emulator did not come up; its log is {}", log.display()))
    })
}

/// Starts a server in a process group of its own, so that it outlives the terminal and its Ctrl-C.
fn spawn(config: &Config, options: &ServeOptions, directory: &Path) -> Result<std::process::Child> {
    use std::os::unix::process::CommandExt as _;

    let log = directory.join(LOG);
    let log = File::options()
        .create(true)
        .append(true)
        .open(&log)
        .with_context(|| format!("cannot open {}", log.display()))?;
    let mut command = Command::new(std::env::current_exe().context("cannot find our own program")?);
    command.arg("serve").arg("--data").arg(directory).arg("--listen").arg(config.listen.to_string());
    command.args(["--sync", if config.sync == Sync::Always { "always" } else { "interval" }]);
    command.arg("--limits").arg(config.limits.map_or_else(|| "off".to_owned(), |scale| scale.to_string()));
    command.arg("--lifecycle-delay").arg(format!("{}ms", config.lifecycle_delay.as_millis()));
    command.args(["--region", &config.region, "--account-id", &config.account]);
    if let Some(file) = &options.config {
        command.arg("--config").arg(std::path::absolute(file)?);
    }
    command.args(["--log", &config.log.to_string()]);
    for host in &config.allow_hosts {
        command.args(["--allow-host", host]);
    }
    for origin in &config.allow_origins {
        command.args(["--allow-origin", origin]);
    }
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0).current_dir(directory);
    command.spawn().context("cannot start the emulator")
}

/// `millrace down`.
pub(crate) fn down(config: &Config) -> Result<()> {
    let directory = directory(config)?;
    runtime()?.block_on(async {
        let Some(server) = Server::find(directory).await else {
            println!("no millrace runs on {}", directory.display());
            return Ok(());
        };
        let pid = i32::try_from(server.pid).ok().and_then(Pid::from_raw).context("the process id makes no sense")?;
        kill_process(pid, Signal::TERM).context("cannot stop it")?;
        let gone = async || Ok(Server::find(directory).await.is_none().then_some(()));
        wait(STOP_PATIENCE, gone).await?.context("it does not stop")?;
        println!("millrace stopped");
        Ok(())
    })
}

/// `millrace status`.
pub(crate) fn status(config: &Config) -> Result<()> {
    let directory = directory(config)?;
    match runtime()?.block_on(Server::find(directory)) {
        Some(server) => {
            println!("millrace {} runs at {} (process {})", server.version, server.endpoint, server.pid);
            println!("data directory: {}", directory.display());
            println!("certificate: {}", tls::certificate(directory).display());
            Ok(())
        }
        None => bail!("no millrace runs on {}", directory.display()),
    }
}

fn directory(config: &Config) -> Result<&Path> {
    config.data.directory().context("an emulator in the background keeps its data: leave --ephemeral out")
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start the runtime")
}

/// Asks `probe` until it answers something or `patience` is over.
async fn wait<T>(patience: Duration, mut probe: impl AsyncFnMut() -> Result<Option<T>>) -> Result<Option<T>> {
    const PAUSE: Duration = Duration::from_millis(5);
    for _ in 0..patience.as_millis() / PAUSE.as_millis() {
        if let Some(found) = probe().await? {
            return Ok(Some(found));
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "another process is waited for, which knows nothing of our clock"
        )]
        tokio::time::sleep(PAUSE).await;
    }
    Ok(None)
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}
