//! `millrace tf`: terraform or tofu on any configuration, unchanged, with our provider in the place of hashicorp/aws.
//!
//! The provider is started here and terraform is told of it (`TF_REATTACH_PROVIDERS`): then it neither looks for one in a
//! registry nor minds version constraints and the lock file, and nothing in the user's folder changes but what terraform
//! itself is asked for. Invariant: a state that knows resources of a real account is not touched.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::cli::TfOptions;
use crate::config::Config;
use crate::{daemon, install};

/// Where configurations find the provider that ours stands in for, and ours.
const ADDRESSES: [&str; 4] = [
    "registry.terraform.io/hashicorp/aws",
    "registry.opentofu.org/hashicorp/aws",
    "registry.terraform.io/millrace/aws",
    "registry.opentofu.org/millrace/aws",
];
/// The subcommands that write a state.
const WRITERS: [&str; 4] = ["apply", "destroy", "refresh", "import"];
const STATE: &str = "terraform.tfstate";
const REATTACH: &str = "TF_REATTACH_PROVIDERS";

/// Runs terraform and returns its exit code.
pub(crate) fn run(config: &Config, options: &TfOptions) -> Result<ExitCode> {
    use std::os::unix::process::ExitStatusExt as _;

    let arguments = Arguments(&options.arguments);
    if arguments.subcommand().is_some_and(|command| WRITERS.iter().any(|writer| command == *writer)) {
        refuse_foreign_state(&arguments.state(), &config.account)?;
    }
    let terraform = find_terraform()?;
    let environment = environment(config, options)?;
    let (provider, reattach) = start_provider(&environment, &arguments.directory())?;
    let _provider = Running(provider);
    // It reaches terraform, which is in our process group, and terraform decides what it means.
    let runtime = daemon::runtime()?;
    let status = runtime.block_on(async {
        let mut child = tokio::process::Command::new(&terraform)
            .args(&options.arguments)
            .envs(environment)
            .env(REATTACH, with_ours(std::env::var(REATTACH).ok().as_deref(), &reattach)?)
            .spawn()
            .with_context(|| format!("cannot start {}", terraform.display()))?;
        loop {
            tokio::select! {
                status = child.wait() => return anyhow::Ok(status?),
                _ = tokio::signal::ctrl_c() => {}
            }
        }
    })?;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// What terraform was asked.
struct Arguments<'a>(&'a [OsString]);

impl Arguments<'_> {
    fn subcommand(&self) -> Option<&OsStr> {
        self.0.iter().map(OsString::as_os_str).find(|argument| !is_option(argument))
    }

    fn value(&self, option: &str) -> Option<String> {
        let of =
            |argument: &OsString| argument.to_str()?.trim_start_matches('-').strip_prefix(option).map(str::to_owned);
        self.0.iter().filter(|argument| is_option(argument)).find_map(of)
    }

    /// Where terraform goes first, empty if it stays.
    fn directory(&self) -> PathBuf {
        self.value("chdir=").map(PathBuf::from).unwrap_or_default()
    }

    /// The file of a local state, be it there or not.
    fn state(&self) -> PathBuf {
        let directory = self.directory();
        match (self.value("state="), workspace(&directory)) {
            (Some(named), _) => directory.join(named),
            (None, None) => directory.join(STATE),
            (None, Some(workspace)) => directory.join("terraform.tfstate.d").join(workspace).join(STATE),
        }
    }
}

/// The workspace that is selected in `directory`, unless it is the one that is always there.
fn workspace(directory: &Path) -> Option<String> {
    let selected = std::fs::read_to_string(directory.join(".terraform/environment")).ok();
    let selected = std::env::var("TF_WORKSPACE").ok().or(selected)?;
    let selected = selected.trim();
    (!selected.is_empty() && selected != "default").then(|| selected.to_owned())
}

fn is_option(argument: &OsStr) -> bool {
    argument.as_encoded_bytes().starts_with(b"-")
}

/// Refreshed here, a resource of AWS would be found missing, and its state would be gone.
fn refuse_foreign_state(path: &Path, account: &str) -> Result<()> {
    // What is not there or does not parse is terraform's to complain about.
    let Ok(text) = std::fs::read(path) else { return Ok(()) };
    let Ok(state) = serde_json::from_slice::<Value>(&text) else { return Ok(()) };
    if let Some(arn) = foreign_arn(&state, account) {
        bail!(
            "{} holds {arn}, which is not in this emulator's account {account}: millrace would take it for deleted and forget \
             it.\nUse a workspace or a state of its own here (`millrace tf workspace new local`), or say --account-id if that is \
             the account which the emulator plays.",
            path.display()
        );
    }
    Ok(())
}

/// An ARN of another account among the attributes of resources that a state holds.
fn foreign_arn<'a>(state: &'a Value, account: &str) -> Option<&'a str> {
    let list = |value: &'a Value, name: &str| value.get(name).and_then(Value::as_array).into_iter().flatten();
    let managed = list(state, "resources").filter(|resource| resource["mode"] == "managed");
    let arns =
        managed.flat_map(|resource| list(resource, "instances")).filter_map(|one| one["attributes"]["arn"].as_str());
    arns.into_iter().find(|arn| arn.split(':').nth(4).is_some_and(|owner| !owner.is_empty() && owner != account))
}

