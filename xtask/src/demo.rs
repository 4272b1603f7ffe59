//! `cargo xtask demo`: a newcomer's first five minutes. Everything it makes is below `target/demo`; the emulator it starts
//! goes on running, on a port of its own, until the user stops it.

mod received;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use acceptance::{Source, Terraform, Workspace};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::Value;

use self::received::Received;
use crate::cargo::{build, programs, root, target};
use crate::prerequisites::{PYTHON, TERRAFORM, require};

/// The function of the quickstart.
const FUNCTION: &str = "processor";
const STREAM: &str = "demo-stream";
/// How long the function may take to work off what was put.
const PATIENCE: Duration = Duration::from_secs(60);

/// How to run it.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Build as for a release: slower to build, quicker to run.
    #[arg(long)]
    release: bool,
    /// Stop the emulator at the end.
    #[arg(long)]
    stop: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    require(&[TERRAFORM, PYTHON])?;
    step("Building the emulator, the provider and the producer");
    build(&["millrace", "terraform-provider-aws", "quickstart-producer"], options.release)?;
    let demo = Demo { programs: programs(options.release), directory: target().join("demo") };

    step("Starting the emulator on a free port");
    let endpoint = demo.start_emulator()?;
    println!("It listens at {endpoint}; its data is in {}.", demo.data().display());

    step("terraform init and apply on examples/quickstart");
    let workspace = demo.workspace(&endpoint)?;
    workspace.must(&["init", "-no-color", "-input=false"])?;
    println!("{}", workspace.apply()?.lines().filter(|line| line.contains("complete")).collect::<Vec<_>>().join("\n"));

    step("Streaming real departures into the stream");
    let report = demo.produce(&workspace, &endpoint)?;

    step("What came out");
    let put = report["put"]["records"].as_u64().unwrap_or_default();
    let received = demo.received(&endpoint, put)?;
    println!(
        "put: {put} records in {:.1} s, {} refused at first by the shards' limits",
        report["put"]["seconds"].as_f64().unwrap_or_default(),
        report["put"]["throttled"]
    );
    received::print_fan_out(&report["fan_out"]);
    received.print();
    if received.records != put || report["fan_out"]["records"].as_u64() != Some(put) {
        bail!("not every record came out; the emulator's log is {}", demo.data().join("millrace.log").display());
    }
    println!("\nterraform plan says: {}", settled(&workspace)?);
    demo.say_goodbye(&workspace, &endpoint, options.stop)
}

fn step(title: &str) {
    println!("\n=== {title}");
}

fn settled(workspace: &Workspace) -> Result<&'static str> {
    workspace.must_be_settled().map(|()| "No changes.")
}

struct Demo {
    programs: PathBuf,
    directory: PathBuf,
}

impl Demo {
    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn millrace(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join("millrace"));
        command.args(arguments);
        command
    }

    /// Stops the emulator of an earlier demo, removes what it left, and starts a new one.
    fn start_emulator(&self) -> Result<String> {
        let data = self.data();
        if data.exists() {
            output(self.millrace(&["down", "--data"]).arg(&data))?;
        }
        if self.directory.exists() {
            std::fs::remove_dir_all(&self.directory).context("cannot remove what an earlier demo left")?;
        }
        std::fs::create_dir_all(&self.directory)?;
        let said = output(self.millrace(&["up", "--listen", "127.0.0.1:0", "--data"]).arg(&data))?;
        let endpoint = said.split_whitespace().find(|word| word.starts_with("http://"));
        Ok(endpoint.with_context(|| format!("`millrace up` said no address: {said}"))?.to_owned())
    }

    fn workspace(&self, endpoint: &str) -> Result<Workspace> {
        let provider = self.programs.join("terraform-provider-aws");
        let workspace = Workspace::new(Terraform::find()?, &self.directory, &provider, Source::Mirror, endpoint)?;
        let quickstart = root().join("examples/quickstart");
        std::fs::copy(quickstart.join("main.tf"), workspace.path().join("main.tf"))?;
        zip(&workspace.path().join("processor.zip"), &quickstart.join("function/handler.py"))?;
        Ok(workspace)
    }

    /// Runs the producer, whose progress bar is shown, and returns its report.
    fn produce(&self, workspace: &Workspace, endpoint: &str) -> Result<Value> {
        let consumer = workspace.must(&["output", "-raw", "consumer_arn"])?;
        let produced = Command::new(self.programs.join("quickstart-producer"))
            .args([STREAM, consumer.trim()])
            .arg(root().join("examples/quickstart/data/departures.csv"))
            .env("AWS_ENDPOINT_URL", endpoint)
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run the producer")?;
        if !produced.status.success() {
            bail!("the producer failed ({})", produced.status);
        }
        serde_json::from_slice(&produced.stdout).context("the producer's report is not JSON")
    }

    /// What the function wrote to its log once it has seen `expected` records.
    fn received(&self, endpoint: &str, expected: u64) -> Result<Received> {
        let pause = Duration::from_millis(100);
        let mut received = Received::default();
        for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
            received = Received::from_log(&output(&mut self.millrace(&["logs", FUNCTION, "--endpoint", endpoint]))?);
            if received.records >= expected {
                break;
            }
            std::thread::sleep(pause);
        }
        Ok(received)
    }

    fn say_goodbye(&self, workspace: &Workspace, endpoint: &str, stop: bool) -> Result<()> {
        let (millrace, data, work) = (self.programs.join("millrace"), self.data(), workspace.path());
        let (millrace, data, work) = (relative(&millrace), relative(&data), relative(work));
        if stop {
            return output(&mut self.millrace(&["down", "--data", &data])).map(|said| print!("\n{said}"));
        }
        println!(
            "\n=== Look further\n\
             {millrace} logs {FUNCTION} --endpoint {endpoint}\n\
             AWS_ENDPOINT_URL={endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test aws kinesis describe-stream-summary \
             --stream-name {STREAM} --region us-east-1\n\
             {work}/main.tf is yours to change: then\n\
             AWS_ENDPOINT_URL={endpoint} TF_CLI_CONFIG_FILE={} terraform -chdir={work} apply\n\
             \n=== Clean up\n\
             {millrace} down --data {data}\n\
             rm -r {}",
            self.directory.join("home/terraform.rc").display(),
            relative(&self.directory)
        );
        Ok(())
    }
}

/// Makes a zip of one file the way the quickstart's README does.
fn zip(to: &Path, file: &Path) -> Result<()> {
    output(Command::new("python3").args(["-m", "zipfile", "-c"]).args([to, file])).map(drop)
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Runs a command that must succeed and returns what it said.
fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {}", command.get_program().display()))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let program = command.get_program().display();
        bail!("{program} failed ({}): {said}{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(said)
}
