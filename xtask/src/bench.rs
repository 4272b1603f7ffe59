//! `cargo xtask bench`: the figures that this project promises, measured on release builds and written to
//! `docs/benchmarks.md` with the machine they were measured on. Nothing here is a test: a slow machine fails nothing.
//!
//! The file has a section for each part, so that one part can be measured again without the others.

mod figures;
mod functions;
mod kinesis;
mod machine;
mod process;
mod report;
mod server;
mod startup;
mod terraform;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::cargo::{build, programs, root, test_function};
use crate::prerequisites::{NODE, PYTHON, TERRAFORM, require};

/// How to measure.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// What to measure; everything if nothing is said.
    #[arg(value_enum)]
    part: Option<Part>,
    /// How often each thing of `startup`, each plan of `terraform` and each first call of `functions` is measured; the median is what counts.
    #[arg(long, default_value_t = 21)]
    repetitions: usize,
    /// How often each workload of `kinesis` and `terraform` is run; the median is what counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each run of a workload is measured.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// How much is written to see whether the rate stays flat, in GB.
    #[arg(long, default_value_t = 3)]
    gigabytes: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Part {
    /// Start-up, memory, the plugin handshake.
    Startup,
    /// Plans beside the stock provider's, and many streams applied and destroyed at once.
    Terraform,
    /// Records per second of processor time, beside a server that does nothing and the other emulators installed here.
    Kinesis,
    /// Streams through functions in Python, Node.js and Rust, first calls, and mappings that have nothing to do.
    Functions,
}

/// Copies the programs, as an installation does. What a linker has only just written lies in the page cache page by page, and
/// takes longer to start than what was written or read in one piece.
fn install(directory: &Path) -> Result<PathBuf> {
    for program in ["millrace", "terraform-provider-aws"] {
        std::fs::copy(programs(true).join(program), directory.join(program))?;
    }
    Ok(directory.to_owned())
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let wanted = |part| options.part.is_none_or(|only| only == part);
    let needs_provider = wanted(Part::Startup) || wanted(Part::Terraform);
    if needs_provider {
        require(&[TERRAFORM])?;
    }
    if wanted(Part::Functions) {
        require(&[PYTHON, NODE])?;
    }
    let mut packages = vec!["millrace"];
    if wanted(Part::Kinesis) {
        packages.push("bench");
    }
    // It takes long to build.
    if needs_provider {
        packages.push("terraform-provider-aws");
    }
    build(&packages, true)?;
    let installed = tempfile::tempdir()?;
    let programs = if needs_provider { install(installed.path())? } else { programs(true) };
    let file = root().join("docs/benchmarks.md");
    let mut text = std::fs::read_to_string(&file).unwrap_or_else(|_| report::EMPTY.to_owned());
    if wanted(Part::Startup) {
        let rows = [startup::emulator(&programs, options)?, startup::provider(&programs, options)?];
        text = report::replace(&text, "startup", &report::rows(&machine::describe(), &rows.concat()));
    }
    if wanted(Part::Terraform) {
        let section = terraform::measure(&programs, &machine::describe(), options)?;
        text = report::replace(&text, "terraform", &section);
    }
    if wanted(Part::Kinesis) {
        let section = kinesis::measure(&programs, options)?;
        text = report::replace(&text, "kinesis", &format!("Measured on {}.\n\n{section}", machine::describe()));
    }
    if wanted(Part::Functions) {
        let section = functions::measure(&programs, &test_function(true)?, options.repetitions)?;
        text = report::replace(&text, "functions", &format!("Measured on {}.\n\n{section}", machine::describe()));
    }
    println!("{text}");
    std::fs::write(file, text)?;
    Ok(())
}
