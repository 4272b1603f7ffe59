//! Queues through the life that Terraform gives them.

use acceptance::{Emulator, Source, Workspace};
use serde_json::{Value, json};

use crate::stage::{Stage, call};
use crate::steps::{REPLACE, UPDATE, change, import};

const QUEUE: &str = "aws_sqs_queue.q";
const FIFO: &str = "aws_sqs_queue.f";

const QUEUES_TF: &str = r#"
resource "aws_sqs_queue" "q" {
  name = "q"
  tags = { team = "mill" }
}

resource "aws_sqs_queue" "dead" {
  name = "dead"
}

resource "aws_sqs_queue" "f" {
  name       = "f.fifo"
  fifo_queue = true
}
"#;

/// Calls an SQS action with plain HTTP.
fn sqs(emulator: &Emulator, action: &str, input: &Value) -> Value {
    call(emulator, &format!("AmazonSQS.{action}"), input).unwrap()
}

/// What is set of a queue.
fn queue(emulator: &Emulator, url: &str) -> Value {
    sqs(emulator, "GetQueueAttributes", &json!({"QueueUrl": url, "AttributeNames": ["All"]}))["Attributes"].clone()
}

/// An attribute of a resource in the state, which is text.
pub(crate) fn text(workspace: &Workspace, address: &str, attribute: &str) -> String {
    workspace.attributes(address).unwrap()[attribute].as_str().unwrap().to_owned()
}

/// A configuration that must be refused, and what is said then.
#[track_caller]
pub(crate) fn refused(workspace: &Workspace, command: &str, configuration: &str, expected: &[&str]) {
    workspace.write("main.tf", configuration).unwrap();
    let arguments: &[&str] = match command {
        "plan" => &["plan", "-no-color", "-input=false"],
        _ => &["apply", "-auto-approve", "-no-color", "-input=false"],
    };
    let said = workspace.must_fail(arguments).unwrap();
    // Terraform breaks lines where it likes.
    let said = said.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    assert!(expected.iter().all(|text| said.contains(text)), "{said}");
}

