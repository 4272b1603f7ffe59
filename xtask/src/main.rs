//! `cargo xtask`: what a developer or a newcomer types. Each command sets up what it needs and names what it cannot set up,
//! before any work starts.

mod bench;
mod cargo;
mod clients;
mod codegen;
mod crash;
mod demo;
mod prerequisites;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Millrace's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// See it all work: build, start the emulator, apply the quickstart, stream real records through it.
    Demo(demo::Options),
    /// Run every check and every test.
    Test(test::Options),
    /// Measure start-up and throughput, and write docs/benchmarks.md.
    Bench(bench::Options),
    /// Kill a real emulator under load, again and again, and look for what it promised to keep.
    Crash(crash::Options),
    /// Write the pages about the provider's resources, data sources and functions anew.
    Codegen,
    /// Check what no compiler checks: the crates' arrows, module heads, file sizes.
    Tidy,
}

fn main() -> ExitCode {
    let outcome: Result<()> = match Cli::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Crash(options) => crash::run(&options),
        Command::Codegen => codegen::run(),
        Command::Tidy => tidy::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
