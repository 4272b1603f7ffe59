//! Roles and policies through the life that Terraform gives them.

use acceptance::{Emulator, Source, request};

use crate::stage::Stage;
use crate::steps::{REPLACE, UPDATE, change, import};
use crate::terraform_queues::{refused, text};

const ROLE: &str = "aws_iam_role.r";
const POLICY: &str = "aws_iam_policy.p";
const INLINE: &str = "aws_iam_role_policy.i";
const ATTACHMENT: &str = "aws_iam_role_policy_attachment.a";

const ROLES_TF: &str = r#"
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role" "other" {
  name = "other"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_policy" "p" {
  name = "p"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kinesis:GetRecords", Resource = "*" }]
  })
}

resource "aws_iam_role_policy" "i" {
  name = "i"
  role = aws_iam_role.other.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kinesis:PutRecord", Resource = "*" }]
  })
}

resource "aws_iam_role_policy_attachment" "a" {
  role = aws_iam_role.other.name
  policy_arn = aws_iam_policy.p.arn
}
"#;

/// Calls an IAM action with plain HTTP.
fn iam(emulator: &Emulator, form: &str) -> String {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = request(emulator.address(), "POST", "/", &headers, &format!("{form}&Version=2010-05-08")).unwrap();
    assert_eq!(answer.status, 200, "{form}: {}", answer.body);
    answer.body
}

#[test]
fn roles_and_policies_live_in_place() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("roles", Source::Override, emulator.endpoint());
    workspace.write("main.tf", ROLES_TF).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();

    for (from, to) in [
        ("name = \"r\"", "name = \"r\"\n  description = \"Runs functions.\""),
        ("Runs functions.", "Runs them."),
        ("name = \"r\"", "name = \"r\"\n  max_session_duration = 7200"),
        ("name = \"r\"", "name = \"r\"\n  force_detach_policies = true"),
        ("name = \"r\"", "name = \"r\"\n  permissions_boundary = aws_iam_policy.p.arn"),
        ("\n  permissions_boundary = aws_iam_policy.p.arn", ""),
        ("name = \"r\"", "name = \"r\"\n  tags = { team = \"mill\" }"),
        ("team = \"mill\"", "team = \"race\""),
        ("Service = \"lambda.amazonaws.com\"", "Service = \"ec2.amazonaws.com\""),
    ] {
        change(&workspace, from, to, &[(ROLE, UPDATE)]);
    }
    let got = iam(&emulator, "Action=GetRole&RoleName=r");
    assert!(
        got.contains("<MaxSessionDuration>7200<") && got.contains("Runs them.") && got.contains("ec2.amazonaws.com")
    );
    for (from, to, planned) in [
        ("kinesis:GetRecords", "kinesis:ListShards", (POLICY, UPDATE)),
        ("name = \"p\"", "name = \"p\"\n  tags = { team = \"mill\" }", (POLICY, UPDATE)),
        ("kinesis:PutRecord", "kinesis:PutRecords", (INLINE, UPDATE)),
        ("name = \"r\"", "name = \"r\"\n  path = \"/mill/\"", (ROLE, REPLACE)),
        ("name = \"r\"", "name = \"s\"", (ROLE, REPLACE)),
        ("name = \"i\"", "name = \"j\"", (INLINE, REPLACE)),
        ("role = aws_iam_role.other.id", "role = aws_iam_role.r.id", (INLINE, REPLACE)),
        ("role = aws_iam_role.other.name", "role = aws_iam_role.r.name", (ATTACHMENT, REPLACE)),
        (
            "policy_arn = aws_iam_policy.p.arn",
            "policy_arn = \"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole\"",
            (ATTACHMENT, REPLACE),
        ),
        ("name = \"p\"", "name = \"p\"\n  description = \"Reads.\"", (POLICY, REPLACE)),
        ("name = \"p\"", "name = \"p\"\n  path = \"/mill/\"", (POLICY, REPLACE)),
        ("name = \"p\"", "name = \"q\"", (POLICY, REPLACE)),
    ] {
        change(&workspace, from, to, &[planned]);
    }

    // What is not read back is not known after an import; it says so by an update of the state alone.
    change(&workspace, "\n  force_detach_policies = true", "", &[(ROLE, UPDATE)]);
    import(&workspace, ROLE, "s");
    import(&workspace, POLICY, &text(&workspace, POLICY, "arn"));
    import(&workspace, INLINE, "s:j");
    import(&workspace, ATTACHMENT, "s/arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");

    let policy = text(&workspace, POLICY, "arn");
    let attached = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    for (address, form) in [
        (ATTACHMENT, format!("Action=DetachRolePolicy&RoleName=s&PolicyArn={attached}")),
        (INLINE, "Action=DeleteRolePolicy&RoleName=s&PolicyName=j".to_owned()),
        (POLICY, format!("Action=DeletePolicy&PolicyArn={policy}")),
    ] {
        iam(&emulator, &form);
        assert_eq!(workspace.plan().unwrap(), [(address.to_owned(), vec!["create".to_owned()])], "{address}");
        workspace.apply().unwrap();
        workspace.must_be_settled().unwrap();
    }
    // A role that is gone takes along what belongs to it.
    iam(&emulator, &format!("Action=DetachRolePolicy&RoleName=s&PolicyArn={attached}"));
    iam(&emulator, "Action=DeleteRolePolicy&RoleName=s&PolicyName=j");
    iam(&emulator, "Action=DeleteRole&RoleName=s");
    let planned = workspace.plan().unwrap();
    assert!(planned.len() == 3 && planned.iter().all(|(_, actions)| actions == &["create"]), "{planned:?}");
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
    assert!(!iam(&emulator, "Action=ListRoles").contains("<RoleName>"));
}

#[test]
fn what_a_role_cannot_be_is_named() {
    let stage = Stage::new();
    let workspace = stage.workspace("roles", Source::Override, "http://127.0.0.1:1");
    let trust = "assume_role_policy = jsonencode({ Version = \"2012-10-17\", Statement = [] })";
    for (configuration, said) in [
        (format!("resource \"aws_iam_role\" \"r\" {{\n  name = \"a b\"\n  {trust}\n}}"), &["name"][..]),
        (
            "resource \"aws_iam_role\" \"r\" {\n  assume_role_policy = \"no JSON\"\n}".to_owned(),
            &["assume_role_policy", "JSON"],
        ),
        (
            format!("resource \"aws_iam_role\" \"r\" {{\n  max_session_duration = 60\n  {trust}\n}}"),
            &["max_session_duration", "60"],
        ),
        (
            format!("resource \"aws_iam_role\" \"r\" {{\n  name = \"a\"\n  name_prefix = \"b\"\n  {trust}\n}}"),
            &["name_prefix", "conflicts"],
        ),
        ("resource \"aws_iam_policy\" \"p\" {\n  policy = \"{\"\n}".to_owned(), &["policy", "JSON"]),
        (
            "resource \"aws_iam_role_policy\" \"i\" {\n  role = \"r\"\n  policy = \"{\"\n}".to_owned(),
            &["policy", "JSON"],
        ),
    ] {
        refused(&workspace, "plan", &configuration, said);
    }
}
