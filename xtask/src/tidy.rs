//! `cargo xtask tidy`: what no compiler checks. The crates' arrows are those of `ARCHITECTURE.md`, every file opens with
//! what it is for, and no file tells two stories.

mod arrows;
mod files;

use anyhow::{Result, bail};

/// Fails with everything that is untidy.
pub(crate) fn run() -> Result<()> {
    let complaints = [arrows::check()?, files::check()?].concat();
    if complaints.is_empty() {
        return Ok(());
    }
    bail!("untidy:\n  {}", complaints.join("\n  "))
}
