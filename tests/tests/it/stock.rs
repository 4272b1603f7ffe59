//! The stock provider, hashicorp/aws 3.39.0 as it was released: it works against the emulator, and what it wrote we take over
//! without a change, and the other way round.
//!
//! It is there for Linux on x86-64 only. It sleeps ten seconds before it looks at a stream, so this takes its minute.

use std::path::PathBuf;

use acceptance::{Emulator, Source, Workspace, zip};
use anyhow::{Result, bail};
use serde_json::json;

use crate::stage::{Stage, clients, kinesis};

/// What both know, with what the stock provider needs to be told so that it asks nobody else.
const CONFIGURATION: &str = r#"
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {
    ec2     = "ENDPOINT"
    iam     = "ENDPOINT"
    kinesis = "ENDPOINT"
    kms     = "ENDPOINT"
    lambda  = "ENDPOINT"
    sns     = "ENDPOINT"
    sqs     = "ENDPOINT"
    sts     = "ENDPOINT"
  }
}

resource "aws_kms_key" "k" {
  description             = "mine"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  tags                    = { team = "mill" }
}

resource "aws_kms_alias" "a" {
  name          = "alias/mine"
  target_key_id = aws_kms_key.k.key_id
}

resource "aws_kinesis_stream" "rich" {
  name                      = "rich"
  shard_count               = 2
  retention_period          = 48
  shard_level_metrics       = ["IncomingBytes", "OutgoingBytes"]
  encryption_type           = "KMS"
  kms_key_id                = aws_kms_key.k.key_id
  enforce_consumer_deletion = true
  tags                      = { team = "mill", stage = "test" }
}

resource "aws_kinesis_stream" "plain" {
  name        = "plain"
  shard_count = 1
}

resource "aws_kinesis_stream_consumer" "c" {
  name       = "c"
  stream_arn = aws_kinesis_stream.plain.arn
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream"]
    resources = [aws_kinesis_stream.plain.arn]
  }
}

resource "aws_iam_role" "r" {
  name               = "r"
  path               = "/service-role/"
  description        = "reads"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
  tags               = { team = "mill" }
}

resource "aws_iam_role" "made_up" {
  name_prefix        = "made-up-"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_policy" "p" {
  name   = "p"
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policy" "in" {
  name   = "in"
  role   = aws_iam_role.r.id
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policy_attachment" "p" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}

resource "aws_lambda_function" "f" {
  function_name                  = "f"
  role                           = aws_iam_role.r.arn
  handler                        = "app.handler"
  runtime                        = "python3.8"
  filename                       = "f.zip"
  source_code_hash               = filebase64sha256("f.zip")
  description                    = "does nothing"
  timeout                        = 10
  memory_size                    = 256
  reserved_concurrent_executions = 5
  publish                        = true
  tags                           = { team = "mill" }

  environment {
    variables = { STAGE = "test" }
  }

  tracing_config {
    mode = "Active"
  }
}

resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn                   = aws_kinesis_stream.plain.arn
  function_name                      = aws_lambda_function.f.arn
  starting_position                  = "TRIM_HORIZON"
  batch_size                         = 10
  maximum_batching_window_in_seconds = 1
  parallelization_factor             = 2
  maximum_retry_attempts             = 3
  maximum_record_age_in_seconds      = 600
  bisect_batch_on_function_error     = true
}

resource "aws_sqs_queue" "dead" {
  name = "dead"
}

resource "aws_sqs_queue" "q" {
  name                       = "q"
  visibility_timeout_seconds = 60
  message_retention_seconds  = 86400
  tags                       = { team = "mill" }
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 3
  })
}

resource "aws_sns_topic" "t" {
  name         = "t"
  display_name = "told"
  tags         = { team = "mill" }
}

resource "aws_sns_topic_subscription" "q" {
  topic_arn            = aws_sns_topic.t.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.q.arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ kind = ["a", "b"] })
}

data "aws_caller_identity" "me" {}

data "aws_region" "here" {}

data "aws_partition" "here" {}

data "aws_kms_key" "k" {
  key_id = aws_kms_alias.a.name
}

data "aws_kms_alias" "a" {
  name = aws_kms_alias.a.name
}

data "aws_kinesis_stream" "rich" {
  name = aws_kinesis_stream.rich.name
}

output "seen" {
  value = {
    account    = data.aws_caller_identity.me.account_id
    region     = data.aws_region.here.name
    partition  = data.aws_partition.here.partition
    key        = data.aws_kms_key.k.arn
    alias      = data.aws_kms_alias.a.target_key_arn
    open       = sort(data.aws_kinesis_stream.rich.open_shards)
    retention  = data.aws_kinesis_stream.rich.retention_period
    invoke_arn = aws_lambda_function.f.invoke_arn
  }
}
"#;

/// The mirror with the stock provider.
fn stock() -> Result<Option<PathBuf>> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        println!("skipped: there is no stock provider for this machine");
        return Ok(None);
    }
    let mirror = clients()?.with_file_name("clients-stock");
    if !mirror.join("installed").exists() {
        bail!("{} is not there: run `cargo xtask test` once", mirror.display());
    }
    Ok(Some(mirror))
}

