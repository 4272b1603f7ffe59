//! Where the programs under test are.

use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

/// The built programs.
#[derive(Clone, Debug)]
pub struct Binaries {
    /// The emulator.
    pub millrace: PathBuf,
    /// The Terraform provider.
    pub provider: PathBuf,
}

impl Binaries {
    /// The programs in `MILLRACE_BIN_DIR`, else beside the program that runs (a test runs from `deps/` below them).
    pub fn find() -> Result<Self> {
        let directory = match env::var_os("MILLRACE_BIN_DIR") {
            Some(directory) => PathBuf::from(directory),
            None => {
                let own = env::current_exe().context("cannot find our own program")?;
                let parent = own.parent().context("a program is in a directory")?;
                if parent.ends_with("deps") { parent.join("..").canonicalize()? } else { parent.to_owned() }
            }
        };
        let found = Self { millrace: directory.join("millrace"), provider: directory.join("terraform-provider-aws") };
        for program in [&found.millrace, &found.provider] {
            if !program.is_file() {
                bail!(
                    "{} is not built: run `cargo xtask test`, or `cargo build -p millrace -p terraform-provider-aws`",
                    program.display()
                );
            }
        }
        Ok(found)
    }
}
