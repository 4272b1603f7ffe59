//! Topics and subscriptions through the life that Terraform gives them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use acceptance::{Emulator, Source, request};
use serde_json::{Value, json};

use crate::stage::{Stage, client, run};
use crate::steps::{REPLACE, UPDATE, change, import};
use crate::terraform_queues::{refused, text};

const TOPIC: &str = "aws_sns_topic.t";
const SUBSCRIPTION: &str = "aws_sns_topic_subscription.s";

const TOPIC_TF: &str = r#"
resource "aws_sns_topic" "t" {
  name = "t"
  tags = { team = "mill" }
}

resource "aws_sns_topic" "f" {
  name       = "f.fifo"
  fifo_topic = true
}
"#;

const SUBSCRIPTION_TF: &str = r#"
resource "aws_sqs_queue" "q" {
  name = "q"
}

resource "aws_sqs_queue" "dead" {
  name = "dead"
}

resource "aws_sns_topic" "t" {
  name = "t"
}

resource "aws_sns_topic" "u" {
  name = "u"
}

resource "aws_sns_topic_subscription" "s" {
  topic_arn = aws_sns_topic.t.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.q.arn
}
"#;

const NOWHERE_TOPIC_TF: &str = r#"
resource "aws_sns_topic" "t" {
  name = "t"
}
"#;

const NOWHERE_TF: &str = r#"
resource "aws_sns_topic" "t" {
  name = "t"
}

resource "aws_sns_topic_subscription" "firehose" {
  topic_arn             = aws_sns_topic.t.arn
  protocol              = "firehose"
  endpoint              = "arn:aws:firehose:us-east-1:000000000000:deliverystream/d"
  subscription_role_arn = "arn:aws:iam::000000000000:role/r"
}

resource "aws_sns_topic_subscription" "sms" {
  topic_arn = aws_sns_topic.t.arn
  protocol  = "sms"
  endpoint  = "+15551234567"
}

resource "aws_sns_topic_subscription" "application" {
  topic_arn = aws_sns_topic.t.arn
  protocol  = "application"
  endpoint  = "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/app/1"
}
"#;

const ARCHIVE_TF: &str = r#"
resource "aws_sqs_queue" "q" {
  name       = "q.fifo"
  fifo_queue = true
}

resource "aws_sns_topic" "f" {
  name       = "f.fifo"
  fifo_topic = true
  archive_policy = jsonencode({ MessageRetentionPeriod = "30" })
}

resource "aws_sns_topic_subscription" "s" {
  topic_arn = aws_sns_topic.f.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.q.arn
  replay_policy = jsonencode({ PointType = "Timestamp", StartingPoint = "2026-01-01T00:00:00.000Z" })
}
"#;

/// Calls an SNS action with the AWS CLI, as the query protocol is not made for the hand.
fn sns(emulator: &Emulator, home: &Path, arguments: &[&str]) -> Value {
    let said = run(client("aws", emulator, home).arg("sns").args(arguments));
    serde_json::from_str(&said).unwrap_or_default()
}

/// What is set of a topic or a subscription.
fn shown(emulator: &Emulator, home: &Path, arn: &str) -> Value {
    let arguments = match arn.matches(':').count() {
        5 => ["get-topic-attributes", "--topic-arn", arn],
        _ => ["get-subscription-attributes", "--subscription-arn", arn],
    };
    sns(emulator, home, &arguments)["Attributes"].clone()
}