#[test]
fn a_queue_lives_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("queues", Source::Override, emulator.endpoint());
    workspace.write("main.tf", QUEUES_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();

    let made = workspace.attributes(QUEUE).unwrap();
    let url = text(&workspace, QUEUE, "url");
    assert_eq!(made["arn"], "arn:aws:sqs:us-east-1:000000000000:q");
    assert_eq!((&made["id"], &made["name_prefix"], &made["region"]), (&json!(url), &json!(""), &json!("us-east-1")));
    assert_eq!((&made["max_message_size"], &made["sqs_managed_sse_enabled"]), (&json!(262_144), &json!(true)));
    assert_eq!((&made["kms_data_key_reuse_period_seconds"], &made["policy"]), (&json!(300), &json!("")));
    let made = workspace.attributes(FIFO).unwrap();
    assert_eq!((&made["deduplication_scope"], &made["fifo_throughput_limit"]), (&json!("queue"), &json!("perQueue")));

    // One after the other, and the service has it.
    let mut last = "name = \"q\"".to_owned();
    for (argument, attribute, value) in [
        ("delay_seconds = 5", "DelaySeconds", "5"),
        ("max_message_size = 2048", "MaximumMessageSize", "2048"),
        ("message_retention_seconds = 60", "MessageRetentionPeriod", "60"),
        ("receive_wait_time_seconds = 20", "ReceiveMessageWaitTimeSeconds", "20"),
        ("visibility_timeout_seconds = 0", "VisibilityTimeout", "0"),
        ("sqs_managed_sse_enabled = false", "SqsManagedSseEnabled", "false"),
    ] {
        let more = format!("{last}\n  {argument}");
        change(&workspace, &last, &more, &[(QUEUE, UPDATE)]);
        assert_eq!(queue(&emulator, &url)[attribute], value);
        last = more;
    }
    change(&workspace, "sqs_managed_sse_enabled = false", "kms_master_key_id = \"alias/k\"", &[(QUEUE, UPDATE)]);
    change(&workspace, "\"alias/k\"", "\"alias/k\"\n  kms_data_key_reuse_period_seconds = 600", &[(QUEUE, UPDATE)]);
    let held = queue(&emulator, &url);
    assert_eq!((&held["KmsMasterKeyId"], &held["KmsDataKeyReusePeriodSeconds"]), (&json!("alias/k"), &json!("600")));
    assert_eq!(held["SqsManagedSseEnabled"], "false");
    // Without a key the period means nothing, whatever it is.
    change(&workspace, "kms_master_key_id = \"alias/k\"", "", &[(QUEUE, UPDATE)]);
    change(&workspace, "period_seconds = 600", "period_seconds = 700", &[]);
    change(&workspace, "kms_data_key_reuse_period_seconds = 700", "sqs_managed_sse_enabled = true", &[(QUEUE, UPDATE)]);
    assert_eq!(queue(&emulator, &url)["SqsManagedSseEnabled"], "true");
    change(&workspace, "team = \"mill\"", "team = \"race\", more = \"yes\"", &[(QUEUE, UPDATE)]);
    let tags = sqs(&emulator, "ListQueueTags", &json!({"QueueUrl": url}));
    assert_eq!(tags["Tags"], json!({"team": "race", "more": "yes"}));

    let allow = "name = \"dead\"\n  redrive_allow_policy = jsonencode({ redrivePermission = \"byQueue\", sourceQueueArns = [aws_sqs_queue.q.arn] })";
    change(&workspace, "name = \"dead\"", allow, &[("aws_sqs_queue.dead", UPDATE)]);
    // A cycle, so by name.
    let redrive = "delay_seconds = 5\n  redrive_policy = jsonencode({ deadLetterTargetArn = \"arn:aws:sqs:us-east-1:000000000000:dead\", maxReceiveCount = 4 })";
    change(&workspace, "delay_seconds = 5", redrive, &[(QUEUE, UPDATE)]);
    change(&workspace, "maxReceiveCount = 4", "maxReceiveCount = 5", &[(QUEUE, UPDATE)]);
    assert!(queue(&emulator, &url)["RedrivePolicy"].as_str().unwrap().contains("5"));
    let policy = "delay_seconds = 5\n  policy = jsonencode({ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Principal = \"*\", Action = [\"sqs:SendMessage\"], Resource = \"*\" }] })";
    change(&workspace, "delay_seconds = 5", policy, &[(QUEUE, UPDATE)]);
    change(&workspace, "[\"sqs:SendMessage\"]", "\"sqs:SendMessage\"", &[]);
    // The same by another hand, then another.
    let held = queue(&emulator, &url)["Policy"].as_str().unwrap().replace("\"*\"", "{\"AWS\":\"*\"}");
    let held = held.replacen("\"Resource\":{\"AWS\":\"*\"}", "\"Resource\":[\"*\"]", 1);
    let set = |name: &str, value: &str| {
        sqs(&emulator, "SetQueueAttributes", &json!({"QueueUrl": url, "Attributes": {name: value}}));
    };
    set("Policy", &held);
    workspace.must_be_settled().unwrap();
    for (name, value) in [("Policy", ""), ("DelaySeconds", "7"), ("RedrivePolicy", "")] {
        set(name, value);
        assert_eq!(workspace.plan().unwrap(), [(QUEUE.to_owned(), vec!["update".to_owned()])], "{name}");
        workspace.apply().unwrap();
        workspace.must_be_settled().unwrap();
    }

    change(
        &workspace,
        "name       = \"f.fifo\"",
        "name = \"f.fifo\"\n  content_based_deduplication = true",
        &[(FIFO, UPDATE)],
    );
    let grouped =
        "fifo_queue = true\n  deduplication_scope = \"messageGroup\"\n  fifo_throughput_limit = \"perMessageGroupId\"";
    change(&workspace, "fifo_queue = true", grouped, &[(FIFO, UPDATE)]);
    change(&workspace, "content_based_deduplication = true", "timeouts {\n    create = \"1m\"\n  }", &[(FIFO, UPDATE)]);
    let held = queue(&emulator, &text(&workspace, FIFO, "url"));
    assert_eq!(
        (&held["ContentBasedDeduplication"], &held["DeduplicationScope"]),
        (&json!("false"), &json!("messageGroup"))
    );

    import(&workspace, QUEUE, &url);
    import(&workspace, QUEUE, &format!("{url}@us-east-1"));
    import(&workspace, "aws_sqs_queue.dead", &text(&workspace, "aws_sqs_queue.dead", "id"));

    sqs(&emulator, "DeleteQueue", &json!({"QueueUrl": url}));
    // The other queue's policy names this one, whose ARN is known when it is there again.
    let planned = [("aws_sqs_queue.dead", "update"), (QUEUE, "create")];
    let planned = planned.map(|(address, action)| (address.to_owned(), vec![action.to_owned()]));
    assert_eq!(workspace.plan().unwrap(), planned);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
    assert_eq!(sqs(&emulator, "ListQueues", &json!({})), json!({}));
}

