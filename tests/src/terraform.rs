//! A Terraform working folder with a home, a CLI configuration and an environment of its own, so that nothing of the
//! machine's user gets in and nothing of the test gets out.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, bail};

/// The address at which a configuration finds our provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// `millrace/aws` out of a mirror folder: `init` works as it does for a user.
    Mirror,
    /// `hashicorp/aws` replaced by our build: no `init`, a configuration written for AWS as it is.
    Override,
}

/// The program: `terraform`, or `tofu` where that is what is there.
#[derive(Clone, Debug)]
pub struct Terraform(PathBuf);

impl Terraform {
    /// The program at this path.
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self(program.into())
    }

    /// The program that `MILLRACE_TERRAFORM` names, else the first of the two on the path.
    pub fn find() -> Result<Self> {
        if let Some(named) = std::env::var_os("MILLRACE_TERRAFORM") {
            return Ok(Self(named.into()));
        }
        let on_path = |name: &str| {
            let path = std::env::var_os("PATH")?;
            std::env::split_paths(&path).map(|directory| directory.join(name)).find(|program| program.is_file())
        };
        let found = on_path("terraform").or_else(|| on_path("tofu"));
        found
            .map(Self)
            .context("neither terraform nor tofu is on the path: install Terraform 1.5 or newer, or OpenTofu")
    }
}

/// A folder that Terraform works in.
#[derive(Debug)]
pub struct Workspace {
    terraform: Terraform,
    directory: PathBuf,
    environment: Vec<(String, String)>,
}

