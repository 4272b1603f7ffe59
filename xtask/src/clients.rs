//! The AWS clients that the tests drive: boto3 and the AWS CLI in a Python environment of their own below the target
//! directory, installed once by pip.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::cargo::{run, target};

/// Versions that were seen to work together. A newer one is a change to this line and a test run.
const PACKAGES: &[&str] = &["boto3==1.43.11", "awscli==1.45.11"];

/// Makes the environment if it is not there and returns its folder.
pub(crate) fn install() -> Result<PathBuf> {
    let folder = target().join("clients");
    let marker = folder.join("installed");
    let wanted = PACKAGES.join("\n");
    if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let pip = folder.join("bin/python");
    run(Command::new(pip).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES))?;
    std::fs::write(marker, wanted)?;
    Ok(folder)
}
