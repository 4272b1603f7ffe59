//! The command line. Every option of the server is also `MILLRACE_…` in the environment and a key of `millrace.toml`.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;

use crate::place::Place;

/// Kinesis and Lambda on this machine: AWS's APIs, durable, without an account.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the emulator in the foreground.
    Serve(ServeOptions),
    /// Run the emulator in the background, if it does not run already.
    Up(ServeOptions),
    /// Stop the emulator that runs in the background.
    Down(ServeOptions),
    /// Say whether the emulator runs, and where.
    Status(ServeOptions),
    /// Show what a function wrote to its log.
    Logs(LogsOptions),
    /// Run a function and show what it returns.
    Invoke(InvokeOptions),
    /// Let a handler that you start yourself, in a debugger perhaps, serve a function's events.
    Attach(AttachOptions),
    /// Put the Terraform provider where `terraform init` finds it.
    Install(InstallOptions),
    /// Run terraform or tofu on a configuration as it is: hashicorp/aws is our provider, AWS is this machine.
    #[command(disable_help_flag = true)]
    Tf(TfOptions),
}

/// How the emulator runs.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ServeOptions {
    /// Read options from this file [default: millrace.toml in this directory, if there is one].
    #[arg(long, env = "MILLRACE_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub(crate) config: Option<PathBuf>,
    /// Listen on this address; port 0 picks a free one [default: 127.0.0.1:4566].
    #[arg(long, env = "MILLRACE_LISTEN", value_name = "ADDR", value_parser = listen_address)]
    pub(crate) listen: Option<SocketAddr>,
    /// Keep everything in this directory [default: the per-user data directory].
    #[arg(long, env = "MILLRACE_DATA", value_name = "DIR", conflicts_with = "ephemeral")]
    pub(crate) data: Option<PathBuf>,
    /// Keep everything in a directory that is removed at the end.
    #[arg(long, env = "MILLRACE_EPHEMERAL", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub(crate) ephemeral: Option<bool>,
    /// When a write is acknowledged: handed to the kernel and synced soon, or synced first [default: interval].
    #[arg(long, env = "MILLRACE_SYNC", value_name = "POLICY")]
    pub(crate) sync: Option<Sync>,
    /// Whether AWS's limits on throughput, calls and quotas hold, or how many times its figures they are [default: on].
    #[arg(long, env = "MILLRACE_LIMITS", value_name = "ON|OFF|FACTOR")]
    pub(crate) limits: Option<String>,
    /// How long a resource stays in states like CREATING, in milliseconds or with a unit (`100ms`, `2s`) [default: 100ms].
    #[arg(long, env = "MILLRACE_LIFECYCLE_DELAY", value_name = "DURATION")]
    pub(crate) lifecycle_delay: Option<String>,
    /// What is asked of a caller [default: off].
    #[arg(long, env = "MILLRACE_AUTH", value_name = "MODE")]
    pub(crate) auth: Option<Auth>,
    /// The region of requests that name none [default: us-east-1].
    #[arg(long, env = "MILLRACE_REGION")]
    pub(crate) region: Option<String>,
    /// The account of access keys that are not an account id [default: 000000000000].
    #[arg(long, env = "MILLRACE_ACCOUNT_ID")]
    pub(crate) account_id: Option<String>,
    /// What goes to the log on stderr: a level, or levels per part (`info,kinesis=debug`) [default: info].
    #[arg(long, env = "MILLRACE_LOG", value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// Also accept requests for this host name. Names of this machine's loopback and IP addresses are always accepted.
    #[arg(long = "allow-host", env = "MILLRACE_ALLOW_HOST", value_delimiter = ',', value_name = "NAME")]
    #[serde(default)]
    pub(crate) allow_host: Vec<String>,
    /// Let web pages of this origin make requests.
    #[arg(long = "allow-origin", env = "MILLRACE_ALLOW_ORIGIN", value_delimiter = ',', value_name = "ORIGIN")]
    #[serde(default)]
    pub(crate) allow_origin: Vec<String>,
}

/// When a write is acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sync {
    /// When the kernel has it; synced at least every 100 ms.
    Interval,
    /// When it is synced.
    Always,
}

/// What is asked of a caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Auth {
    /// Nothing.
    Off,
    /// A valid signature.
    Sigv4,
    /// A valid signature and a policy that allows the action.
    Iam,
}

/// Whose log to show, and how.
#[derive(Clone, Debug, Args)]
pub(crate) struct LogsOptions {
    /// The function's name or ARN.
    pub(crate) function: String,
    /// Go on showing what comes.
    #[arg(short, long)]
    pub(crate) follow: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Which function to run, and with what.
#[derive(Clone, Debug, Args)]
pub(crate) struct InvokeOptions {
    /// The function's name or ARN; a version or alias goes behind a colon.
    pub(crate) function: String,
    /// The event: JSON, `@FILE`, or `-` for standard input.
    #[arg(short, long, default_value = "{}", value_name = "JSON")]
    pub(crate) payload: String,
    /// Show the end of the log too, on standard error.
    #[arg(short, long)]
    pub(crate) log: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Which function to serve, and by what.
#[derive(Clone, Debug, Args)]
pub(crate) struct AttachOptions {
    /// The function's name or ARN.
    pub(crate) function: String,
    #[command(flatten)]
    pub(crate) place: Place,
    /// A handler's runtime to start with the environment that it needs; without one, the environment is shown.
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

/// What terraform is to do, and with which emulator.
#[derive(Clone, Debug, Args)]
pub(crate) struct TfOptions {
    #[command(flatten)]
    pub(crate) serve: ServeOptions,
    /// The arguments of terraform; options of `millrace up` come before them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    pub(crate) arguments: Vec<OsString>,
}

/// An address to listen on, also by the name that everybody types.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let address = text.replacen("localhost:", "127.0.0.1:", 1);
    address.parse().map_err(|_| format!("{text:?} is not an address like 127.0.0.1:4566"))
}

/// What to install, and where.
#[derive(Clone, Debug, Args)]
pub(crate) struct InstallOptions {
    /// The provider's program [default: the one beside `millrace`].
    #[arg(long, value_name = "FILE")]
    pub(crate) provider: Option<PathBuf>,
    /// The plugin folder [default: ~/.terraform.d/plugins].
    #[arg(long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
}
