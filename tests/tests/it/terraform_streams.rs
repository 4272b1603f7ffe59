//! Streams, their consumers and their mappings through the life that Terraform gives them: every argument changed, in place or
//! by another one, imported, deleted behind Terraform's back, and refused where it is wrong.

use acceptance::{Emulator, Source, Workspace, request, zip};
use serde_json::json;

use crate::stage::{Stage, eventually, kinesis, until_active};
use crate::steps::{REPLACE, UPDATE, change, import};
use crate::terraform_queues::{refused, text};

const STREAM: &str = "aws_kinesis_stream.s";
const CONSUMER: &str = "aws_kinesis_stream_consumer.c";
const MAPPING: &str = "aws_lambda_event_source_mapping.m";

const STREAM_TF: &str = r#"
resource "aws_kinesis_stream" "s" {
  name = "s"
  shard_count = 1
}
"#;

const OTHER_TF: &str = r#"
resource "aws_kinesis_stream" "other" {
  name = "other"
  shard_count = 1
}
"#;

const CONSUMER_TF: &str = r#"
resource "aws_kinesis_stream_consumer" "c" {
  name = "c"
  stream_arn = aws_kinesis_stream.s.arn
}
"#;

const MAPPING_TF: &str = r#"
resource "aws_sqs_queue" "q" {
  name = "q"
}

resource "aws_kms_key" "k" {
  deletion_window_in_days = 7
}

resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lambda_function" "f" {
  for_each = toset(["f", "g"])
  function_name = each.key
  role = aws_iam_role.r.arn
  runtime = "python3.12"
  handler = "f.handle"
  filename = "f.zip"
}

resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn = aws_kinesis_stream.s.arn
  function_name = aws_lambda_function.f["f"].arn
  starting_position = "TRIM_HORIZON"
}
"#;

fn applied(stage: &Stage, emulator: &Emulator, configuration: &str) -> Workspace {
    let workspace = stage.workspace("life", Source::Override, emulator.endpoint());
    zip(&workspace.path().join("f.zip"), &[("f.py", "def handle(event, context):\n    pass\n")]).unwrap();
    workspace.write("main.tf", configuration).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    workspace
}

/// One change after the other, each of which keeps what the ones before it wrote.
#[track_caller]
fn changes(workspace: &Workspace, address: &str, steps: &[(&str, &str)], actions: &[&str]) {
    for (from, to) in steps {
        change(workspace, from, to, &[(address, actions)]);
    }
}