#[test]
fn a_topic_lives_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("topics", Source::Override, emulator.endpoint());
    workspace.write("main.tf", TOPIC_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let arn = "arn:aws:sns:us-east-1:000000000000:t";
    let made = workspace.attributes(TOPIC).unwrap();
    assert_eq!((&made["arn"], &made["id"], &made["owner"]), (&json!(arn), &json!(arn), &json!("000000000000")));
    assert!(made["policy"].as_str().unwrap().contains("SNS:Publish"), "{made}");
    assert_eq!((&made["name_prefix"], &made["beginning_archive_time"]), (&json!(""), &json!("")));

    let role = "\"arn:aws:iam::000000000000:role/r\"";
    let mut last = "name = \"t\"".to_owned();
    let simple = [
        ("display_name", "\"mine\"", "DisplayName"),
        ("kms_master_key_id", "\"alias/k\"", "KmsMasterKeyId"),
        ("signature_version", "2", "SignatureVersion"),
        ("tracing_config", "\"Active\"", "TracingConfig"),
    ];
    let feedback = [
        ("application", "Application"),
        ("firehose", "Firehose"),
        ("http", "HTTP"),
        ("lambda", "Lambda"),
        ("sqs", "SQS"),
    ];
    let feedback = feedback.iter().flat_map(|(ours, theirs)| {
        [
            (format!("{ours}_failure_feedback_role_arn"), role, format!("{theirs}FailureFeedbackRoleArn")),
            (format!("{ours}_success_feedback_role_arn"), role, format!("{theirs}SuccessFeedbackRoleArn")),
            (format!("{ours}_success_feedback_sample_rate"), "50", format!("{theirs}SuccessFeedbackSampleRate")),
        ]
    });
    let owned = simple.map(|(ours, value, theirs)| (ours.to_owned(), value, theirs.to_owned()));
    for (argument, value, attribute) in owned.into_iter().chain(feedback) {
        let more = format!("{last}\n  {argument} = {value}");
        change(&workspace, &last, &more, &[(TOPIC, UPDATE)]);
        assert_eq!(shown(&emulator, stage.path(), arn)[&attribute], value.trim_matches('"'));
        last = more;
    }
    change(&workspace, "team = \"mill\"", "team = \"race\", more = \"yes\"", &[(TOPIC, UPDATE)]);
    let delivery =
        "name = \"t\"\n  delivery_policy = jsonencode({ http = { defaultHealthyRetryPolicy = { numRetries = 1 } } })";
    change(&workspace, "name = \"t\"", delivery, &[(TOPIC, UPDATE)]);
    change(&workspace, "numRetries = 1", "numRetries = 2", &[(TOPIC, UPDATE)]);
    let policy = "name = \"t\"\n  policy = jsonencode({ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Principal = \"*\", Action = [\"sns:Publish\"], Resource = \"*\" }] })";
    change(&workspace, "name = \"t\"", policy, &[(TOPIC, UPDATE)]);
    change(&workspace, "[\"sns:Publish\"]", "\"sns:Publish\"", &[]);
    let set = |name: &str, value: &str| {
        let arguments =
            ["set-topic-attributes", "--topic-arn", arn, "--attribute-name", name, "--attribute-value", value];
        sns(&emulator, stage.path(), &arguments);
    };
    set("DisplayName", "theirs");
    assert_eq!(workspace.plan().unwrap(), [(TOPIC.to_owned(), vec!["update".to_owned()])]);
    workspace.apply().unwrap();
    import(&workspace, TOPIC, arn);
    import(&workspace, TOPIC, &format!("{arn}@us-east-1"));
    // All of it unset again.
    workspace.write("main.tf", TOPIC_TF).unwrap();
    assert_eq!(workspace.plan().unwrap(), [(TOPIC.to_owned(), vec!["update".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let held = shown(&emulator, stage.path(), arn);
    assert_eq!((&held["DisplayName"], held.get("KmsMasterKeyId")), (&json!(""), None));

    let fifo = "aws_sns_topic.f";
    change(
        &workspace,
        "fifo_topic = true",
        "fifo_topic = true\n  content_based_deduplication = true",
        &[(fifo, UPDATE)],
    );
    change(
        &workspace,
        "deduplication = true",
        "deduplication = true\n  fifo_throughput_scope = \"MessageGroup\"",
        &[(fifo, UPDATE)],
    );
    import(&workspace, fifo, "arn:aws:sns:us-east-1:000000000000:f.fifo");

    sns(&emulator, stage.path(), &["delete-topic", "--topic-arn", arn]);
    assert_eq!(workspace.plan().unwrap(), [(TOPIC.to_owned(), vec!["create".to_owned()])]);
    workspace.apply().unwrap();
    change(&workspace, "name = \"t\"", "name_prefix = \"made-\"", &[(TOPIC, REPLACE)]);
    assert!(text(&workspace, TOPIC, "name").starts_with("made-2"));
    import(&workspace, TOPIC, &text(&workspace, TOPIC, "arn"));
    change(
        &workspace,
        "\"made-\"",
        "\"made-\"\n  fifo_topic = true\n  fifo_throughput_scope = \"Topic\"",
        &[(TOPIC, REPLACE)],
    );
    assert!(text(&workspace, TOPIC, "name").ends_with(".fifo"));
    change(
        &workspace,
        "name_prefix = \"made-\"\n  fifo_topic = true\n  fifo_throughput_scope = \"Topic\"",
        "region = \"eu-west-1\"",
        &[(TOPIC, REPLACE)],
    );
    assert!(text(&workspace, TOPIC, "arn").starts_with("arn:aws:sns:eu-west-1:000000000000:terraform-2"));
    workspace.destroy().unwrap();
    assert_eq!(sns(&emulator, stage.path(), &["list-topics"])["Topics"], json!([]));
}

#[test]
fn what_a_topic_or_a_subscription_cannot_be_is_named() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("wrong", Source::Override, emulator.endpoint());
    let topic = |arguments: &str| format!("resource \"aws_sns_topic\" \"t\" {{\n{arguments}\n}}\n");
    for (arguments, expected) in [
        ("name = \"a b\"", ["name", "invalid topic name: a b"]),
        ("name = \"t\"\nfifo_topic = true", ["name", "invalid topic name: t"]),
        ("name = \"t.fifo\"", ["name", "invalid topic name: t.fifo"]),
        ("name = \"t\"\nname_prefix = \"t\"", ["name_prefix", "conflicts with"]),
        (
            "content_based_deduplication = true",
            ["content_based_deduplication", "content-based deduplication can only be set for FIFO topics"],
        ),
        (
            "fifo_throughput_scope = \"Topic\"",
            ["fifo_throughput_scope", "FIFO throughput scope can only be set for FIFO topics"],
        ),
        ("archive_policy = \"{}\"", ["archive_policy", "message archive policy can only be set for FIFO topics"]),
        ("signature_version = 3", ["signature_version", "(1 - 2)"]),
        ("tracing_config = \"Passive\"", ["tracing_config", "PassThrough"]),
        ("sqs_success_feedback_sample_rate = 101", ["sqs_success_feedback_sample_rate", "(0 - 100)"]),
        ("http_failure_feedback_role_arn = \"r\"", ["http_failure_feedback_role_arn", "ARN"]),
        ("policy = \"no\"", ["policy", "contains an invalid JSON"]),
        ("delivery_policy = \"no\"", ["delivery_policy", "contains an invalid JSON"]),
        ("id = \"t\"", ["id", "Invalid or unknown key"]),
    ] {
        let [attribute, words] = expected;
        refused(&workspace, "plan", &topic(arguments), &[&format!(": {attribute} ="), words]);
    }
    let delivery =
        "name = \"t\"\ndelivery_policy = jsonencode({ http = { defaultHealthyRetryPolicy = { numRetries = 101 } } })";
    let expected = [
        "setting SNS Topic",
        "attribute (DeliveryPolicy)",
        "operation error SNS: SetTopicAttributes",
        ": delivery_policy =",
    ];
    refused(&workspace, "apply", &topic(delivery), &expected);
    workspace.destroy().unwrap();

    let subscription = |arguments: &str| {
        let usual = "topic_arn = \"arn:aws:sns:us-east-1:000000000000:t\"\nprotocol = \"sqs\"\nendpoint = \"arn:aws:sqs:us-east-1:000000000000:q\"";
        let given = arguments.split('\n').filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
        let given: Vec<_> = given.collect();
        let usual: Vec<_> = usual.lines().filter(|line| !given.iter().any(|name| line.starts_with(name))).collect();
        format!("resource \"aws_sns_topic_subscription\" \"s\" {{\n{}\n{arguments}\n}}\n", usual.join("\n"))
    };
    for (arguments, expected) in [
        ("protocol = \"fax\"", ["protocol", "firehose"]),
        ("topic_arn = \"t\"", ["topic_arn", "ARN"]),
        (
            "filter_policy_scope = \"MessageBody\"",
            ["filter_policy_scope", "filter_policy is required when filter_policy_scope is set"],
        ),
        ("filter_policy = \"{}\"\nfilter_policy_scope = \"Message\"", ["filter_policy_scope", "MessageAttributes"]),
        ("filter_policy = \"no\"", ["filter_policy", "contains an invalid JSON"]),
        ("redrive_policy = \"no\"", ["redrive_policy", "contains an invalid JSON"]),
        ("delivery_policy = \"no\"", ["delivery_policy", "contains an invalid JSON"]),
        ("replay_policy = \"no\"", ["replay_policy", "contains an invalid JSON"]),
        ("subscription_role_arn = \"r\"", ["subscription_role_arn", "ARN"]),
        ("id = \"s\"", ["id", "Invalid or unknown key"]),
    ] {
        let [attribute, words] = expected;
        refused(&workspace, "plan", &subscription(arguments), &[&format!(": {attribute} ="), words]);
    }
    let expected = ["creating SNS Topic Subscription", "NotFound: Topic does not exist", ": topic_arn ="];
    refused(&workspace, "apply", &subscription(""), &expected);
    sns(&emulator, stage.path(), &["create-topic", "--name", "t"]);
    refused(&workspace, "apply", &subscription("endpoint = \"q\""), &["SQS endpoint ARN", ": endpoint ="]);
}

#[test]
fn a_subscription_lives_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("subscriptions", Source::Override, emulator.endpoint());
    workspace.write("main.tf", SUBSCRIPTION_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let arn = text(&workspace, SUBSCRIPTION, "arn");
    let made = workspace.attributes(SUBSCRIPTION).unwrap();
    assert!(arn.starts_with("arn:aws:sns:us-east-1:000000000000:t:"), "{arn}");
    assert_eq!((&made["id"], &made["owner_id"]), (&json!(arn), &json!("000000000000")));
    assert_eq!((&made["pending_confirmation"], &made["confirmation_was_authenticated"]), (&json!(false), &json!(true)));
    assert_eq!(made["filter_policy_scope"], "");

    let base = "endpoint  = aws_sqs_queue.q.arn";
    let with = |more: &str| format!("{base}\n  {more}");
    let held = |name: &str| shown(&emulator, stage.path(), &arn)[name].clone();
    change(&workspace, base, &with("raw_message_delivery = true"), &[(SUBSCRIPTION, UPDATE)]);
    assert_eq!(held("RawMessageDelivery"), "true");
    change(
        &workspace,
        "raw_message_delivery = true",
        "filter_policy = jsonencode({ a = [\"x\"] })",
        &[(SUBSCRIPTION, UPDATE)],
    );
    assert_eq!((held("RawMessageDelivery"), held("FilterPolicy")), (json!("false"), json!("{\"a\":[\"x\"]}")));
    assert_eq!(workspace.attributes(SUBSCRIPTION).unwrap()["filter_policy_scope"], "MessageAttributes");
    // A policy that nests, for bodies, and back.
    let nested = "filter_policy = jsonencode({ a = { b = [\"x\"] } })\n  filter_policy_scope = \"MessageBody\"";
    change(&workspace, "filter_policy = jsonencode({ a = [\"x\"] })", nested, &[(SUBSCRIPTION, UPDATE)]);
    assert_eq!(held("FilterPolicyScope"), "MessageBody");
    change(&workspace, nested, "filter_policy = \"{ \\\"a\\\": [\\\"x\\\"] }\"", &[(SUBSCRIPTION, UPDATE)]);
    assert_eq!(held("FilterPolicyScope"), "MessageAttributes");
    change(&workspace, "\"{ \\\"a\\\": [\\\"x\\\"] }\"", "jsonencode({ a = [\"x\"] })", &[]);
    let redrive = "redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn })";
    change(&workspace, "filter_policy = jsonencode({ a = [\"x\"] })", redrive, &[(SUBSCRIPTION, UPDATE)]);
    assert_eq!((held("FilterPolicy"), held("RedrivePolicy").is_string()), (Value::Null, true));
    change(
        &workspace,
        redrive,
        "confirmation_timeout_in_minutes = 2\n  endpoint_auto_confirms = true",
        &[(SUBSCRIPTION, UPDATE)],
    );
    assert_eq!(held("RedrivePolicy"), Value::Null);
    change(
        &workspace,
        "confirmation_timeout_in_minutes = 2\n  endpoint_auto_confirms = true",
        "",
        &[(SUBSCRIPTION, UPDATE)],
    );
    import(&workspace, SUBSCRIPTION, &arn);
    import(&workspace, SUBSCRIPTION, &format!("{arn}@us-east-1"));
    let set = ["set-subscription-attributes", "--subscription-arn", &arn, "--attribute-name", "RawMessageDelivery"];
    sns(&emulator, stage.path(), &[&set[..], &["--attribute-value", "true"]].concat());
    assert_eq!(workspace.plan().unwrap(), [(SUBSCRIPTION.to_owned(), vec!["update".to_owned()])]);
    workspace.apply().unwrap();

    sns(&emulator, stage.path(), &["unsubscribe", "--subscription-arn", &arn]);
    assert_eq!(workspace.plan().unwrap(), [(SUBSCRIPTION.to_owned(), vec!["create".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    change(&workspace, "aws_sns_topic.t.arn", "aws_sns_topic.u.arn", &[(SUBSCRIPTION, REPLACE)]);
    change(&workspace, base, "endpoint = aws_sqs_queue.dead.arn", &[(SUBSCRIPTION, REPLACE)]);
    // A function need not be there to be subscribed, and whoever is asked need not agree.
    let mut last = "\"sqs\"\n  endpoint = aws_sqs_queue.dead.arn";
    for next in [
        "\"lambda\"\n  endpoint = \"arn:aws:lambda:us-east-1:000000000000:function:f\"",
        "\"email\"\n  endpoint = \"a@b.example\"",
        "\"http\"\n  endpoint = \"http://127.0.0.1:9/\"",
    ] {
        change(&workspace, last, next, &[(SUBSCRIPTION, REPLACE)]);
        let is_pending = workspace.attributes(SUBSCRIPTION).unwrap()["pending_confirmation"].clone();
        assert_eq!(is_pending, !next.starts_with("\"lambda\""), "{next}");
        last = next;
    }
    let delivery = "endpoint = \"http://127.0.0.1:9/\"\n  delivery_policy = jsonencode({ healthyRetryPolicy = { numRetries = 1, numNoDelayRetries = 0 } })";
    change(&workspace, "endpoint = \"http://127.0.0.1:9/\"", delivery, &[(SUBSCRIPTION, UPDATE)]);
    change(&workspace, ", numNoDelayRetries = 0", "", &[]);
    // What nobody agreed to cannot be ended: it is forgotten, and goes with its topic.
    workspace.destroy().unwrap();
    assert_eq!(sns(&emulator, stage.path(), &["list-subscriptions"])["Subscriptions"], json!([]));
}

#[test]
fn what_leads_nowhere_is_kept() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("nowhere", Source::Override, emulator.endpoint());
    workspace.write("main.tf", NOWHERE_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let (firehose, sms) = ("aws_sns_topic_subscription.firehose", "aws_sns_topic_subscription.sms");
    let application = "aws_sns_topic_subscription.application";
    for address in [firehose, sms, application] {
        let made = workspace.attributes(address).unwrap();
        assert_eq!(made["pending_confirmation"], false, "{address}");
        import(&workspace, address, made["arn"].as_str().unwrap());
    }
    let role = "arn:aws:iam::000000000000:role/r";
    assert_eq!(workspace.attributes(firehose).unwrap()["subscription_role_arn"], role);
    let topic = "arn:aws:sns:us-east-1:000000000000:t";
    let published = sns(&emulator, stage.path(), &["publish", "--topic-arn", topic, "--message", "m"]);
    assert!(published["MessageId"].is_string(), "{published}");
    change(&workspace, "role/r", "role/s", &[(firehose, UPDATE)]);
    let arn = text(&workspace, firehose, "arn");
    assert_eq!(shown(&emulator, stage.path(), &arn)["SubscriptionRoleArn"], "arn:aws:iam::000000000000:role/s");
    change(&workspace, "role/s\"", "role/s\"\n  raw_message_delivery = true", &[(firehose, UPDATE)]);
    change(&workspace, "deliverystream/d", "deliverystream/e", &[(firehose, REPLACE)]);
    change(&workspace, "+15551234567", "+15551234568", &[(sms, REPLACE)]);
    change(
        &workspace,
        "+15551234568\"",
        "+15551234568\"\n  filter_policy = \"{\\\"a\\\": [\\\"x\\\"]}\"",
        &[(sms, UPDATE)],
    );
    change(&workspace, "GCM/app/1", "GCM/app/2", &[(application, REPLACE)]);
    workspace.destroy().unwrap();
    assert_eq!(sns(&emulator, stage.path(), &["list-subscriptions"])["Subscriptions"], json!([]));

    let subscription = |arguments: &str| {
        format!(
            "{NOWHERE_TOPIC_TF}resource \"aws_sns_topic_subscription\" \"s\" {{\ntopic_arn = aws_sns_topic.t.arn\n{arguments}\n}}\n"
        )
    };
    let firehose = "protocol = \"firehose\"\nendpoint = \"arn:aws:firehose:us-east-1:000000000000:deliverystream/d\"";
    for (arguments, expected) in [
        (firehose, &["Delivery protocol [firehose] requires the ARN of a role."][..]),
        ("protocol = \"sms\"\nendpoint = \"nobody\"", &[": endpoint =", "Invalid SMS endpoint: nobody"]),
        ("protocol = \"application\"\nendpoint = \"a\"", &[": endpoint =", "Application endpoint arn invalid:a"]),
    ] {
        refused(&workspace, "apply", &subscription(arguments), expected);
    }
}

#[test]
fn an_archive_is_kept_on_paper() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("archive", Source::Override, emulator.endpoint());
    workspace.write("main.tf", ARCHIVE_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let topic = "aws_sns_topic.f";
    let arn = "arn:aws:sns:us-east-1:000000000000:f.fifo";
    let began = text(&workspace, topic, "beginning_archive_time");
    assert!(began.ends_with('Z'), "{began}");
    import(&workspace, topic, arn);
    let subscription = text(&workspace, SUBSCRIPTION, "arn");
    import(&workspace, SUBSCRIPTION, &subscription);
    assert_eq!(shown(&emulator, stage.path(), &subscription)["ReplayStatus"], "Failed");
    change(&workspace, "MessageRetentionPeriod = \"30\"", "MessageRetentionPeriod = \"45\"", &[(topic, UPDATE)]);
    assert!(shown(&emulator, stage.path(), arn)["ArchivePolicy"].as_str().unwrap().contains("45"));
    assert_eq!(text(&workspace, topic, "beginning_archive_time"), began);
    change(
        &workspace,
        "jsonencode({ MessageRetentionPeriod = \"45\" })",
        "\"{ \\\"MessageRetentionPeriod\\\": \\\"45\\\" }\"",
        &[],
    );
    change(&workspace, "2026-01-01", "2026-02-01", &[(SUBSCRIPTION, UPDATE)]);
    let replay =
        "\n  replay_policy = jsonencode({ PointType = \"Timestamp\", StartingPoint = \"2026-02-01T00:00:00.000Z\" })";
    change(&workspace, replay, "", &[(SUBSCRIPTION, UPDATE)]);
    assert_eq!(shown(&emulator, stage.path(), &subscription).get("ReplayPolicy"), None);

    // Whoever keeps messages has to give them up before the topic goes.
    let destroy: &[&str] = &["destroy", "-auto-approve", "-no-color", "-input=false"];
    let said = workspace.must_fail(destroy).unwrap();
    assert!(said.contains("InvalidState: Invalid state: Cannot delete a topic with an ArchivePolicy"), "{said}");
    let with_archive = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
    let archive = "\n  archive_policy = \"{ \\\"MessageRetentionPeriod\\\": \\\"45\\\" }\"";
    workspace.write("main.tf", with_archive.replacen(archive, "\n  archive_policy = jsonencode({})", 1)).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let made = workspace.attributes(topic).unwrap();
    assert_eq!(made["beginning_archive_time"], "");
    change(&workspace, "\n  archive_policy = jsonencode({})", "", &[(topic, UPDATE)]);
    workspace.write("main.tf", with_archive).unwrap();
    workspace.apply().unwrap();
    change(&workspace, archive, "", &[(topic, UPDATE)]);
    assert_eq!(shown(&emulator, stage.path(), arn).get("ArchivePolicy"), None);
    change(&workspace, "fifo_topic = true", "fifo_topic = true\n  archive_policy = \"{}\"", &[(topic, UPDATE)]);
    workspace.destroy().unwrap();
}

/// Answers one message of SNS as an endpoint that agrees to what it is asked.
fn agree(listener: &TcpListener) {
    let (mut stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let link = asked["SubscribeURL"].as_str().unwrap();
    let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let port = host.rsplit_once(':').unwrap().1;
    let answer = request(&format!("127.0.0.1:{port}"), "GET", &format!("/{path}"), &[("host", host)], "").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn an_endpoint_that_agrees_is_waited_for() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("agrees", Source::Override, emulator.endpoint());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let configuration = format!(
        "resource \"aws_sns_topic\" \"t\" {{\n}}\nresource \"aws_sns_topic_subscription\" \"s\" {{\n  topic_arn = \
         aws_sns_topic.t.arn\n  protocol = \"http\"\n  endpoint = {url:?}\n  endpoint_auto_confirms = true\n}}\n"
    );
    workspace.write("main.tf", configuration).unwrap();
    let endpoint = std::thread::spawn(move || agree(&listener));
    workspace.apply().unwrap();
    endpoint.join().unwrap();
    assert_eq!(workspace.attributes(SUBSCRIPTION).unwrap()["pending_confirmation"], false);
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
}

#[test]
fn each_service_has_an_endpoint_of_its_own() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let mut workspace = stage.workspace("endpoints", Source::Override, emulator.endpoint());
    workspace.unset("AWS_ENDPOINT_URL");
    workspace.set("AWS_ENDPOINT_URL_SQS", emulator.endpoint());
    let block = format!("provider \"aws\" {{\n  endpoints {{\n    sns = {:?}\n  }}\n}}\n", emulator.endpoint());
    workspace.write("main.tf", format!("{block}{SUBSCRIPTION_TF}")).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
}
