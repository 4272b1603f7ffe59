//! `cargo xtask codegen`: writes what is generated and committed, which is the pages about the provider's types, and their
//! schemas as Terraform is sent them. Tests of the provider fail when they are stale.

use anyhow::Result;

use crate::cargo::{self, cargo};

pub(crate) fn run() -> Result<()> {
    // The provider's tests know its schemas. Nothing of this is in the program that users run.
    let tests = ["test", "--quiet", "--package", "terraform-provider-aws", "--", "docs::", "schemas_ahead"];
    cargo::run(cargo().args(tests).env("GOLDEN", "write"))
}