/// What was deleted by another hand is planned anew, and comes back.
#[track_caller]
fn comes_back(workspace: &Workspace, address: &str) {
    assert_eq!(workspace.plan().unwrap(), [(address.to_owned(), vec!["create".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
}

#[test]
fn a_stream_lives_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = applied(&stage, &emulator, STREAM_TF);
    let steps = [
        ("shard_count = 1", "shard_count = 2"),
        ("shard_count = 2", "shard_count = 2\n  retention_period = 48"),
        ("retention_period = 48", "retention_period = 30"),
        ("retention_period = 30", "retention_period = 30\n  max_record_size_in_kib = 2048"),
        ("max_record_size_in_kib = 2048", "max_record_size_in_kib = 4096"),
        ("name = \"s\"", "name = \"s\"\n  shard_level_metrics = [\"IncomingBytes\"]"),
        ("[\"IncomingBytes\"]", "[\"OutgoingBytes\", \"IteratorAgeMilliseconds\"]"),
        ("name = \"s\"", "name = \"s\"\n  encryption_type = \"KMS\"\n  kms_key_id = \"alias/aws/kinesis\""),
        ("\n  encryption_type = \"KMS\"\n  kms_key_id = \"alias/aws/kinesis\"", ""),
        ("name = \"s\"", "name = \"s\"\n  enforce_consumer_deletion = true"),
        ("name = \"s\"", "name = \"s\"\n  tags = { team = \"mill\" }"),
        ("team = \"mill\"", "team = \"race\""),
    ];
    changes(&workspace, STREAM, &steps, UPDATE);
    let mode = "name = \"s\"\n  stream_mode_details {\n    stream_mode = \"PROVISIONED\"\n  }";
    // It is that already.
    change(&workspace, "name = \"s\"", mode, &[]);
    let summary = kinesis(&emulator, "DescribeStreamSummary", &json!({"StreamName": "s"})).unwrap();
    let summary = &summary["StreamDescriptionSummary"];
    assert_eq!((&summary["OpenShardCount"], &summary["RetentionPeriodHours"]), (&json!(2), &json!(30)));
    assert_eq!((&summary["MaxRecordSizeInKiB"], &summary["EncryptionType"]), (&json!(4096), &json!("NONE")));
    assert_eq!(summary["EnhancedMonitoring"][0]["ShardLevelMetrics"].as_array().map(Vec::len), Some(2));

    // A stream on demand has as many shards as it needs.
    let provisioned = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
    workspace.write("main.tf", provisioned.replace("shard_count = 2", "")).unwrap();
    change(&workspace, "\"PROVISIONED\"", "\"ON_DEMAND\"", &[(STREAM, UPDATE)]);
    workspace.destroy().unwrap();
}

#[test]
fn a_stream_is_made_anew_imported_and_comes_back() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = applied(&stage, &emulator, STREAM_TF);
    changes(
        &workspace,
        STREAM,
        &[("name = \"s\"", "name = \"t\""), ("name = \"t\"", "name = \"t\"\n  region = \"eu-west-1\"")],
        REPLACE,
    );
    import(&workspace, STREAM, "t@eu-west-1");
    change(&workspace, "\n  region = \"eu-west-1\"", "", &[(STREAM, REPLACE)]);
    kinesis(&emulator, "DeleteStream", &json!({"StreamName": "t"})).unwrap();
    eventually("the stream to be gone", || {
        kinesis(&emulator, "DescribeStreamSummary", &json!({"StreamName": "t"}))
            .err()
            .filter(|error| error.to_string().contains("ResourceNotFoundException"))
    });
    comes_back(&workspace, STREAM);
    until_active(&emulator, "t");
    workspace.destroy().unwrap();
    let stream = |body: &str| format!("resource \"aws_kinesis_stream\" \"s\" {{\n{body}\n}}\n");
    for (body, said) in [
        ("name = \"s\"", &["shard_count must be at least 1"][..]),
        ("name = \"s\"\nshard_count = 1\nretention_period = 23", &["retention_period", "23"]),
        ("name = \"s\"\nshard_count = 1\nencryption_type = \"AES\"", &["encryption_type", "AES"]),
        ("name = \"s\"\nshard_count = 1\nmax_record_size_in_kib = 1", &["max_record_size_in_kib"]),
        ("name = \"s\"\nstream_mode_details {\n  stream_mode = \"BOTH\"\n}", &["stream_mode", "BOTH"]),
        ("shard_count = 1", &["\"name\" is required"]),
    ] {
        refused(&workspace, "plan", &stream(body), said);
    }
}

#[test]
fn a_consumer_lives_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = applied(&stage, &emulator, &[STREAM_TF, OTHER_TF, CONSUMER_TF].concat());
    let steps = [("name = \"c\"", "name = \"c\"\n  tags = { team = \"mill\" }"), ("\"mill\"", "\"race\"")];
    changes(&workspace, CONSUMER, &steps, UPDATE);
    let steps = [
        ("name = \"c\"", "name = \"d\""),
        ("stream_arn = aws_kinesis_stream.s.arn", "stream_arn = aws_kinesis_stream.other.arn"),
    ];
    changes(&workspace, CONSUMER, &steps, REPLACE);
    import(&workspace, CONSUMER, &text(&workspace, CONSUMER, "arn"));
    let arn = json!({"ConsumerARN": text(&workspace, CONSUMER, "arn")});
    kinesis(&emulator, "DeregisterStreamConsumer", &arn).unwrap();
    eventually("the consumer to be gone", || kinesis(&emulator, "DescribeStreamConsumer", &arn).err());
    comes_back(&workspace, CONSUMER);
    workspace.destroy().unwrap();
    let wrong = "resource \"aws_kinesis_stream_consumer\" \"c\" {\n  name = \"c\"\n  stream_arn = \"no-arn\"\n}\n";
    refused(&workspace, "plan", wrong, &["stream_arn", "no-arn"]);
}

#[test]
fn a_mapping_lives_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = applied(&stage, &emulator, &[STREAM_TF, OTHER_TF, MAPPING_TF].concat());
    let steps = [
        ("\"TRIM_HORIZON\"", "\"TRIM_HORIZON\"\n  batch_size = 7"),
        ("batch_size = 7", "batch_size = 8\n  bisect_batch_on_function_error = true"),
        ("\n  bisect_batch_on_function_error = true", "\n  bisect_batch_on_function_error = false"),
        ("batch_size = 8", "batch_size = 8\n  enabled = false"),
        ("enabled = false", "enabled = true"),
        ("batch_size = 8", "batch_size = 8\n  function_response_types = [\"ReportBatchItemFailures\"]"),
        ("[\"ReportBatchItemFailures\"]", "[]"),
        ("batch_size = 8", "batch_size = 8\n  maximum_batching_window_in_seconds = 3"),
        ("batch_size = 8", "batch_size = 8\n  maximum_record_age_in_seconds = 120"),
        ("batch_size = 8", "batch_size = 8\n  maximum_retry_attempts = 4"),
        ("maximum_retry_attempts = 4", "maximum_retry_attempts = 0"),
        ("batch_size = 8", "batch_size = 8\n  parallelization_factor = 3"),
        ("batch_size = 8", "batch_size = 8\n  tags = { team = \"mill\" }"),
        ("team = \"mill\"", "team = \"race\""),
        (
            "batch_size = 8",
            "batch_size = 8\n  filter_criteria {\n    filter {\n      pattern = jsonencode({ data = { a = [1] } })\n    }\n  }",
        ),
        ("{ a = [1] }", "{ a = [2] }"),
        (
            "batch_size = 8",
            "batch_size = 8\n  destination_config {\n    on_failure {\n      destination_arn = aws_sqs_queue.q.arn\n    }\n  }",
        ),
        ("batch_size = 8", "batch_size = 8\n  metrics_config {\n    metrics = [\"EventCount\"]\n  }"),
        ("batch_size = 8", "batch_size = 8\n  kms_key_arn = aws_kms_key.k.arn"),
        ("aws_lambda_function.f[\"f\"].arn", "aws_lambda_function.f[\"g\"].arn"),
        ("parallelization_factor = 3", "parallelization_factor = 1\n  tumbling_window_in_seconds = 5"),
    ];
    changes(&workspace, MAPPING, &steps, UPDATE);
    import(&workspace, MAPPING, &text(&workspace, MAPPING, "uuid"));
    let steps = [
        ("\"TRIM_HORIZON\"", "\"LATEST\""),
        ("\"LATEST\"", "\"AT_TIMESTAMP\"\n  starting_position_timestamp = \"2026-01-01T00:00:00Z\""),
        ("2026-01-01", "2026-01-02"),
        ("event_source_arn = aws_kinesis_stream.s.arn", "event_source_arn = aws_kinesis_stream.other.arn"),
    ];
    changes(&workspace, MAPPING, &steps, REPLACE);

    let path = format!("/2015-03-31/event-source-mappings/{}", text(&workspace, MAPPING, "uuid"));
    let answer = request(emulator.address(), "DELETE", &path, &[], "").unwrap();
    assert_eq!(answer.status, 202, "{}", answer.body);
    eventually("the mapping to be gone", || {
        let found = request(emulator.address(), "GET", &path, &[], "").unwrap();
        (found.status == 404).then_some(())
    });
    comes_back(&workspace, MAPPING);
    workspace.destroy().unwrap();

    let mapping = |body: &str| {
        format!("resource \"aws_lambda_event_source_mapping\" \"m\" {{\n  function_name = \"f\"\n  {body}\n}}\n")
    };
    let source = "event_source_arn = \"arn:aws:kinesis:us-east-1:000000000000:stream/s\"";
    for (body, said) in [
        (format!("{source}\n  starting_position = \"SOMEWHERE\""), &["starting_position", "SOMEWHERE"][..]),
        (format!("{source}\n  parallelization_factor = 11"), &["parallelization_factor", "11"]),
        (format!("{source}\n  maximum_record_age_in_seconds = 59"), &["maximum_record_age_in_seconds", "59"]),
        (format!("{source}\n  maximum_retry_attempts = 10001"), &["maximum_retry_attempts", "10001"]),
        (format!("{source}\n  tumbling_window_in_seconds = 901"), &["tumbling_window_in_seconds", "901"]),
        (format!("{source}\n  function_response_types = [\"Nothing\"]"), &["function_response_types", "Nothing"]),
        (String::new(), &["event_source_arn"]),
    ] {
        refused(&workspace, "plan", &mapping(&body), said);
    }
}