/// One folder and one state, which two providers work on in turn.
struct Shared {
    emulator: Emulator,
    workspace: Workspace,
    mirror: PathBuf,
}

impl Shared {
    fn new(stage: &Stage, mirror: PathBuf) -> Self {
        let emulator = stage.emulator();
        let workspace = stage.workspace("shared", Source::Override, emulator.endpoint());
        workspace.write("main.tf", CONFIGURATION.replace("ENDPOINT", emulator.endpoint())).unwrap();
        zip(&workspace.path().join("f.zip"), &[("app.py", "def handler(event, context): pass\n")]).unwrap();
        Self { emulator, workspace, mirror }
    }

    fn stock(&mut self) -> &Workspace {
        self.workspace.take_from(&self.mirror).unwrap();
        &self.workspace
    }

    fn ours(&mut self) -> &Workspace {
        self.workspace.take_ours();
        &self.workspace
    }
}

#[test]
fn what_the_stock_provider_made_is_ours_without_a_change_and_back() {
    let Some(mirror) = stock().unwrap() else { return };
    let stage = Stage::new();
    let mut shared = Shared::new(&stage, mirror);
    shared.stock().must(&["init", "-no-color", "-input=false"]).unwrap();
    shared.stock().apply().unwrap();
    let seen = shared.stock().must(&["output", "-json", "seen"]).unwrap();
    shared.stock().must_be_settled().unwrap();
    shared.ours().must_be_settled().unwrap();

    // The data sources of both see the same.
    shared.ours().apply().unwrap();
    assert_eq!(shared.ours().must(&["output", "-json", "seen"]).unwrap(), seen);

    // What one changes, the other finds as it is.
    let text = std::fs::read_to_string(shared.workspace.path().join("main.tf")).unwrap();
    let changed = [
        ("shard_count = 1", "shard_count = 2"),
        ("timeout                        = 10", "timeout                        = 11"),
        ("batch_size                         = 10", "batch_size                         = 20"),
        ("description        = \"reads\"", "description        = \"reads streams\""),
        ("description             = \"mine\"", "description             = \"ours\""),
        ("stage = \"test\" }\n}", "stage = \"live\" }\n}"),
    ];
    let text = changed.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    shared.workspace.write("main.tf", text).unwrap();
    let planned = shared.ours().plan().unwrap();
    // And what depends on a document that is read only then.
    assert!(planned.len() >= changed.len(), "{planned:?}");
    assert!(planned.iter().all(|(_, actions)| *actions == ["update"]), "{planned:?}");
    shared.ours().apply().unwrap();
    shared.stock().must_be_settled().unwrap();

    // And it removes what we changed.
    shared.stock().destroy().unwrap();
    let left = kinesis(&shared.emulator, "ListStreams", &json!({})).unwrap();
    assert_eq!(left["StreamNames"], json!([]));
}

#[test]
fn what_we_made_is_the_stock_providers_without_a_change_and_back() {
    let Some(mirror) = stock().unwrap() else { return };
    let stage = Stage::new();
    let mut shared = Shared::new(&stage, mirror);
    shared.ours().apply().unwrap();
    shared.ours().must_be_settled().unwrap();
    shared.stock().must(&["init", "-no-color", "-input=false"]).unwrap();
    shared.stock().must_be_settled().unwrap();
    // What it writes into the state while it looks does not disturb us either.
    shared.stock().must(&["apply", "-refresh-only", "-auto-approve", "-no-color", "-input=false"]).unwrap();
    shared.ours().must_be_settled().unwrap();
    shared.ours().destroy().unwrap();
}

/// Two names for our provider: hashicorp's, which we stand in for, and our own.
#[test]
fn a_state_goes_to_our_own_address_and_back() {
    const STREAM: &str = "resource \"aws_kinesis_stream\" \"s\" {\n  name        = \"s\"\n  shard_count = 1\n}\n";
    const OWN: &str =
        "terraform {\n  required_providers {\n    aws = {\n      source = \"millrace/aws\"\n    }\n  }\n}\n";
    let stage = Stage::new();
    let emulator = stage.emulator();
    let at = |source| stage.workspace("moves", source, emulator.endpoint());
    let workspace = at(Source::Override);
    workspace.write("main.tf", STREAM).unwrap();
    workspace.apply().unwrap();

    let replace = ["state", "replace-provider", "-auto-approve"];
    let workspace = at(Source::Mirror);
    workspace.write("main.tf", format!("{OWN}{STREAM}")).unwrap();
    workspace.must(&[&replace[..], &["hashicorp/aws", "millrace/aws"]].concat()).unwrap();
    workspace.must(&["init", "-no-color", "-input=false"]).unwrap();
    workspace.must_be_settled().unwrap();
    workspace.apply().unwrap();

    let workspace = at(Source::Override);
    workspace.write("main.tf", STREAM).unwrap();
    workspace.must(&[&replace[..], &["millrace/aws", "hashicorp/aws"]].concat()).unwrap();
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
}
