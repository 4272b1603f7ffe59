//! What must be on the machine and cannot come with the repository: looked for, all of it, before any work starts.

use std::process::Command;

use anyhow::{Result, bail};

/// A program that somebody has to install.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    /// Its names; the first that works is taken.
    names: &'static [&'static str],
    /// Arguments that make it say its version.
    version: &'static [&'static str],
    /// The oldest version that will do.
    oldest: (u32, u32),
    /// What it is for, and how to get it.
    why: &'static str,
}

/// Terraform or OpenTofu.
pub(crate) const TERRAFORM: Program = Program {
    names: &["terraform", "tofu"],
    version: &["version"],
    oldest: (1, 5),
    why: "Terraform 1.5 or newer (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install)",
};

/// Python, for Python functions and clients.
pub(crate) const PYTHON: Program = Program {
    names: &["python3"],
    version: &["--version"],
    oldest: (3, 9),
    why: "Python 3.9 or newer, for functions written in Python (apt-get install python3 python3-venv, brew install python)",
};

/// Node.js with npm, for functions and clients.
pub(crate) const NODE: Program = Program {
    names: &["node"],
    version: &["--version"],
    oldest: (20, 0),
    why: "Node.js 20 or newer with npm, for the AWS SDK for JavaScript (https://nodejs.org/en/download, brew install node)",
};

/// Fails with everything that is missing, and how to get it.
pub(crate) fn require(programs: &[Program]) -> Result<()> {
    let missing: Vec<String> = programs.iter().filter_map(Program::complaint).collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!("this machine lacks:\n  {}", missing.join("\n  "))
}

impl Program {
    fn complaint(&self) -> Option<String> {
        let found = self.names.iter().find_map(|name| version_of(name, self.version));
        match found {
            None => Some(self.why.to_owned()),
            Some(version) if version < self.oldest => {
                Some(format!("{} (found {} {}.{})", self.why, self.names[0], version.0, version.1))
            }
            Some(_) => None,
        }
    }
}

fn version_of(name: &str, arguments: &[&str]) -> Option<(u32, u32)> {
    let output = Command::new(name).args(arguments).env("CHECKPOINT_DISABLE", "1").output().ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// The first two numbers of the first thing that looks like a version.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    text.split_whitespace().find_map(|word| {
        let mut numbers = word.trim_start_matches('v').split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_say() {
        assert_eq!(parse_version("Terraform v1.11.4\non linux_amd64"), Some((1, 11)));
        assert_eq!(parse_version("OpenTofu v1.8.0-rc1"), Some((1, 8)));
        assert_eq!(parse_version("Python 3.11.7"), Some((3, 11)));
        assert_eq!(parse_version("no such thing"), None);
    }

    #[test]
    fn everything_missing_is_named_at_once() {
        let absent = |why| Program { names: &["surely-not-a-program"], version: &[], oldest: (1, 0), why };
        let error = require(&[absent("the first"), absent("the second")]).unwrap_err().to_string();
        assert!(error.contains("the first") && error.contains("the second"), "{error}");
    }
}
