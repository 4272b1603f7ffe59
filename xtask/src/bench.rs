//! `cargo xtask bench`: the figures that this project promises about starting up, measured on release builds and written
//! to `docs/benchmarks.md` with the machine they were measured on. Nothing here is a test: a slow machine fails nothing.

mod figures;
mod machine;
mod report;
mod startup;

use anyhow::Result;
use clap::Args;

use crate::cargo::{build, programs, root};
use crate::prerequisites::{TERRAFORM, require};

/// How to measure.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// How often each thing is measured; the median is what counts.
    #[arg(long, default_value_t = 21)]
    repetitions: usize,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    require(&[TERRAFORM])?;
    build(&["millrace", "terraform-provider-aws"], true)?;
    let programs = programs(true);
    let rows = [
        startup::emulator(&programs, options)?,
        startup::provider(&programs, options)?,
        startup::plan(&programs, options)?,
    ];
    let report = report::render(&machine::describe(), &rows.concat());
    println!("{report}");
    std::fs::write(root().join("docs/benchmarks.md"), report)?;
    Ok(())
}
