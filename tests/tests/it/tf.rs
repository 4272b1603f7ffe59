//! `millrace tf`: a configuration that was written for AWS, as it is, in a folder that stays as it is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use acceptance::{base64, request};
use serde_json::json;

use crate::examples;
use crate::stage::{Stage, eventually, root};

/// Two regions through two provider blocks, a version that is not ours, and no init.
const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.31"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "far"
  region = "ap-southeast-2"
}

resource "aws_kinesis_stream" "near" {
  name        = "near"
  shard_count = 1
}

resource "aws_kinesis_stream" "far" {
  provider    = aws.far
  name        = "far"
  shard_count = 2
}

output "arns" {
  value = "${aws_kinesis_stream.near.arn} ${aws_kinesis_stream.far.arn}"
}
"#;

struct Folder {
    stage: Stage,
    path: PathBuf,
    port: u16,
}

impl Folder {
    fn new(configuration: &str) -> Self {
        let stage = Stage::new();
        let path = stage.path().join("theirs");
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("main.tf"), configuration).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { stage, path, port }
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn tf(&self, arguments: &[&str]) -> Output {
        let (data, listen) = (self.stage.path().join("d"), self.address());
        let (data, folder) = (data.to_string_lossy().into_owned(), format!("-chdir={}", self.path.display()));
        let options = ["tf", "--data", &data, "--listen", &listen, &folder];
        self.stage.millrace(&[&options, arguments].concat())
    }

    #[track_caller]
    fn must(&self, arguments: &[&str]) -> String {
        let output = self.tf(arguments);
        let said = said(&output);
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    fn files(&self) -> BTreeSet<String> {
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        std::fs::read_dir(&self.path).unwrap().map(name).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(self.stage.millrace(&["down", "--data", "d"]));
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_configuration_for_aws_is_planned_applied_and_destroyed_as_it_is() {
    let folder = Folder::new(CONFIGURATION);
    let planned = folder.must(&["plan", "-no-color", "-input=false"]);
    assert!(planned.contains("Plan: 2 to add") && planned.contains("millrace started at"), "{planned}");
    assert_eq!(folder.files(), ["main.tf".to_owned()].into());
    let applied = folder.must(&["apply", "-no-color", "-input=false", "-auto-approve"]);
    // Each provider block has its own region, though one process serves both.
    let arns =
        "arn:aws:kinesis:eu-west-1:000000000000:stream/near arn:aws:kinesis:ap-southeast-2:000000000000:stream/far";
    assert!(applied.contains(arns) && !applied.contains("millrace started"), "{applied}");
    assert_eq!(folder.files(), ["main.tf".to_owned(), "terraform.tfstate".to_owned()].into());
    let settled = folder.tf(&["plan", "-no-color", "-input=false", "-detailed-exitcode"]);
    assert_eq!(settled.status.code(), Some(0), "{}", said(&settled));
    let destroyed = folder.must(&["destroy", "-no-color", "-input=false", "-auto-approve"]);
    assert!(destroyed.contains("2 destroyed"), "{destroyed}");
}

#[test]
fn init_works_without_a_network_and_writes_no_lock_for_aws() {
    let folder = Folder::new(CONFIGURATION);
    folder.must(&["init", "-no-color", "-input=false"]);
    let lock = std::fs::read_to_string(folder.path.join(".terraform.lock.hcl")).unwrap_or_default();
    assert!(!lock.contains("hashicorp/aws"), "{lock}");
}

#[test]
fn what_we_do_not_have_is_named_with_its_place() {
    let folder = Folder::new("resource \"aws_vpc\" \"v\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n");
    let planned = folder.tf(&["plan", "-no-color", "-input=false"]);
    let said = said(&planned);
    assert_eq!(planned.status.code(), Some(1), "{said}");
    assert!(said.contains("aws_vpc") && said.contains("main.tf line 1"), "{said}");
}

#[test]
fn a_state_of_a_real_account_is_not_touched() {
    let folder = Folder::new(CONFIGURATION);
    let state = r#"{"version":4,"terraform_version":"1.11.0","serial":1,"lineage":"l","outputs":{},"resources":[{"mode":"managed","type":"aws_kinesis_stream","name":"near","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"schema_version":1,"attributes":{"arn":"arn:aws:kinesis:eu-west-1:123456789012:stream/near","id":"arn:aws:kinesis:eu-west-1:123456789012:stream/near"}}]}]}"#;
    let path = folder.path.join("terraform.tfstate");
    std::fs::write(&path, state).unwrap();
    for command in ["apply", "destroy", "refresh"] {
        let refused = folder.tf(&[command, "-no-color", "-input=false", "-auto-approve"]);
        let said = said(&refused);
        assert!(!refused.status.success() && said.contains("123456789012") && said.contains("workspace"), "{said}");
    }
    assert_eq!(std::fs::read_to_string(&path as &Path).unwrap(), state);
}

/// Two regions, a module and what it needs beside its configuration, and the records go where they should.
#[test]
fn a_module_for_aws_is_taken_as_it_is() {
    let folder = Folder::new("");
    examples::put(&folder.path, &root().join("examples/for-aws"));
    folder.must(&["init", "-no-color", "-input=false"]);
    let planned = folder.must(&["plan", "-no-color", "-input=false"]);
    assert!(planned.contains("0 to change, 0 to destroy"), "{planned}");
    let applied = folder.must(&["apply", "-no-color", "-input=false", "-auto-approve"]);
    for arn in [
        "arn:aws:kinesis:eu-west-1:000000000000:stream/telemetry",
        "arn:aws:kinesis:eu-central-1:000000000000:stream/telemetry-standby",
    ] {
        assert!(applied.contains(arn), "{applied}");
    }
    // 2 means that something would change.
    folder.must(&["plan", "-no-color", "-input=false", "-detailed-exitcode"]);

    let record = json!({
        "StreamARN": "arn:aws:kinesis:eu-west-1:000000000000:stream/telemetry",
        "PartitionKey": "k",
        "Data": base64(br#"{"level":"error"}"#),
    });
    let scope = "Credential=test/20260101/eu-west-1/kinesis/aws4_request";
    let headers = [
        ("authorization", &*format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0")),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "Kinesis_20131202.PutRecord"),
    ];
    let answer = request(&folder.address(), "POST", "/", &headers, &record.to_string()).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    let endpoint = format!("http://{}", folder.address());
    for function in ["telemetry-store", "telemetry-alarm"] {
        eventually(function, || {
            let log = ["logs", function, "--endpoint", &endpoint, "--region", "eu-west-1"];
            said(&folder.stage.millrace(&log)).contains(&format!("{function} {{\"level\":\"error\"}}")).then_some(())
        });
    }
    folder.must(&["destroy", "-no-color", "-input=false", "-auto-approve"]);
}