fn find_terraform() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("MILLRACE_TERRAFORM") {
        return Ok(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = |name: &str| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    on_path("terraform")
        .or_else(|| on_path("tofu"))
        .context("neither terraform nor tofu is on the path; MILLRACE_TERRAFORM can name one")
}

/// What terraform and the provider need to know of the emulator, beyond what the user has set.
fn environment(config: &Config, options: &TfOptions) -> Result<Vec<(&'static str, String)>> {
    let mut environment = Vec::new();
    let mut unless_set = |name, value: String| {
        if std::env::var_os(name).is_none_or(|set| set.is_empty()) {
            environment.push((name, value));
        }
    };
    if std::env::var_os("AWS_ENDPOINT_URL").is_none_or(|set| set.is_empty()) {
        let (server, verb) = daemon::ensure(config, &options.serve)?;
        if verb == "started" {
            eprintln!("millrace {verb} at {} (process {}); `millrace down` stops it", server.endpoint, server.pid);
        }
        unless_set("AWS_ENDPOINT_URL", server.endpoint);
    }
    unless_set("AWS_ACCESS_KEY_ID", "test".to_owned());
    unless_set("AWS_SECRET_ACCESS_KEY", "test".to_owned());
    Ok(environment)
}

/// The provider, and how it is to be reached. It is started where terraform would start it: paths of a configuration are
/// relative to that folder.
fn start_provider(environment: &[(&'static str, String)], directory: &Path) -> Result<(Child, Value)> {
    use std::os::unix::process::CommandExt as _;

    let program = install::provider(std::env::var_os("MILLRACE_PROVIDER").map(PathBuf::from).as_deref())?;
    let program = program.canonicalize().with_context(|| format!("cannot find {}", program.display()))?;
    let mut command = Command::new(&program);
    // If it is not there, terraform says so.
    if directory.is_dir() {
        command.current_dir(directory);
    }
    let mut child = command
        .arg("--reattach")
        .envs(environment.iter().map(|(name, value)| (name, value)))
        // An interrupt is terraform's to understand; the provider would lose what it is making.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("stdout is piped")?).read_line(&mut line)?;
    let said: Value =
        serde_json::from_str(&line).with_context(|| format!("{} does not say how to reach it", program.display()))?;
    let reattach = said.as_object().and_then(|said| said.values().next()).cloned();
    Ok((child, reattach.with_context(|| format!("{} does not say how to reach it", program.display()))?))
}

/// The value of the variable that tells terraform of our provider, and of those that the user runs himself.
fn with_ours(set: Option<&str>, reattach: &Value) -> Result<String> {
    let mut providers: Map<String, Value> = match set.filter(|set| !set.is_empty()) {
        Some(set) => serde_json::from_str(set).with_context(|| format!("{REATTACH} is no JSON object"))?,
        None => Map::new(),
    };
    for address in ADDRESSES {
        ensure!(!providers.contains_key(address), "{REATTACH} names a provider for {address} already");
        providers.insert(address.to_owned(), reattach.clone());
    }
    Ok(Value::Object(providers).to_string())
}

/// The provider, which ends when nobody can write to it any more.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // It has nothing under way, for terraform has ended.
        drop(self.0.wait());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn arguments(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn finds_what_terraform_is_to_do() {
        let check = |words: &[&str], subcommand: Option<&str>, state: &str| {
            let words = arguments(words);
            let arguments = Arguments(&words);
            assert_eq!((arguments.subcommand(), arguments.state()), (subcommand.map(OsStr::new), PathBuf::from(state)));
        };
        check(&["plan"], Some("plan"), "terraform.tfstate");
        check(&["-chdir=x/y", "apply", "-auto-approve"], Some("apply"), "x/y/terraform.tfstate");
        check(&["apply", "-state=other", "p"], Some("apply"), "other");
        check(&["-version"], None, "terraform.tfstate");
    }

    #[test]
    fn a_workspace_has_a_state_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".terraform")).unwrap();
        for (selected, expected) in
            [("default", "terraform.tfstate"), ("local\n", "terraform.tfstate.d/local/terraform.tfstate")]
        {
            std::fs::write(folder.path().join(".terraform/environment"), selected).unwrap();
            let words = arguments(&[&format!("-chdir={}", folder.path().display()), "apply"]);
            assert_eq!(Arguments(&words).state(), folder.path().join(expected));
        }
    }

    #[test]
    fn knows_a_state_of_another_account() {
        let state = |mode: &str, arn: &str| json!({"resources": [{"mode": mode, "instances": [{"attributes": {"arn": arn}}, {"attributes": {"id": 1}}]}]});
        let theirs = "arn:aws:kinesis:us-east-1:123456789012:stream/s";
        assert_eq!(foreign_arn(&state("managed", theirs), "000000000000"), Some(theirs));
        assert_eq!(foreign_arn(&state("managed", theirs), "123456789012"), None);
        assert_eq!(foreign_arn(&state("data", theirs), "000000000000"), None);
        assert_eq!(foreign_arn(&state("managed", "arn:aws:s3:::bucket"), "000000000000"), None);
        assert_eq!(foreign_arn(&json!({"resources": 1}), "000000000000"), None);
    }

    #[test]
    fn keeps_the_providers_of_the_user() {
        let both = with_ours(Some(r#"{"registry.terraform.io/me/mine": {"Pid": 1}}"#), &json!({"Pid": 2})).unwrap();
        let both: Value = serde_json::from_str(&both).unwrap();
        assert_eq!(both["registry.terraform.io/me/mine"]["Pid"], 1);
        assert_eq!(both["registry.opentofu.org/hashicorp/aws"]["Pid"], 2);
        assert!(with_ours(Some(r#"{"registry.terraform.io/hashicorp/aws": {}}"#), &json!({})).is_err());
        assert!(with_ours(Some("x"), &json!({})).is_err());
    }
}