#[test]
fn another_name_or_kind_is_another_queue() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("names", Source::Override, emulator.endpoint());
    workspace.write("main.tf", "resource \"aws_sqs_queue\" \"q\" {\n  name = \"q\"\n}\n").unwrap();
    workspace.apply().unwrap();
    change(&workspace, "\"q\"\n}", "\"r\"\n}", &[(QUEUE, REPLACE)]);
    change(&workspace, "name = \"r\"", "name_prefix = \"made-\"", &[(QUEUE, REPLACE)]);
    let name = text(&workspace, QUEUE, "name");
    assert!(name.starts_with("made-2") && !name.ends_with(".fifo"), "{name}");
    import(&workspace, QUEUE, &text(&workspace, QUEUE, "url"));
    change(&workspace, "\"made-\"", "\"made-\"\n  fifo_queue = true", &[(QUEUE, REPLACE)]);
    let name = text(&workspace, QUEUE, "name");
    assert!(name.starts_with("made-2") && name.ends_with(".fifo"), "{name}");
    import(&workspace, QUEUE, &text(&workspace, QUEUE, "url"));
    change(&workspace, "name_prefix = \"made-\"\n  fifo_queue = true", "", &[(QUEUE, REPLACE)]);
    let named = workspace.attributes(QUEUE).unwrap();
    assert_eq!(named["name_prefix"], "terraform-");
    change(&workspace, "\"q\" {", "\"q\" {\n  name = \"far\"\n  region = \"eu-west-1\"", &[(QUEUE, REPLACE)]);
    assert_eq!(text(&workspace, QUEUE, "arn"), "arn:aws:sqs:eu-west-1:000000000000:far");
    import(&workspace, QUEUE, &format!("{}@eu-west-1", text(&workspace, QUEUE, "url")));
    // Modules write nothing as empty text.
    change(
        &workspace,
        "\"far\"",
        "\"far\"\n  policy = \"\"\n  redrive_policy = \"\"\n  kms_master_key_id = \"\"",
        &[(QUEUE, UPDATE)],
    );
    workspace.destroy().unwrap();
    assert_eq!(sqs(&emulator, "ListQueues", &json!({})), json!({}));
}

#[test]
fn what_a_queue_cannot_be_is_named() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("wrong", Source::Override, emulator.endpoint());
    let queue = |arguments: &str| format!("resource \"aws_sqs_queue\" \"q\" {{\n{arguments}\n}}\n");
    for (arguments, expected) in [
        ("name = \"a b\"", ["name", "invalid queue name: a b"]),
        ("name = \"q\"\nfifo_queue = true", ["name", "invalid queue name: q"]),
        ("name = \"q.fifo\"", ["name", "invalid queue name: q.fifo"]),
        ("name = \"q\"\nname_prefix = \"q\"", ["name_prefix", "conflicts with"]),
        (
            "content_based_deduplication = true",
            ["content_based_deduplication", "content-based deduplication can only be set for FIFO queue"],
        ),
        ("delay_seconds = 901", ["delay_seconds", "(0 - 900)"]),
        ("max_message_size = 1023", ["max_message_size", "(1024 - 1048576)"]),
        ("message_retention_seconds = 59", ["message_retention_seconds", "(60 - 1209600)"]),
        ("receive_wait_time_seconds = 21", ["receive_wait_time_seconds", "(0 - 20)"]),
        ("visibility_timeout_seconds = 43201", ["visibility_timeout_seconds", "(0 - 43200)"]),
        ("kms_data_key_reuse_period_seconds = 59", ["kms_data_key_reuse_period_seconds", "(60 - 86400)"]),
        ("kms_master_key_id = \"k\"\nsqs_managed_sse_enabled = true", ["sqs_managed_sse_enabled", "conflicts with"]),
        ("deduplication_scope = \"all\"", ["deduplication_scope", "messageGroup"]),
        ("fifo_throughput_limit = \"all\"", ["fifo_throughput_limit", "perMessageGroupId"]),
        ("policy = \"no\"", ["policy", "contains an invalid JSON"]),
        ("redrive_policy = \"no\"", ["redrive_policy", "contains an invalid JSON"]),
        ("redrive_allow_policy = \"no\"", ["redrive_allow_policy", "contains an invalid JSON"]),
        ("id = \"q\"", ["id", "Invalid or unknown key"]),
        ("timeouts {\ncreate = \"soon\"\n}", ["create", "duration"]),
    ] {
        let [attribute, words] = expected;
        refused(&workspace, "plan", &queue(arguments), &[&format!(": {attribute} ="), words]);
    }
    let redrive = "name = \"q\"\nredrive_policy = jsonencode({ deadLetterTargetArn = \"arn:aws:sqs:us-east-1:000000000000:nobody\", maxReceiveCount = 1 })";
    let expected =
        ["creating SQS Queue (q)", "operation error SQS: CreateQueue", "InvalidParameterValue", ": redrive_policy ="];
    refused(&workspace, "apply", &queue(redrive), &expected);
    let scope = "name = \"q\"\ndeduplication_scope = \"queue\"";
    refused(&workspace, "apply", &queue(scope), &["InvalidAttributeName", "Unknown Attribute DeduplicationScope."]);
    sqs(&emulator, "CreateQueue", &json!({"QueueName": "there", "Attributes": {"DelaySeconds": "1"}}));
    refused(&workspace, "apply", &queue("name = \"there\""), &["QueueAlreadyExists", "DelaySeconds"]);
    assert!(workspace.must(&["state", "list"]).unwrap().is_empty());
    workspace.write("main.tf", queue("name = \"there\"")).unwrap();
    let said = workspace.must_fail(&["import", "-no-color", QUEUE, "there"]).unwrap();
    assert!(said.contains("SQS Queue URL (there) is in the incorrect format"), "{said}");
}
