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
            Family::Provided | Family::Unsupported => (Vec::new(), ["", ""], "this runtime cannot be run here"),
        };
        for candidate in &candidates {
            if let Some(found) = ask(candidate, arguments).await {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(runtime, found.clone());
                return Ok(found);
            }
        }
        Err(Missing { runtime, candidates: candidates.join(" or "), advice })
    }
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
