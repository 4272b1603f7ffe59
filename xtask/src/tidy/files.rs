//! Every Rust file opens with a head, stays short enough to tell one story, and carries no reminders or machine paths.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::cargo::root;

/// A file this long tells more than one story. Tests may go on.
const LONGEST: usize = 700;
/// In two halves, so that this file does not complain about itself.
const REMINDERS: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// What is wrong with which file.
pub(super) fn check() -> Result<Vec<String>> {
    let output = std::process::Command::new("git").args(["ls-files", "*.rs"]).current_dir(root()).output();
    let listed = String::from_utf8(output.context("cannot run git")?.stdout)?;
    let mut complaints = Vec::new();
    // A file can be listed and already deleted.
    for path in listed.lines().filter(|path| root().join(path).is_file()) {
        let text = std::fs::read_to_string(root().join(path)).with_context(|| format!("cannot read {path}"))?;
        complaints.extend(complaints_about(Path::new(path), &text));
    }
    Ok(complaints)
}

fn complaints_about(path: &Path, text: &str) -> Vec<String> {
    let shown = path.display();
    let mut complaints = Vec::new();
    if !text.starts_with("//!") {
        complaints.push(format!("{shown} does not open with a head (`//!`: what it is for, what it leaves to others)"));
    }
    let lines = text.lines().count();
    let is_test = path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
    if lines > LONGEST && !is_test {
        complaints.push(format!("{shown} has {lines} lines: it tells more than one story"));
    }
    for reminder in REMINDERS.iter().filter(|reminder| text.contains(**reminder)) {
        complaints.push(format!("{shown} holds a reminder ({reminder}): finish it or leave it out"));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(path: &str, text: &str) -> usize {
        complaints_about(Path::new(path), text).len()
    }

    #[test]
    fn heads_sizes_and_reminders() {
        assert_eq!(about("a.rs", "//! A head.\nfn f() {}\n"), 0);
        assert_eq!(about("a.rs", "fn f() {}\n"), 1);
        let long = format!("//! A head.\n{}", "\n".repeat(LONGEST));
        assert_eq!(about("a.rs", &long), 1);
        assert_eq!(about("a/tests/it.rs", &long), 0);
        assert_eq!(about("a.rs", &format!("//! A head.\n// {}: later\n", REMINDERS[0])), 1);
    }
}
