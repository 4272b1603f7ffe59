//! Options turned into settings: command line before environment before `millrace.toml` before defaults.
//!
//! Every error names the option. What comes out cannot be wrong any more.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use kinesis::LimitScale;
use tracing_subscriber::EnvFilter;

use crate::cli::{Auth, ServeOptions, Sync};

const CONFIG_FILE: &str = "millrace.toml";
/// The port that local AWS tools expect.
const PORT: u16 = 4566;

/// How the emulator runs.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) data: Data,
    pub(crate) sync: Sync,
    /// How many times AWS's figures the limits are; `None` if there are none.
    pub(crate) limits: Option<LimitScale>,
    pub(crate) lifecycle_delay: Duration,
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) log: EnvFilter,
    pub(crate) allow_hosts: Vec<String>,
    pub(crate) allow_origins: Vec<String>,
}

/// Where state and records live.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// In this directory, for ever.
    Directory(PathBuf),
    /// In a new directory that is removed at the end.
    Ephemeral,
}

impl Data {
    /// The directory that is kept.
    pub(crate) fn directory(&self) -> Option<&Path> {
        match self {
            Self::Directory(directory) => Some(directory),
            Self::Ephemeral => None,
        }
    }
}

impl Config {
    /// The settings that `options`, a configuration file and the defaults give.
    pub(crate) fn resolve(options: &ServeOptions) -> Result<Self> {
        let file = read_file(options.config.as_deref())?;
        let or = |a: &Option<String>, b: &Option<String>| a.clone().or_else(|| b.clone());
        // A directory on the command line outweighs `ephemeral` in the file, and the other way round.
        let (data, ephemeral) = match (&options.data, options.ephemeral) {
            (None, None) => (file.data.clone(), file.ephemeral),
            (data, ephemeral) => (data.clone(), ephemeral),
        };
        let data = match (ephemeral.unwrap_or(false), data) {
            (true, _) => Data::Ephemeral,
            (false, Some(directory)) => Data::Directory(std::path::absolute(directory)?),
            (false, None) => Data::Directory(default_directory()?),
        };
        match options.auth.or(file.auth).unwrap_or(Auth::Off) {
            Auth::Off => {}
            Auth::Sigv4 | Auth::Iam => {
                bail!("--auth: this version does not verify signatures or policies yet; only `off` is accepted")
            }
        }
        Ok(Self {
            listen: options.listen.or(file.listen).unwrap_or_else(|| (Ipv4Addr::LOCALHOST, PORT).into()),
            data,
            sync: options.sync.or(file.sync).unwrap_or(Sync::Interval),
            limits: limits(or(&options.limits, &file.limits))?,
            lifecycle_delay: match or(&options.lifecycle_delay, &file.lifecycle_delay) {
                None => Duration::from_millis(100),
                Some(text) => {
                    duration(&text).with_context(|| format!("--lifecycle-delay: {text:?} is not a duration"))?
                }
            },
            region: or(&options.region, &file.region).unwrap_or_else(|| "us-east-1".to_owned()),
            account: account(or(&options.account_id, &file.account_id))?,
            log: log_filter(or(&options.log, &file.log))?,
            allow_hosts: [options.allow_host.clone(), file.allow_host].concat(),
            allow_origins: [options.allow_origin.clone(), file.allow_origin].concat(),
        })
    }
}

fn read_file(named: Option<&Path>) -> Result<ServeOptions> {
    let path = named.unwrap_or(Path::new(CONFIG_FILE));
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).with_context(|| format!("{} is not a valid configuration", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => Ok(ServeOptions::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn account(text: Option<String>) -> Result<String> {
    let account = text.unwrap_or_else(|| "000000000000".to_owned());
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        bail!("--account-id: {account:?} is not twelve digits");
    }
    Ok(account)
}

fn limits(text: Option<String>) -> Result<Option<LimitScale>> {
    let text = text.unwrap_or_else(|| "on".to_owned());
    match text.as_str() {
        "off" => Ok(None),
        "on" => Ok(Some(LimitScale::ONE)),
        factor => match LimitScale::parse(factor) {
            Some(scale) => Ok(Some(scale)),
            None => bail!("--limits: {text:?} is neither on nor off nor a factor like 2 or 0.5"),
        },
    }
}

fn log_filter(text: Option<String>) -> Result<EnvFilter> {
    let text = text.unwrap_or_else(|| "info".to_owned());
    EnvFilter::try_new(&text).with_context(|| format!("--log: {text:?} is not a log filter"))
}

/// `100`, `100ms`, `2s`, `1m`; without a unit it is milliseconds.
fn duration(text: &str) -> Result<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        unit => bail!("unknown unit {unit:?}: use ms, s or m"),
    };
    let millis: u64 = number.parse().context("not a number")?;
    Ok(Duration::from_millis(millis.saturating_mul(factor)))
}

/// The platform's per-user data directory.
fn default_directory() -> Result<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = match variable("XDG_DATA_HOME") {
        Some(directory) => Some(directory),
        None if cfg!(target_os = "macos") => variable("HOME").map(|home| home.join("Library/Application Support")),
        None if cfg!(windows) => variable("LOCALAPPDATA"),
        None => variable("HOME").map(|home| home.join(".local/share")),
    };
    Ok(base.context("there is no home directory to keep data in: name one with --data")?.join("millrace"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(options: ServeOptions, file: &str) -> Result<Config> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(CONFIG_FILE);
        std::fs::write(&path, file).unwrap();
        Config::resolve(&ServeOptions { config: Some(path), ..options })
    }

    #[test]
    fn the_command_line_outweighs_the_file() {
        let file = "listen = \"127.0.0.1:1\"\nephemeral = true\nlimits = \"off\"\nlifecycle-delay = \"2s\"\n";
        let from_file = resolve(ServeOptions::default(), file).unwrap();
        assert_eq!(from_file.listen.port(), 1);
        assert!(matches!(from_file.data, Data::Ephemeral));
        assert_eq!(from_file.limits, None);
        assert_eq!(from_file.lifecycle_delay, Duration::from_secs(2));

        let options = ServeOptions {
            listen: Some(([127, 0, 0, 1], 2).into()),
            data: Some("here".into()),
            limits: Some("2.5".to_owned()),
            ..ServeOptions::default()
        };
        let merged = resolve(options, file).unwrap();
        assert_eq!(merged.listen.port(), 2);
        assert!(
            matches!(merged.data, Data::Directory(directory) if directory.is_absolute() && directory.ends_with("here"))
        );
        assert_eq!(merged.limits, LimitScale::parse("2.5"));
    }

    #[test]
    fn wrong_settings_are_named() {
        let check = |file: &str, expected: &str| {
            let error = format!("{:#}", resolve(ServeOptions::default(), file).unwrap_err());
            assert!(error.contains(expected), "{error}");
        };
        check("account-id = \"12\"", "--account-id: \"12\" is not twelve digits");
        check("lifecycle-delay = \"soon\"", "--lifecycle-delay: \"soon\" is not a duration");
        check("listen = 1", "listen");
        check("auth = \"iam\"", "--auth");
        check("limits = \"none\"", "--limits: \"none\" is neither on nor off nor a factor like 2 or 0.5");
        check("log = \"kinesis=loud\"", "--log: \"kinesis=loud\" is not a log filter");
    }

    #[test]
    fn durations() {
        assert_eq!(duration("250").unwrap(), Duration::from_millis(250));
        assert_eq!(duration("3s").unwrap(), Duration::from_secs(3));
        assert!(duration("1 day").is_err());
        assert!(duration("").is_err());
    }
}
