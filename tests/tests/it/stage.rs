//! What most tests begin with: a directory, an emulator in it, and ways to talk to it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use acceptance::{Answer, Binaries, Emulator, Options, Source, Terraform, Workspace, request};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

/// A directory with the programs to run in it.
pub(crate) struct Stage {
    pub(crate) binaries: Binaries,
    directory: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self { binaries: Binaries::find().unwrap(), directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn options(&self) -> Options {
        Options::new(&self.binaries.millrace, self.path())
    }

    pub(crate) fn emulator(&self) -> Emulator {
        Emulator::start(self.options()).unwrap()
    }

    /// A Terraform folder called `name` that talks to `endpoint`.
    pub(crate) fn workspace(&self, name: &str, source: Source, endpoint: &str) -> Workspace {
        let directory = self.path().join(name);
        Workspace::new(Terraform::find().unwrap(), &directory, &self.binaries.provider, source, endpoint).unwrap()
    }

    /// `millrace` with these arguments and a home of its own.
    pub(crate) fn millrace(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.binaries.millrace);
        command.args(arguments).current_dir(self.path());
        command.env_clear().env("HOME", self.path()).env("PATH", std::env::var("PATH").unwrap_or_default());
        command.output().unwrap()
    }
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Calls a Kinesis action with plain HTTP.
pub(crate) fn kinesis(emulator: &Emulator, action: &str, input: &Value) -> Result<Value> {
    call(emulator, &format!("Kinesis_20131202.{action}"), input)
}

/// Calls a Kinesis action with any body and returns the whole answer.
pub(crate) fn kinesis_answer(emulator: &Emulator, action: &str, body: &str) -> Result<Answer> {
    answer(emulator, &format!("Kinesis_20131202.{action}"), body)
}

/// Likewise of any service that speaks JSON: `TrentService.DescribeKey`.
pub(crate) fn call(emulator: &Emulator, target: &str, input: &Value) -> Result<Value> {
    let answer = answer(emulator, target, &input.to_string())?;
    if answer.status != 200 {
        bail!("{target} answered {}: {}", answer.status, answer.body);
    }
    if answer.body.is_empty() { Ok(Value::Null) } else { answer.json() }
}

fn answer(emulator: &Emulator, target: &str, body: &str) -> Result<Answer> {
    let version = if target.starts_with("AmazonSQS") { "1.0" } else { "1.1" };
    let content_type = format!("application/x-amz-json-{version}");
    let headers = [("content-type", content_type.as_str()), ("x-amz-target", target)];
    request(emulator.address(), "POST", "/", &headers, body)
}

/// Asks `probe` until it answers something.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited a minute for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A line of the process's memory, in MiB.
pub(crate) fn memory(emulator: &Emulator, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", emulator.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Waits until a stream is ACTIVE.
pub(crate) fn until_active(emulator: &Emulator, stream: &str) {
    eventually("the stream to be ACTIVE", || {
        let input = serde_json::json!({"StreamName": stream});
        // Asked too often, it refuses to tell.
        let summary = kinesis(emulator, "DescribeStreamSummary", &input).ok()?;
        (summary["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE").then_some(())
    });
}

/// The Python environment with boto3 and the AWS CLI that `cargo xtask test` makes.
pub(crate) fn clients() -> Result<PathBuf> {
    let folder = match std::env::var_os("MILLRACE_TEST_CLIENTS") {
        Some(folder) => PathBuf::from(folder),
        None => Binaries::find()?.millrace.parent().context("a program is in a directory")?.join("../clients"),
    };
    if !folder.join("bin/python").exists() {
        bail!("{} has no AWS clients: run `cargo xtask test` once", folder.display());
    }
    Ok(folder)
}

/// The official client for Node.js, if what builds it was there when `cargo xtask test` ran.
pub(crate) fn ric() -> Option<PathBuf> {
    let package = clients().unwrap().with_file_name("clients-ric").join("node_modules/aws-lambda-ric");
    package.join("bin/index.mjs").is_file().then_some(package)
}

/// The function in Rust that `cargo xtask test` builds.
pub(crate) fn test_function() -> PathBuf {
    let found = match std::env::var_os("MILLRACE_TEST_FUNCTION") {
        Some(program) => PathBuf::from(program),
        None => Binaries::find().unwrap().millrace.parent().unwrap().join("../function/debug/test-function"),
    };
    assert!(found.is_file(), "{} is not built: run `cargo xtask test` once", found.display());
    found
}

/// A client program out of that environment, pointed at the emulator.
pub(crate) fn client(program: &str, emulator: &Emulator, home: &Path) -> Command {
    client_of(&clients().unwrap(), program, emulator, home)
}

/// Likewise out of the environment beside it, which has the newest service model.
pub(crate) fn model_client(program: &str, emulator: &Emulator, home: &Path) -> Command {
    client_of(&clients().unwrap().with_file_name("clients-model"), program, emulator, home)
}

fn client_of(folder: &Path, program: &str, emulator: &Emulator, home: &Path) -> Command {
    let mut command = Command::new(folder.join("bin").join(program));
    command.env_clear().env("HOME", home).env("PATH", folder.join("bin")).env("LANG", "C.UTF-8");
    point_at(&mut command, emulator);
    command
}

/// Node.js with the packages beside that environment, pointed at the emulator.
pub(crate) fn node(emulator: &Emulator, home: &Path) -> Command {
    let modules = clients().unwrap().join("node/node_modules");
    let mut command = Command::new("node");
    command.env_clear().env("HOME", home).env("PATH", std::env::var("PATH").unwrap_or_default());
    command.env("NODE_PATH", modules);
    point_at(&mut command, emulator);
    command
}

fn point_at(command: &mut Command, emulator: &Emulator) {
    command.envs([
        ("AWS_ENDPOINT_URL", emulator.endpoint()),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_PAGER", ""),
    ]);
}

/// Makes a client insist on TLS and trust the emulator's certificate.
pub(crate) fn encrypted(command: &mut Command, emulator: &Emulator) {
    let certificate = emulator.data().join("tls/cert.pem");
    command.env("AWS_ENDPOINT_URL", emulator.endpoint().replace("http://127.0.0.1", "https://localhost"));
    command.env("AWS_CA_BUNDLE", &certificate).env("NODE_EXTRA_CA_CERTS", certificate);
}

/// Runs a command that must succeed and returns its standard output.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} failed ({}):\n{out}\n{err}", output.status);
    out.into_owned()
}
