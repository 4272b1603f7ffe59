//! What a process has used, as Linux tells it.

use std::fs::read_to_string;

use anyhow::{Context as _, Result};

/// Ticks of the kernel's clock per second, which Linux has fixed towards programs.
const TICKS: f64 = 100.0;

/// Seconds of processor time, in the program and in the kernel for it.
pub(super) fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = read_to_string(format!("/proc/{pid}/stat")).context("processor time is measured on Linux only")?;
    // The name before the closing parenthesis may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')').context("no name")?.1.split_whitespace().collect();
    let ticks = |index: usize| -> Result<f64> { Ok(fields.get(index).context("too few fields")?.parse()?) };
    Ok((ticks(11)? + ticks(12)?) / TICKS)
}

/// Resident memory in MiB.
pub(super) fn resident_mib(pid: u32) -> Result<f64> {
    memory_mib(pid, "VmRSS:")
}

/// Resident memory that is not a file's, in MiB. The rest is code, which the page cache has anyway.
pub(super) fn own_mib(pid: u32) -> Result<f64> {
    memory_mib(pid, "RssAnon:")
}

/// The most that was resident so far, in MiB.
pub(super) fn most_resident_mib(pid: u32) -> Result<f64> {
    memory_mib(pid, "VmHWM:")
}

fn memory_mib(pid: u32, what: &str) -> Result<f64> {
    let status = read_to_string(format!("/proc/{pid}/status")).context("memory is measured on Linux only")?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)).with_context(|| format!("no {what}"))?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().with_context(|| format!("{what} is not a number"))?;
    Ok(kib / 1024.0)
}
