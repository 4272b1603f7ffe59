//! The AWS clients that the tests drive, and the newest service model, installed once below the target directory: what is in
//! Python by pip, in environments of their own, and what is for Node.js by npm.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cargo::{run, target};

/// Versions that were seen to work together. A newer one is a change to this line and a test run.
const PYTHON: &[&str] = &["boto3==1.43.11", "awscli==1.45.11", "async-kinesis[kpl]==3.0.1", "awslambdaric==4.2.2"];
/// What the service model is read from: newer than what the AWS CLI goes with, so it lives apart.
const MODEL: &[&str] = &["botocore==1.44.8"];
/// Likewise for Node.js.
const NODE: &[&str] = &["@aws-sdk/client-kinesis@3.1143.0", "aws-kinesis-agg@4.2.8"];

/// Installs what is not there and returns the folder: Python's environment, and `node` in it; the model's is beside it.
pub(crate) fn install() -> Result<PathBuf> {
    let folder = target().join("clients");
    python(&target().join("clients-model"), MODEL)?;
    python(&folder, PYTHON)?;
    let node = folder.join("node");
    once(&node.join("installed"), NODE, || {
        std::fs::create_dir_all(&node)?;
        let npm = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
        run(Command::new("npm").args(npm).arg(&node).args(NODE))
    })?;
    Ok(folder)
}

fn python(folder: &Path, packages: &[&str]) -> Result<()> {
    once(&folder.join("installed"), packages, || {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(folder.join("bin/python")).args(pip).args(packages))
    })
}

/// Installs unless `marker` says that it was these packages the last time.
fn once(marker: &Path, packages: &[&str], install: impl FnOnce() -> Result<()>) -> Result<()> {
    let wanted = packages.join("\n");
    if !std::fs::read_to_string(marker).is_ok_and(|installed| installed == wanted) {
        install()?;
        std::fs::write(marker, wanted)?;
    }
    Ok(())
}
