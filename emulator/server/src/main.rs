//! `millrace`: the emulator on one port, and the commands around it.
//!
//! Only this file reads the environment and the command line; everything below it is given a [`config::Config`].

mod admin;
mod app;
mod attach;
mod cli;
mod client;
mod clock;
mod config;
mod daemon;
mod gate;
mod install;
mod invoke;
mod listener;
mod logs;
mod loopback_tls;
mod place;
mod router;
mod runtime_host;
mod serve;
mod services;
mod tf;
mod tls;

use std::process::ExitCode;

use clap::Parser as _;
use rustix::fs::Mode;

use crate::cli::{Cli, Command};
use crate::config::Config;

/// Bulk calls take and give back buffers of a megabyte each. The system's allocator returns them to the kernel every time,
/// which then zeroes them again page by page: a fifth of the time of a bulk write.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Records, keys and the environments of functions are nobody else's business, whoever makes the files.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let outcome = match Cli::parse().command {
        Command::Tf(options) => match Config::resolve(&options.serve).and_then(|config| tf::run(&config, &options)) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Serve(options) => Config::resolve(&options).and_then(serve::run),
        Command::Up(options) => Config::resolve(&options).and_then(|config| daemon::up(&config, &options)),
        Command::Down(options) => Config::resolve(&options).and_then(|config| daemon::down(&config)),
        Command::Status(options) => Config::resolve(&options).and_then(|config| daemon::status(&config)),
        Command::Logs(options) => logs::run(&options),
        Command::Invoke(options) => invoke::run(&options),
        Command::Attach(options) => attach::run(&options),
        Command::Install(options) => install::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("millrace: {error:#}");
            ExitCode::FAILURE
        }
    }
}
