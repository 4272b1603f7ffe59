//! A directory in which terraform finds a configuration and the example provider, and nothing of this machine's user.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value as Json;

pub(crate) struct Workspace {
    root: tempfile::TempDir,
}

/// How a command went.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        let text = [output.stdout, output.stderr].concat();
        Self { code: output.status.code(), output: String::from_utf8_lossy(&text).into_owned() }
    }
}

impl Outcome {
    #[track_caller]
    pub(crate) fn succeeded(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.output);
        self.output
    }

    #[track_caller]
    pub(crate) fn failed_with(self, words: &str) {
        assert_eq!(self.code, Some(1), "{}", self.output);
        // Terraform wraps long lines.
        let text = self.output.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(text.contains(words), "no {words:?} in:\n{}", self.output);
    }
}

impl Workspace {
    /// `None` where there is no terraform to test with.
    pub(crate) fn new() -> Option<Self> {
        if Command::new("terraform").arg("version").output().is_err() {
            eprintln!("skipped: no terraform on this machine");
            return None;
        }
        let root = tempfile::tempdir().unwrap();
        for dir in ["home", "notes", "tmp", "work"] {
            std::fs::create_dir(root.path().join(dir)).unwrap();
        }
        let overrides = format!(
            "provider_installation {{\n  dev_overrides {{ \"example/memo\" = {:?} }}\n  direct {{}}\n}}\n",
            examples()
        );
        std::fs::write(root.path().join("terraformrc"), overrides).unwrap();
        Some(Self { root })
    }

    /// Replaces the configuration; the provider block comes with it.
    pub(crate) fn configure(&self, resources: &str) {
        let head = format!(
            "terraform {{\n  required_providers {{\n    memo = {{ source = \"example/memo\" }}\n  }}\n}}\n\
             provider \"memo\" {{\n  directory = {:?}\n}}\n",
            self.notes()
        );
        std::fs::write(self.root.path().join("work/main.tf"), head + resources).unwrap();
    }

    pub(crate) fn notes(&self) -> PathBuf {
        self.root.path().join("notes")
    }

    pub(crate) fn terraform(&self, arguments: &[&str]) -> Outcome {
        self.command(arguments).output().unwrap().into()
    }

    /// Terraform in a process group of its own, as a shell would start it.
    pub(crate) fn spawn_terraform(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        command
            .args(arguments)
            .arg("-no-color")
            .current_dir(self.root.path().join("work"))
            .env("HOME", self.root.path().join("home"))
            .env("TMPDIR", self.root.path().join("tmp"))
            .env("TF_CLI_CONFIG_FILE", self.root.path().join("terraformrc"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1")
            .env_remove("TF_LOG");
        command
    }

    /// The stored attributes of the note of that name.
    pub(crate) fn state(&self, name: &str) -> Json {
        let state = std::fs::read(self.root.path().join("work/terraform.tfstate")).unwrap();
        let state: Json = serde_json::from_slice(&state).unwrap();
        let resources = state["resources"].as_array().unwrap();
        let found = resources.iter().find(|r| r["type"] == "memo_note" && r["name"] == name);
        found.map_or(Json::Null, |resource| resource["instances"][0].clone())
    }

    /// Files that a provider process left where it made its socket.
    pub(crate) fn leftovers(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.root.path().join("tmp")).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

/// Where cargo puts examples: beside the directory of this test.
fn examples() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let examples = test.parent().and_then(Path::parent).unwrap().join("examples");
    assert!(
        examples.join("terraform-provider-memo").exists(),
        "build the example first: cargo build -p tf-framework --examples"
    );
    examples
}
