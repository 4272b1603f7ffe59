//! `bench`: puts a Kinesis server under load and says what a CPU-second of it does; and the server that does nothing, which
//! is the limit. `cargo xtask bench` runs both, on the emulator and on its peers.
//!
//! Every run prints one line of JSON, a [`load::Figures`].

mod http;
mod kinesis;
mod latency;
mod load;
mod null;
mod process;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves nothing, quickly.
    Null,
    /// Runs one workload against a server.
    Load(load::Options),
}

/// What is done to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Workload {
    /// PutRecord of 1 KiB.
    PutRecord,
    /// PutRecords of 500 times 1 KiB.
    PutRecords,
    /// PutRecords of 500 times 100 bytes.
    PutSmallRecords,
    /// GetRecords of 10,000 times 1 KiB.
    GetRecords,
    /// One record into every shard, in calls of 500, one call after the other.
    EveryShard,
    /// One record at a time: from the put until GetRecords returns it.
    Visibility,
    /// One record at a time: from the put until SubscribeToShard pushes it.
    Push,
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Null => null::run(),
        Command::Load(options) => {
            println!("{}", serde_json::to_string(&load::run(&options)?)?);
            Ok(())
        }
    }
}
