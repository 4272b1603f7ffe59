//! Finds the interpreter for a runtime on this machine: the version asked for, else what there is.
//!
//! A name on the `PATH` may be a shim that starts nothing, so a candidate counts only once it has run and said where it
//! really is. What was found is remembered; what was not is looked for again, since the user may install it meanwhile.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};

use tokio::process::Command;

use crate::function::{Family, Runtime};

/// An interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interpreter {
    pub(super) path: PathBuf,
    /// `3.11` or `20`, in the form that the runtime's name has it.
    pub(super) version: String,
}

/// There is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{runtime} needs {candidates} on the PATH of the emulator, and there is none: {advice}")]
pub(super) struct Missing {
    pub(super) runtime: Runtime,
    candidates: String,
    advice: &'static str,
}

/// The interpreters found so far.
#[derive(Debug, Default)]
pub(super) struct Interpreters(Mutex<HashMap<Runtime, Interpreter>>);

const PYTHON_SAYS: &str = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
const NODE_SAYS: &str = "console.log(process.execPath); console.log(process.versions.node.split('.')[0])";

/// One without the client that runs handlers is none.
const RUBY_SAYS: &str =
    "require 'aws_lambda_ric'; require 'rbconfig'; puts RbConfig.ruby; puts RUBY_VERSION[/\\d+\\.\\d+/]";

impl Interpreters {
    /// The interpreter for `runtime`.
    pub(super) async fn find(&self, runtime: Runtime) -> Result<Interpreter, Missing> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&runtime).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let (candidates, arguments, advice) = match runtime.family() {
            Family::Python(version) => (
                vec![format!("python{version}"), "python3".to_owned()],
                ["-c", PYTHON_SAYS],
                "install Python 3 (https://www.python.org/downloads or your package manager) and try again",
            ),
            Family::Node(_) => (
                vec!["node".to_owned(), "nodejs".to_owned()],
                ["-e", NODE_SAYS],
                "install Node.js (https://nodejs.org or your package manager) and try again",
            ),
            Family::Ruby(_) => (
                vec!["ruby".to_owned()],
                ["-e", RUBY_SAYS],
                "install Ruby and `gem install aws_lambda_ric`, the client that runs its handlers, and try again",
            ),
            Family::Java(_) => (
                vec!["java".to_owned()],
                ["-XshowSettings:properties", "-version"],
                "install a Java runtime (https://adoptium.net or your package manager) and try again",
            ),
            Family::Provided | Family::Unsupported => (Vec::new(), ["", ""], "this runtime cannot be run here"),
        };
        for candidate in &candidates {
            let found = match runtime.family() {
                Family::Java(_) => ask_java(candidate, arguments).await,
                _ => ask(candidate, arguments).await,
            };
            if let Some(found) = found {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(runtime, found.clone());
                return Ok(found);
            }
        }
        Err(Missing { runtime, candidates: candidates.join(" or "), advice })
    }
}

/// Likewise for Java, which says it among its settings, on standard error.
async fn ask_java(candidate: &str, arguments: [&str; 2]) -> Option<Interpreter> {
    let mut command = Command::new(candidate);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let setting = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(" = "));
    let (home, version) = (setting("java.home")?, setting("java.specification.version")?);
    // Versions up to 8 call themselves 1.8 and so on.
    let version = version.strip_prefix("1.").unwrap_or(version).to_owned();
    Some(Interpreter { path: PathBuf::from(home).join("bin/java"), version })
}

/// Runs `candidate` and has it say where it is and what version.
async fn ask(candidate: &str, arguments: [&str; 2]) -> Option<Interpreter> {
    let mut command = Command::new(candidate);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut lines = text.lines();
    let (path, version) = (PathBuf::from(lines.next()?), lines.next()?.to_owned());
    path.is_absolute().then_some(Interpreter { path, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finds_a_real_python_whatever_version_was_asked_for() {
        for name in ["python3.14", "python3.6"] {
            let runtime: Runtime = name.parse().unwrap();
            let found = Interpreters::default().find(runtime).await.unwrap();
            assert!(found.path.is_file(), "{found:?}");
            assert!(found.version.starts_with("3."), "{found:?}");
        }
    }

    #[tokio::test]
    async fn what_does_not_run_is_not_found() {
        assert_eq!(ask("no-such-interpreter", ["-c", ""]).await, None);
        assert_eq!(ask("false", ["-c", ""]).await, None);
    }
}
