//! What the figures were measured on, as far as the system tells.

use std::process::Command;

pub(super) fn describe() -> String {
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned()));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let said = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned())
    };
    // What follows the number is a distribution's or a host's own name for its build.
    let kernel = said("uname", "-sr").and_then(|kernel| kernel.split('-').next().map(str::to_owned));
    format!(
        "{} ({cores} cores), {}, {}, {}",
        processor.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        kernel.unwrap_or_else(|| std::env::consts::OS.to_owned()),
        said("rustc", "--version").unwrap_or_default(),
        said("terraform", "version").unwrap_or_default(),
    )
}
