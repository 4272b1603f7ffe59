//! Running cargo, and where it puts things.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository")
}

/// Cargo's target directory.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(PathBuf::from(dir)))
}

/// Where the programs of a profile are.
pub(crate) fn programs(release: bool) -> PathBuf {
    target().join(if release { "release" } else { "debug" })
}

/// Builds packages.
pub(crate) fn build(packages: &[&str], release: bool) -> Result<()> {
    let mut command = cargo();
    command.arg("build");
    for package in packages {
        command.args(["--package", package]);
    }
    if release {
        command.arg("--release");
    }
    run(&mut command)
}

/// Builds the function that tests and benchmarks run, which is a workspace of its own, and says where it is.
pub(crate) fn test_function(release: bool) -> Result<PathBuf> {
    let target = target().join("function");
    let mut command = cargo();
    command.args(["build", "--locked", "--manifest-path", "tests/function/Cargo.toml", "--target-dir"]).arg(&target);
    if release {
        command.arg("--release");
    }
    run(&mut command)?;
    Ok(target.join(if release { "release" } else { "debug" }).join("test-function"))
}

/// Cargo itself, at the root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs a command that must succeed, with its output where ours is.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("cannot run {shown}"))?;
    if !status.success() {
        bail!("{shown} failed ({status})");
    }
    Ok(())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
