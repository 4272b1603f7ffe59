//! The quickstart as its users write it, through the whole life of its resources.

use acceptance::{Emulator, Source, Workspace, zip};
use serde_json::{Value, json};

use crate::stage::{Stage, kinesis, root};

const RESOURCES: [&str; 6] = [
    "aws_kinesis_stream.demo",
    "aws_kinesis_stream_consumer.efo",
    "aws_lambda_event_source_mapping.kinesis_lambda",
    "aws_lambda_function.processor",
    "aws_iam_role.processor",
    "aws_iam_role_policy_attachment.kinesis",
];

fn main_tf() -> String {
    std::fs::read_to_string(root().join("examples/quickstart/main.tf")).unwrap()
}

/// The quickstart, applied.
fn applied(stage: &Stage, emulator: &Emulator) -> Workspace {
    let workspace = stage.workspace("quickstart", Source::Mirror, emulator.endpoint());
    workspace.write("main.tf", main_tf()).unwrap();
    let handler = std::fs::read_to_string(root().join("examples/quickstart/function/handler.py")).unwrap();
    zip(&workspace.path().join("processor.zip"), &[("handler.py", &handler)]).unwrap();
    workspace.must(&["init", "-no-color", "-input=false"]).unwrap();
    workspace.apply().unwrap();
    workspace
}

/// Changes the configuration, checks what is planned, applies, and checks that it settles.
#[track_caller]
fn change(workspace: &Workspace, from: &str, to: &str, planned: &[(&str, &[&str])]) {
    let text = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
    assert!(text.contains(from), "{from} is not in the configuration");
    workspace.write("main.tf", text.replace(from, to)).unwrap();
    let expected: Vec<(String, Vec<String>)> = planned
        .iter()
        .map(|(address, actions)| ((*address).to_owned(), actions.iter().map(|action| (*action).to_owned()).collect()))
        .collect();
    assert_eq!(workspace.plan().unwrap(), expected, "{from} -> {to}");
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
}

#[test]
fn the_resources_stand_as_their_users_write_them() {
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = squeeze(&main_tf());
    for resource in [
        r#"resource "aws_kinesis_stream" "demo" {
             name             = "demo-stream"
             shard_count      = 2
             retention_period = 48
             encryption_type  = "KMS"
             kms_key_id       = "alias/aws/kinesis"
           }"#,
        r#"resource "aws_lambda_event_source_mapping" "kinesis_lambda" {
             event_source_arn  = aws_kinesis_stream.demo.arn
             function_name     = aws_lambda_function.processor.arn
             starting_position = "LATEST"
             batch_size        = 100
             enabled           = true
           }"#,
        r#"resource "aws_kinesis_stream_consumer" "efo" {
             name       = "efo-consumer"
             stream_arn = aws_kinesis_stream.demo.arn
           }"#,
    ] {
        assert!(text.contains(&squeeze(resource)), "{resource}");
    }
}

#[test]
fn a_life_of_updates_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = applied(&stage, &emulator);
    workspace.must_be_settled().unwrap();
    let again = workspace.apply().unwrap();
    assert!(again.contains("0 added, 0 changed, 0 destroyed"), "{again}");

    let update: &[&str] = &["update"];
    let stream = "aws_kinesis_stream.demo";
    let mapping = "aws_lambda_event_source_mapping.kinesis_lambda";
    change(&workspace, "shard_count      = 2", "shard_count      = 4", &[(stream, update)]);
    change(&workspace, "retention_period = 48", "retention_period = 24", &[(stream, update)]);
    change(
        &workspace,
        "\"alias/aws/kinesis\"",
        "\"alias/aws/kinesis\"\n  tags = { team = \"mill\" }",
        &[(stream, update)],
    );
    change(&workspace, "team = \"mill\"", "team = \"race\", more = \"yes\"", &[(stream, update)]);
    change(&workspace, "batch_size        = 100", "batch_size        = 50", &[(mapping, update)]);
    change(&workspace, "enabled           = true", "enabled           = false", &[(mapping, update)]);
    change(&workspace, "enabled           = false", "enabled           = true", &[(mapping, update)]);
    let stream_arn = workspace.attributes(stream).unwrap()["arn"].clone();
    let described = kinesis(&emulator, "DescribeStreamSummary", &json!({"StreamARN": stream_arn})).unwrap();
    let described = &described["StreamDescriptionSummary"];
    assert_eq!((&described["OpenShardCount"], &described["RetentionPeriodHours"]), (&json!(4), &json!(24)));

    zip(&workspace.path().join("processor.zip"), &[("handler.py", "def handle(event, context):\n    return 'new'\n")])
        .unwrap();
    assert_eq!(workspace.plan().unwrap(), [("aws_lambda_function.processor".to_owned(), vec!["update".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();

    // What the consumer and the mapping hang on is replaced, so they are too.
    let replace: &[&str] = &["delete", "create"];
    change(
        &workspace,
        "\"demo-stream\"",
        "\"other-stream\"",
        &[(stream, replace), ("aws_kinesis_stream_consumer.efo", replace), (mapping, replace)],
    );

    workspace.destroy().unwrap();
    is_empty(&emulator);
}

fn is_empty(emulator: &Emulator) {
    let get = |path: &str| acceptance::request(emulator.address(), "GET", path, &[], "").unwrap().json().unwrap();
    assert_eq!(kinesis(emulator, "ListStreams", &json!({})).unwrap()["StreamNames"], json!([]));
    assert_eq!(get("/2015-03-31/functions")["Functions"], json!([]));
    assert_eq!(get("/2015-03-31/event-source-mappings")["EventSourceMappings"], json!([]));
    let form = "Action=ListRoles&Version=2010-05-08";
    let roles = acceptance::request(
        emulator.address(),
        "POST",
        "/",
        &[("content-type", "application/x-www-form-urlencoded")],
        form,
    );
    let roles = roles.unwrap().body;
    assert!(roles.contains("<ListRolesResult>") && !roles.contains("<RoleName>"), "{roles}");
}

#[test]
fn everything_can_be_imported() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = applied(&stage, &emulator);
    let ids: Vec<String> = RESOURCES
        .iter()
        .map(|address| {
            let attributes = workspace.attributes(address).unwrap();
            let text = |name: &str| attributes[name].as_str().unwrap_or_default().to_owned();
            match *address {
                "aws_kinesis_stream.demo" => text("name"),
                "aws_iam_role_policy_attachment.kinesis" => format!("{}/{}", text("role"), text("policy_arn")),
                _ => text("id"),
            }
        })
        .collect();
    for address in RESOURCES {
        workspace.must(&["state", "rm", address]).unwrap();
    }
    for (address, id) in RESOURCES.iter().zip(&ids) {
        workspace.must(&["import", "-no-color", "-input=false", address, id]).unwrap();
    }
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
    is_empty(&emulator);
}

#[test]
fn it_survives_a_restart_between_runs() {
    let stage = Stage::new();
    let mut emulator = stage.emulator();
    let workspace = applied(&stage, &emulator);
    let refresh = || workspace.must(&["apply", "-refresh-only", "-auto-approve", "-no-color"]).unwrap();
    // A role's policies, for one, are known only after their attachments were made.
    refresh();
    let before: Vec<Value> = RESOURCES.iter().map(|address| workspace.attributes(address).unwrap()).collect();
    emulator = emulator.kill_and_restart().unwrap();
    workspace.must_be_settled().unwrap();
    refresh();
    let after: Vec<Value> = RESOURCES.iter().map(|address| workspace.attributes(address).unwrap()).collect();
    assert_eq!(before, after);
    workspace.destroy().unwrap();
    is_empty(&emulator);
}
