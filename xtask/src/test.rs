//! `cargo xtask test`: formatting, lints, tidiness, unit tests, and the whole product through its front doors.

use anyhow::Result;
use clap::Args;

use crate::cargo::{self, build, cargo, programs, test_function};
use crate::prerequisites::{NODE, PYTHON, TERRAFORM, require};
use crate::{clients, tidy};

/// What to run.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Only tests whose names contain this; no lints.
    filter: Option<String>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    require(&[TERRAFORM, PYTHON, NODE])?;
    if options.filter.is_none() {
        lint()?;
    }
    test(options.filter.as_deref())?;
    println!("\nEverything passed.");
    Ok(())
}

fn lint() -> Result<()> {
    cargo::run(cargo().args(["fmt", "--all", "--check"]))?;
    cargo::run(cargo().args(["fmt", "--manifest-path", "tests/function/Cargo.toml", "--check"]))?;
    cargo::run(cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"]))?;
    tidy::run()
}

fn test(filter: Option<&str>) -> Result<()> {
    let clients = clients::install()?;
    build(&["millrace", "terraform-provider-aws", "quickstart-producer"], false)?;
    // Cargo builds examples for its tests only when it is given no filter.
    cargo::run(cargo().args(["build", "--package", "tf-framework", "--examples"]))?;
    let function = test_function(false)?;
    let mut tests = cargo();
    tests.args(["test", "--workspace"]).args(filter);
    tests.env("MILLRACE_BIN_DIR", programs(false)).env("MILLRACE_TEST_CLIENTS", clients);
    tests.env("MILLRACE_TEST_FUNCTION", function);
    cargo::run(&mut tests)
}