impl Workspace {
    /// A new folder below `directory` whose Terraform finds `provider` at `source` and the emulator at `endpoint`.
    pub fn new(
        terraform: Terraform,
        directory: &Path,
        provider: &Path,
        source: Source,
        endpoint: &str,
    ) -> Result<Self> {
        let (home, work) = (directory.join("home"), directory.join("work"));
        std::fs::create_dir_all(&home)?;
        std::fs::create_dir_all(&work)?;
        let configuration = home.join("terraform.rc");
        std::fs::write(&configuration, cli_configuration(directory, provider, source)?)?;
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let set = |name: &str, value: String| (name.to_owned(), value);
        let environment = vec![
            set("HOME", text(&home)),
            set("PATH", std::env::var("PATH").unwrap_or_default()),
            set("TMPDIR", text(&std::env::temp_dir())),
            set("TF_CLI_CONFIG_FILE", text(&configuration)),
            set("TF_IN_AUTOMATION", "1".to_owned()),
            set("CHECKPOINT_DISABLE", "1".to_owned()),
            set("AWS_ENDPOINT_URL", endpoint.to_owned()),
            set("AWS_REGION", "us-east-1".to_owned()),
            set("AWS_ACCESS_KEY_ID", "test".to_owned()),
            set("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ];
        Ok(Self { terraform, directory: work, environment })
    }

    /// Sets or replaces a variable of Terraform's environment.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Takes a variable out of Terraform's environment.
    pub fn unset(&mut self, name: &str) {
        self.environment.retain(|(known, _)| known != name);
    }

    /// From now on takes providers as they were released out of a mirror folder, and not ours.
    pub fn take_from(&mut self, mirror: &Path) -> Result<()> {
        let configuration = self.home().join("mirror.rc");
        std::fs::write(&configuration, mirror_configuration(mirror))?;
        self.set("TF_CLI_CONFIG_FILE", &configuration.to_string_lossy());
        Ok(())
    }

    /// Takes our provider again.
    pub fn take_ours(&mut self) {
        let configuration = self.home().join("terraform.rc");
        self.set("TF_CLI_CONFIG_FILE", &configuration.to_string_lossy());
    }

    fn home(&self) -> PathBuf {
        self.directory.with_file_name("home")
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// Puts a file into the folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<()> {
        std::fs::write(self.directory.join(name), content).with_context(|| format!("cannot write {name}"))
    }

    /// Copies the files of `from`, folders included, into the folder.
    pub fn copy(&self, from: &Path) -> Result<()> {
        copy(from, &self.directory)
    }

    /// Runs Terraform and returns what came of it.
    pub fn run(&self, arguments: &[&str]) -> Result<Output> {
        self.command(arguments).output().with_context(|| format!("cannot run {}", self.terraform.0.display()))
    }

    /// Terraform, ready to be started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.terraform.0);
        command.args(arguments).current_dir(&self.directory).env_clear().envs(self.environment.iter().cloned());
        command
    }

    /// Runs Terraform, which must succeed, and returns its standard output.
    pub fn must(&self, arguments: &[&str]) -> Result<String> {
        let output = self.run(arguments)?;
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if !output.status.success() {
            bail!("terraform {} failed ({}):\n{out}\n{err}", arguments.join(" "), output.status);
        }
        Ok(out.into_owned())
    }

    /// Runs Terraform, which must fail, and returns its standard error.
    pub fn must_fail(&self, arguments: &[&str]) -> Result<String> {
        let output = self.run(arguments)?;
        if output.status.success() {
            bail!("terraform {} should have failed:\n{}", arguments.join(" "), String::from_utf8_lossy(&output.stdout));
        }
        // Terraform breaks lines to fit a box; a test looks for sentences.
        let text = String::from_utf8_lossy(&output.stderr).replace(['│', '╷', '╵'], " ");
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Applies without asking.
    pub fn apply(&self) -> Result<String> {
        self.must(&["apply", "-auto-approve", "-no-color", "-input=false"])
    }

    /// Destroys without asking.
    pub fn destroy(&self) -> Result<String> {
        self.must(&["destroy", "-auto-approve", "-no-color", "-input=false"])
    }

    /// What a plan would change: for each resource its address and the actions, without those that do nothing.
    pub fn plan(&self) -> Result<Vec<(String, Vec<String>)>> {
        self.must(&["plan", "-no-color", "-input=false", "-out=plan.bin"])?;
        let plan: serde_json::Value = serde_json::from_str(&self.must(&["show", "-json", "plan.bin"])?)?;
        let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let changes = changes.iter().map(|change| {
            let actions = change["change"]["actions"].as_array().cloned().unwrap_or_default();
            (text(&change["address"]), actions.iter().map(text).collect::<Vec<_>>())
        });
        Ok(changes.filter(|(_, actions)| *actions != ["no-op"] && *actions != ["read"]).collect())
    }

    /// Fails with the whole plan if there is anything to change.
    pub fn must_be_settled(&self) -> Result<()> {
        let output = self.run(&["plan", "-no-color", "-input=false", "-detailed-exitcode"])?;
        match output.status.code() {
            Some(0) => Ok(()),
            code => bail!(
                "a plan should say No changes (exit code {code:?}):\n{}\n{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ),
        }
    }

    /// The attributes of a resource in the state.
    pub fn attributes(&self, address: &str) -> Result<serde_json::Value> {
        let state: serde_json::Value = serde_json::from_str(&self.must(&["show", "-json"])?)?;
        let resources = state["values"]["root_module"]["resources"].as_array().cloned().unwrap_or_default();
        let found = resources.iter().find(|resource| resource["address"] == address);
        Ok(found.with_context(|| format!("{address} is not in the state"))?["values"].clone())
    }
}

fn cli_configuration(directory: &Path, provider: &Path, source: Source) -> Result<String> {
    match source {
        Source::Override => {
            let folder = provider.parent().context("a program is in a directory")?;
            Ok(format!(
                "provider_installation {{\n  dev_overrides {{\n    \"registry.terraform.io/hashicorp/aws\" = {folder:?}\n  }}\n  \
                 direct {{}}\n}}\n"
            ))
        }
        Source::Mirror => {
            let mirror = directory.join("mirror");
            let platform = format!("{}_{}", std::env::consts::OS.replace("macos", "darwin"), architecture());
            let version = env!("CARGO_PKG_VERSION");
            for host in ["registry.terraform.io", "registry.opentofu.org"] {
                let folder = mirror.join(host).join("millrace/aws").join(version).join(&platform);
                std::fs::create_dir_all(&folder)?;
                let link = folder.join(format!("terraform-provider-aws_v{version}"));
                if link.symlink_metadata().is_ok() {
                    std::fs::remove_file(&link)?;
                }
                std::os::unix::fs::symlink(provider.canonicalize()?, link)?;
            }
            Ok(mirror_configuration(&mirror))
        }
    }
}

fn mirror_configuration(mirror: &Path) -> String {
    format!("provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n")
}

/// The architecture in the words of Go.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Copies the files of a folder, folders included, into another.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
