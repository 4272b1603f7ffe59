//! `cargo xtask codegen`: writes what is generated and committed, which is the pages about the provider's types. A test of the
//! provider fails when they are stale.

use anyhow::Result;

use crate::cargo::{self, cargo};

pub(crate) fn run() -> Result<()> {
    // The provider's tests know its schemas. Nothing of this is in the program that users run.
    cargo::run(
        cargo().args(["test", "--quiet", "--package", "terraform-provider-aws", "docs::"]).env("GOLDEN", "write"),
    )
}
