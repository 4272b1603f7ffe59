//! Functions behind streams: how soon one is called, how many records go through it, how long a first call takes, and what
//! mappings cost that have nothing to do.
//!
//! The functions tell the benchmark themselves, by datagram, when they were called and with what.

mod beacon;
mod idle;
mod starts;
mod streams;
mod subjects;

use std::path::Path;

use acceptance::{Emulator, Options};
use anyhow::Result;
use tempfile::TempDir;

use subjects::Subject;

/// The section of the report.
pub(super) fn measure(programs: &Path, function: &Path, repetitions: usize) -> Result<String> {
    let subjects = subjects::all(function)?;
    let mut text = streams::latencies(programs, &subjects)?;
    text.push_str(&streams::rates(programs, &subjects)?);
    text.push_str(&starts::measure(programs, &subjects, repetitions)?);
    text.push_str(&idle::measure(programs, &subjects)?);
    Ok(text)
}

/// An emulator without limits, and its directory.
fn emulator(programs: &Path) -> Result<(Emulator, TempDir)> {
    let directory = tempfile::tempdir()?;
    let options = Options::new(&programs.join("millrace"), directory.path());
    Ok((Emulator::start(options.with("--limits").with("off"))?, directory))
}
