//! What encrypts and protects a log group, and its class, through the life that Terraform gives them.

use acceptance::{Emulator, Source};
use serde_json::{Value, json};

use crate::stage::{Stage, call};
use crate::steps::{REPLACE, UPDATE, change, import};

const GROUP: &str = "aws_cloudwatch_log_group.g";

const KEYED_TF: &str = r#"
resource "aws_kms_key" "k" {
  deletion_window_in_days = 7
}

resource "aws_kms_key" "other" {
  deletion_window_in_days = 7
}

resource "aws_cloudwatch_log_group" "g" {
  name       = "/mill/race"
  kms_key_id = aws_kms_key.k.arn
}
"#;

/// The group as the service shows it.
fn group(emulator: &Emulator) -> Value {
    let input = json!({"logGroupNamePrefix": "/mill/race"});
    call(emulator, "Logs_20140328.DescribeLogGroups", &input).unwrap()["logGroups"][0].clone()
}

#[test]
fn a_key_comes_changes_and_goes() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("keyed", Source::Override, emulator.endpoint());
    workspace.write("main.tf", KEYED_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let key = |name: &str| workspace.attributes(&format!("aws_kms_key.{name}")).unwrap()["arn"].clone();
    assert_eq!(workspace.attributes(GROUP).unwrap()["kms_key_id"], key("k"));
    assert_eq!(group(&emulator)["kmsKeyId"], key("k"));
    import(&workspace, GROUP, "/mill/race");
    change(&workspace, "aws_kms_key.k.arn", "aws_kms_key.other.arn", &[(GROUP, UPDATE)]);
    assert_eq!(group(&emulator)["kmsKeyId"], key("other"));
    change(&workspace, "\n  kms_key_id = aws_kms_key.other.arn", "", &[(GROUP, UPDATE)]);
    assert_eq!(group(&emulator).get("kmsKeyId"), None);
    change(
        &workspace,
        "\"/mill/race\"",
        "\"/mill/race\"\n  kms_key_id = aws_kms_key.k.arn\n  deletion_protection_enabled = true",
        &[(GROUP, UPDATE)],
    );
    change(&workspace, "enabled = true", "enabled = false", &[(GROUP, UPDATE)]);
    workspace.destroy().unwrap();
    assert_eq!(group(&emulator), Value::Null);

    let alias = "arn:aws:kms:us-east-1:000000000000:alias/k";
    let wrong = format!("resource \"aws_cloudwatch_log_group\" \"g\" {{\n  kms_key_id = {alias:?}\n}}\n");
    workspace.write("main.tf", wrong).unwrap();
    let said = workspace.must_fail(&["apply", "-auto-approve", "-no-color", "-input=false"]).unwrap();
    assert!(said.contains("creating CloudWatch Logs Log Group"), "{said}");
    assert!(said.contains("InvalidParameterException: The specified KMS Key Id could not be found."), "{said}");
}

#[test]
fn a_class_that_decides_about_retention() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("class", Source::Override, emulator.endpoint());
    let class = |class: &str| {
        format!("resource \"aws_cloudwatch_log_group\" \"g\" {{\n  name = \"/mill/race\"\n  {class}\n}}\n")
    };
    workspace.write("main.tf", class("log_group_class = \"DELIVERY\"")).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let held = group(&emulator);
    assert_eq!((&held["logGroupClass"], &held["retentionInDays"]), (&json!("DELIVERY"), &json!(2)));
    assert_eq!(workspace.attributes(GROUP).unwrap()["retention_in_days"], 2);
    import(&workspace, GROUP, "/mill/race");
    change(&workspace, "\"DELIVERY\"", "\"DELIVERY\"\n  retention_in_days = 7", &[]);
    change(&workspace, "\"DELIVERY\"\n  retention_in_days = 7", "\"INFREQUENT_ACCESS\"", &[(GROUP, REPLACE)]);
    assert_eq!(group(&emulator)["logGroupClass"], "INFREQUENT_ACCESS");
    workspace.destroy().unwrap();
}
