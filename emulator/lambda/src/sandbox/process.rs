//! A process group of our own: started behind a small shell that ties its life to ours, killed as a whole.
//!
//! The shell first leaves a watcher in the group that waits for the end of a pipe only we hold, then becomes the
//! runtime. Should the emulator die, by SIGKILL even, the pipe ends and the watcher kills the group: no runtime, whatever
//! it is busy with, outlives us. The watcher also keeps the group's number from being given to others while we may still
//! kill it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{ChildStdout, Command};
use tokio::sync::watch;

/// `$@` is the runtime. Standard error goes where standard output goes, so their order is kept.
const SCRIPT: &str = r#"
ulimit -c 0
exec 3<&0 </dev/null 2>&1
{ read -r _ <&3; kill -9 0; } >/dev/null 2>&1 &
exec "$@" 3<&-
"#;

/// What to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// All of it: nothing is inherited.
    pub(crate) environment: BTreeMap<OsString, OsString>,
    pub(crate) directory: PathBuf,
}

/// A running process group. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    group: Pid,
    exited: watch::Receiver<Option<ExitStatus>>,
}

impl Process {
    /// Starts `program`; its output comes out of the pipe.
    pub(crate) fn start(program: &Program) -> io::Result<(Self, ChildStdout)> {
        let mut child = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(&program.path)
            .args(&program.arguments)
            .env_clear()
            .envs(&program.environment)
            .current_dir(&program.directory)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let pid = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        let (Some(group), Some(output)) = (pid, child.stdout.take()) else {
            return Err(io::Error::other("the process has no id or no output"));
        };
        let (exit, exited) = watch::channel(None);
        tokio::spawn(async move {
            // The pipe that the watcher waits on: taken, or `wait` would close it at once.
            let lifeline = child.stdin.take();
            let status = child.wait().await.unwrap_or_else(|_| ExitStatus::from_raw(1));
            // Whatever the process started goes with it.
            kill(group);
            drop(lifeline);
            exit.send_replace(Some(status));
        });
        Ok((Self { group, exited }, output))
    }

    /// Its group.
    pub(crate) fn group(&self) -> Pid {
        self.group
    }

    /// Kills the group.
    pub(crate) fn kill(&self) {
        if self.exited.borrow().is_none() {
            kill(self.group);
        }
    }

    /// Returns when the process has ended.
    pub(crate) async fn exited(&self) -> ExitStatus {
        let mut exited = self.exited.clone();
        let status = exited.wait_for(Option::is_some).await.ok().and_then(|status| *status);
        // The task that waits is gone only when the whole program is.
        status.unwrap_or_else(|| ExitStatus::from_raw(Signal::KILL.as_raw()))
    }

    /// Whether it has ended.
    pub(crate) fn has_exited(&self) -> bool {
        self.exited.borrow().is_some()
    }

    /// The most memory that the process has used, where the system says.
    pub(crate) fn peak_memory_mb(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.group.as_raw_nonzero())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kilobytes.div_ceil(1024))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn kill(group: Pid) {
    // It fails only when there is nobody left to kill.
    let _ = kill_process_group(group, Signal::KILL);
}

/// How a process ended, as Lambda says it: `exit status 1`, `signal: killed`.
pub(crate) fn describe(status: ExitStatus) -> Option<String> {
    match (status.code(), status.signal()) {
        (Some(0), _) | (None, None) => None,
        (Some(code), _) => Some(format!("exit status {code}")),
        (None, Some(signal)) => Some(format!("signal: {}", signal_name(signal))),
    }
}

fn signal_name(signal: i32) -> String {
    let names = [
        (Signal::ABORT, "aborted"),
        (Signal::BUS, "bus error"),
        (Signal::FPE, "floating point exception"),
        (Signal::ILL, "illegal instruction"),
        (Signal::INT, "interrupt"),
        (Signal::KILL, "killed"),
        (Signal::SEGV, "segmentation fault"),
        (Signal::TERM, "terminated"),
    ];
    let name = names.iter().find(|(known, _)| known.as_raw() == signal);
    name.map_or_else(|| format!("signal {signal}"), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt as _, BufReader};

    use super::*;

    fn shell(script: &str) -> Program {
        Program {
            path: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            environment: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into()), ("X".into(), "1".into())]),
            directory: "/".into(),
        }
    }

    #[tokio::test]
    async fn output_and_exit_status_come_through() {
        let (process, output) = Process::start(&shell("echo $X; echo err >&2; exit 3")).unwrap();
        assert_eq!(describe(process.exited().await).as_deref(), Some("exit status 3"));
        let mut lines = BufReader::new(output).lines();
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("1"));
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("err"));
    }

    #[tokio::test]
    async fn a_signal_has_a_name() {
        let (process, _output) = Process::start(&shell("kill -SEGV $$")).unwrap();
        assert_eq!(describe(process.exited().await).as_deref(), Some("signal: segmentation fault"));
    }

    #[tokio::test]
    async fn children_die_with_the_group() {
        let (process, output) = Process::start(&shell("sleep 1000 & echo started; sleep 1000")).unwrap();
        let mut lines = BufReader::new(output).lines();
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("started"));
        process.kill();
        assert_eq!(describe(process.exited().await).as_deref(), Some("signal: killed"));
        // The pipe ends when the last process that holds it is gone.
        assert_eq!(lines.next_line().await.unwrap(), None);
    }

    #[tokio::test]
    async fn the_group_dies_when_nobody_holds_its_lifeline() {
        let mut child = Command::new("/bin/sh");
        child.args(["-c", SCRIPT, "sh", "/bin/sh", "-c", "echo started; while :; do sleep 1000; done"]);
        let mut child =
            child.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("started"));
        drop(child.stdin.take());
        assert_eq!(child.wait().await.unwrap().signal(), Some(Signal::KILL.as_raw()));
        assert_eq!(lines.next_line().await.unwrap(), None);
    }
}
