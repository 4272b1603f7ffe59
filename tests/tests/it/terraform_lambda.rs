//! Aliases, permissions and event invoke configurations of functions through the life that Terraform gives them, and what
//! the data source tells of a function.

use acceptance::{Emulator, Source, Workspace, zip};
use serde_json::{Value, json};

use crate::function::{FUNCTIONS, call, create};
use crate::stage::{Stage, eventually};
use crate::steps::{REPLACE, UPDATE, change, import};

const PLAN: &[&str] = &["plan", "-no-color", "-input=false"];
const APPLY: &[&str] = &["apply", "-auto-approve", "-no-color", "-input=false"];

const CODE: &[(&str, &str)] = &[("f.py", "def handle(event, context):\n    return event\n")];
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

/// An emulator with a function `f` of two versions and one `g` of none.
fn functions(stage: &Stage) -> Emulator {
    let emulator = stage.emulator();
    create(&emulator, "f", "python3.13", "f.handle", CODE);
    create(&emulator, "g", "python3.13", "f.handle", CODE);
    lambda(&emulator, "POST", "/f/versions", &json!({}));
    lambda(&emulator, "PUT", "/f/configuration", &json!({"Description": "second"}));
    eventually("the change of the function", || {
        let status = lambda(&emulator, "GET", "/f/configuration", &Value::Null)["LastUpdateStatus"].clone();
        (status == "Successful").then_some(())
    });
    let published = lambda(&emulator, "POST", "/f/versions", &json!({}));
    assert_eq!(published["Version"], "2");
    emulator
}

/// A call of Lambda's below `/functions`, which must succeed.
#[track_caller]
fn lambda(emulator: &Emulator, method: &str, path: &str, body: &Value) -> Value {
    let (status, answer) = call(emulator, method, &format!("{FUNCTIONS}{path}"), body).unwrap();
    assert!(matches!(status, 200..=299), "{method} {path}: {status} {answer}");
    answer
}

/// Writes a configuration and runs a command that must fail with all of `expected` in its words.
#[track_caller]
fn refused(workspace: &Workspace, command: &[&str], text: &str, expected: &[&str]) {
    workspace.write("main.tf", text).unwrap();
    let said = workspace.must_fail(command).unwrap();
    assert!(expected.iter().all(|text| said.contains(text)), "{expected:?} in: {said}");
}

/// Applies a configuration and checks that it settles.
#[track_caller]
fn applied(workspace: &Workspace, text: &str) {
    workspace.write("main.tf", text).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
}

const ALIAS: &str = "aws_lambda_alias.a";
const ALIAS_TF: &str = r#"
resource "aws_lambda_alias" "a" {
  name             = "live"
  function_name    = "f"
  function_version = "1"
}
"#;

#[test]
fn an_alias_moves_in_place() {
    let stage = Stage::new();
    let emulator = functions(&stage);
    let workspace = stage.workspace("alias", Source::Override, emulator.endpoint());
    applied(&workspace, ALIAS_TF);
    let alias = workspace.attributes(ALIAS).unwrap();
    let arn = format!("{ARN}:live");
    let invoke = format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations");
    assert_eq!((&alias["id"], &alias["arn"], &alias["invoke_arn"]), (&json!(arn), &json!(arn), &json!(invoke)));
    assert_eq!((&alias["region"], &alias["routing_config"]), (&json!("us-east-1"), &json!([])));

    change(&workspace, "\"1\"\n", "\"1\"\n  description = \"mine\"\n", &[(ALIAS, UPDATE)]);
    let weights = "routing_config {\n    additional_version_weights = { \"2\" = 0.25 }\n  }";
    change(&workspace, "description = \"mine\"", weights, &[(ALIAS, UPDATE)]);
    let held = || lambda(&emulator, "GET", "/f/aliases/live", &Value::Null);
    assert_eq!(held()["RoutingConfig"]["AdditionalVersionWeights"], json!({"2": 0.25}));
    assert_eq!(held()["Description"], "", "what is not configured any more is taken back");
    change(&workspace, "0.25", "0.5", &[(ALIAS, UPDATE)]);
    import(&workspace, ALIAS, "f/live");
    import(&workspace, ALIAS, "f/live@us-east-1");
    import(&workspace, ALIAS, &arn);
    change(&workspace, weights.replace("0.25", "0.5").as_str(), "", &[(ALIAS, UPDATE)]);
    assert_eq!(held().get("RoutingConfig"), None);
    change(&workspace, "\"1\"\n", "\"2\"\n", &[(ALIAS, UPDATE)]);
    assert_eq!(held()["FunctionVersion"], "2");
    change(&workspace, "\"2\"\n", "\"$LATEST\"\n", &[(ALIAS, UPDATE)]);

    // Another region is another alias; there is no function for it.
    let here = std::fs::read_to_string(workspace.path().join("main.tf")).unwrap();
    workspace.write("main.tf", here.replacen("\"live\"", "\"live\"\n  region = \"eu-west-1\"", 1)).unwrap();
    let replaced = REPLACE.iter().map(|&action| action.to_owned()).collect();
    assert_eq!(workspace.plan().unwrap(), [(ALIAS.to_owned(), replaced)]);
    workspace.write("main.tf", here).unwrap();

    // A name and its ARN are the same function.
    change(&workspace, "\"f\"", &format!("\"{ARN}\""), &[]);
    change(&workspace, &format!("\"{ARN}\""), "\"g\"", &[(ALIAS, REPLACE)]);
    change(&workspace, "\"live\"", "\"next\"", &[(ALIAS, REPLACE)]);
    lambda(&emulator, "PUT", "/g/aliases/next", &json!({"Description": "somebody else's"}));
    assert_eq!(workspace.plan().unwrap(), [(ALIAS.to_owned(), vec!["update".to_owned()])]);
    lambda(&emulator, "DELETE", "/g/aliases/next", &Value::Null);
    assert_eq!(workspace.plan().unwrap(), [(ALIAS.to_owned(), vec!["create".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
    assert_eq!(lambda(&emulator, "GET", "/g/aliases", &Value::Null)["Aliases"], json!([]));
}

#[test]
fn what_an_alias_cannot_be_is_named() {
    let stage = Stage::new();
    let emulator = functions(&stage);
    let workspace = stage.workspace("wrong", Source::Override, emulator.endpoint());
    let alias = |from: &str, to: &str| ALIAS_TF.replacen(from, to, 1);
    refused(&workspace, PLAN, &alias("\"live\"", "\"live\"\n  id = \"x\""), &["Invalid or unknown key", "id"]);
    refused(&workspace, PLAN, &alias("\"f\"", "\"f\"\n  region = \"cn-north-1\""), &["invalid region", "region ="]);
    let two = "\"1\"\n  routing_config {}\n  routing_config {}";
    refused(&workspace, PLAN, &alias("\"1\"", two), &["Too many routing_config blocks"]);
    refused(
        &workspace,
        APPLY,
        &alias("\"1\"", "\"7\""),
        &[
            "creating Lambda Alias (live): operation error Lambda: CreateAlias",
            "Function not found",
            "function_version =",
        ],
    );
    refused(&workspace, APPLY, &alias("\"f\"", "\"h\""), &["ResourceNotFoundException", "function_name ="]);
    refused(&workspace, APPLY, &alias("\"live\"", "\"12\""), &["ValidationException", "name ="]);
    let weighted = "\"$LATEST\"\n  routing_config {\n    additional_version_weights = { \"1\" = 0.5 }\n  }";
    refused(
        &workspace,
        APPLY,
        &alias("\"1\"", weighted),
        &["$LATEST is not supported for an alias pointing to more than 1 version", "additional_version_weights ="],
    );
    lambda(&emulator, "POST", "/f/aliases", &json!({"Name": "live", "FunctionVersion": "1"}));
    refused(&workspace, APPLY, ALIAS_TF, &["ResourceConflictException", "Alias already exists", "name "]);
    let said = workspace.must_fail(&["import", "-no-color", "-input=false", ALIAS, "live"]).unwrap();
    assert!(said.contains("unexpected format of ID (\"live\"), expected FUNCTION_NAME/ALIAS"), "{said}");
}

const PERMISSION: &str = "aws_lambda_permission.p";
const PERMISSION_TF: &str = r#"
resource "aws_lambda_permission" "p" {
  action        = "lambda:InvokeFunction"
  function_name = "f"
  principal     = "s3.amazonaws.com"
  statement_id  = "bucket"
}
"#;

/// The statements of a policy; none when there is no policy.
fn statements(emulator: &Emulator, function: &str) -> Vec<Value> {
    let (_, answer) = call(emulator, "GET", &format!("{FUNCTIONS}/{function}/policy"), &Value::Null).unwrap();
    let Some(policy) = answer["Policy"].as_str() else { return Vec::new() };
    let policy: Value = serde_json::from_str(policy).unwrap();
    policy["Statement"].as_array().unwrap().clone()
}

#[test]
fn a_permission_is_replaced_by_every_change() {
    let stage = Stage::new();
    let emulator = functions(&stage);
    let workspace = stage.workspace("permission", Source::Override, emulator.endpoint());
    applied(&workspace, PERMISSION_TF);
    let permission = workspace.attributes(PERMISSION).unwrap();
    assert_eq!((&permission["id"], &permission["statement_id_prefix"]), (&json!("bucket"), &json!("")));
    let statement = json!({
        "Sid": "bucket", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction", "Resource": ARN,
    });
    assert_eq!(statements(&emulator, "f"), [statement]);
    for id in ["f/bucket", "f/bucket@us-east-1"] {
        import(&workspace, PERMISSION, id);
    }

    let replaced: &[(&str, &[&str])] = &[(PERMISSION, REPLACE)];
    change(&workspace, "\"bucket\"\n", "\"bucket\"\n  source_arn = \"arn:aws:s3:::b\"\n", replaced);
    change(&workspace, "source_arn =", "source_account = \"111122223333\"\n  source_arn =", replaced);
    let held = &statements(&emulator, "f")[0]["Condition"];
    let conditions = json!({
        "StringEquals": {"AWS:SourceAccount": "111122223333"}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"},
    });
    assert_eq!(*held, conditions);
    change(&workspace, "source_account = \"111122223333\"\n  source_arn = \"arn:aws:s3:::b\"", "", replaced);
    change(&workspace, "\"lambda:InvokeFunction\"", "\"lambda:InvokeFunctionUrl\"", replaced);
    change(&workspace, "\"bucket\"\n", "\"bucket\"\n  function_url_auth_type = \"NONE\"\n", replaced);
    change(&workspace, "\"NONE\"", "\"AWS_IAM\"", replaced);
    change(&workspace, "function_url_auth_type = \"AWS_IAM\"", "invoked_via_function_url = true", replaced);
    change(&workspace, "invoked_via_function_url = true", "event_source_token = \"t.1\"", replaced);
    change(&workspace, "event_source_token = \"t.1\"", "principal_org_id = \"o-a1b2c3d4e5\"", replaced);
    change(&workspace, "\"s3.amazonaws.com\"", "\"*\"", replaced);
    change(&workspace, "\"*\"", "\"111122223333\"", replaced);
    // The service keeps an account as the ARN of its root; that is no change, however it is written.
    assert_eq!(statements(&emulator, "f")[0]["Principal"], json!({"AWS": "arn:aws:iam::111122223333:root"}));
    change(&workspace, "\"111122223333\"", "\"arn:aws:iam::111122223333:root\"", &[]);
    change(&workspace, "principal_org_id = \"o-a1b2c3d4e5\"", "qualifier = \"1\"", replaced);
    assert_eq!((statements(&emulator, "f").len(), statements(&emulator, "f:1").len()), (0, 1));
    import(&workspace, PERMISSION, "f:1/bucket");
    change(&workspace, "\"f\"", &format!("\"{ARN}\""), replaced);
    import(&workspace, PERMISSION, &format!("{ARN}:1/bucket"));
    change(&workspace, "qualifier = \"1\"", "timeouts {\n    create = \"1m\"\n  }\n", replaced);
    change(&workspace, "\"1m\"", "\"2m\"", &[(PERMISSION, UPDATE)]);
    change(&workspace, &format!("\"{ARN}\""), "\"g\"", replaced);
    change(&workspace, "\"bucket\"", "\"pail\"", replaced);
    change(&workspace, "statement_id  = \"pail\"", "statement_id_prefix = \"made-\"", replaced);
    let made = workspace.attributes(PERMISSION).unwrap();
    assert!(made["statement_id"].as_str().unwrap().starts_with("made-2"), "{made}");
    assert_eq!(made["id"], made["statement_id"]);
    change(&workspace, "statement_id_prefix = \"made-\"", "", &[]);

    let sid = made["id"].as_str().unwrap();
    lambda(&emulator, "DELETE", &format!("/g/policy/{sid}"), &Value::Null);
    assert_eq!(workspace.plan().unwrap(), [(PERMISSION.to_owned(), vec!["create".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let made = workspace.attributes(PERMISSION).unwrap();
    assert!(made["statement_id"].as_str().unwrap().starts_with("terraform-2"), "{made}");
    workspace.destroy().unwrap();
    assert_eq!(statements(&emulator, "g"), Vec::<Value>::new());
}

#[test]
fn many_permissions_of_one_function_come_at_once() {
    let stage = Stage::new();
    let emulator = functions(&stage);
    let workspace = stage.workspace("many", Source::Override, emulator.endpoint());
    applied(
        &workspace,
        r#"
resource "aws_lambda_permission" "p" {
  count         = 12
  action        = "lambda:InvokeFunction"
  function_name = "f"
  principal     = "events.amazonaws.com"
  source_arn    = "arn:aws:events:us-east-1:000000000000:rule/r${count.index}"
}
"#,
    );
    assert_eq!(statements(&emulator, "f").len(), 12);
    workspace.destroy().unwrap();
    assert_eq!(statements(&emulator, "f").len(), 0);
}

#[test]
fn what_a_permission_cannot_be_is_named() {
    let stage = Stage::new();
    let emulator = functions(&stage);
    let workspace = stage.workspace("wrong", Source::Override, emulator.endpoint());
    let permission = |from: &str, to: &str| PERMISSION_TF.replacen(from, to, 1);
    let with = |argument: &str| permission("\"bucket\"\n", &format!("\"bucket\"\n  {argument}\n"));
    let wrong = |attribute: &str, words: &str| format!("invalid value for {attribute} ({words})");
    for (text, attribute, words) in [
        (
            permission("lambda:InvokeFunction", "s3:Get"),
            "action",
            "must be a valid action (usually starts with lambda:)",
        ),
        (permission("\"f\"", "\"f!\""), "function_name", "must be valid function name or function ARN"),
        (permission("bucket", "a b"), "statement_id", "must contain alphanumeric, underscores or dashes only"),
        (
            with("event_source_token = \"a b\""),
            "event_source_token",
            "must contain alphanumeric, periods, underscores or dashes only",
        ),
        (
            with("qualifier = \"a b\""),
            "qualifier",
            "must contain alphanumeric, dollar signs, underscores or dashes only",
        ),
        (with("source_account = \"1\""), "source_account", "doesn't look like AWS Account ID (exactly 12 digits)"),
    ] {
        refused(&workspace, PLAN, &text, &[&wrong(attribute, words), &format!("{attribute} ")]);
    }
    refused(&workspace, PLAN, &with("source_arn = \"b\""), &["source_arn", "an ARN is needed"]);
    refused(&workspace, PLAN, &with("function_url_auth_type = \"IAM\""), &["function_url_auth_type", "AWS_IAM"]);
    refused(&workspace, PLAN, &with("statement_id_prefix = \"a\""), &["conflicts with statement_id"]);
    let long = format!("\"{}\"", "f".repeat(65));
    let words = "expected length of the Lambda function name to be less than or equal to 64";
    refused(&workspace, PLAN, &permission("\"f\"", &long), &[words, "65 characters", "function_name ="]);

    let quick = "timeouts {\n    create = \"1s\"\n  }";
    refused(
        &workspace,
        APPLY,
        &with(quick).replace("\"f\"", "\"h\""),
        &["adding Lambda Permission (h/bucket): operation error Lambda: AddPermission", "function_name ="],
    );
    refused(
        &workspace,
        APPLY,
        &with("qualifier = \"$LATEST\""),
        &["We currently do not support adding policies for $LATEST", "qualifier ="],
    );
    refused(
        &workspace,
        APPLY,
        &with("function_url_auth_type = \"NONE\""),
        &["FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action", "function_url_auth_type ="],
    );
    refused(
        &workspace,
        APPLY,
        &permission("s3.amazonaws.com", "amazonaws.com"),
        &["The provided principal was invalid", "principal "],
    );
    let taken = json!({"StatementId": "bucket", "Action": "lambda:*", "Principal": "*"});
    lambda(&emulator, "POST", "/f/policy", &taken);
    refused(&workspace, APPLY, PERMISSION_TF, &["The statement id (bucket) provided already exists", "statement_id "]);
    let said = workspace.must_fail(&["import", "-no-color", "-input=false", PERMISSION, "bucket"]).unwrap();
    let forms = "expected FUNCTION_NAME/STATEMENT_ID or FUNCTION_NAME:QUALIFIER/STATEMENT_ID";
    assert!(said.contains(&format!("Unexpected format of ID (\"bucket\"), {forms}")), "{said}");
}

const CONFIG: &str = "aws_lambda_function_event_invoke_config.c";
const CONFIG_TF: &str = r#"
resource "aws_lambda_function_event_invoke_config" "c" {
  function_name = "f"
}
"#;

/// What the service holds for events; null when there is nothing.
fn event_invoke(emulator: &Emulator, function: &str) -> Value {
    let path = format!("/2019-09-25/functions/{function}/event-invoke-config");
    let (status, answer) = call(emulator, "GET", &path, &Value::Null).unwrap();
    if status == 200 { answer } else { Value::Null }
}

#[test]
fn an_event_invoke_config_changes_in_place() {
    let stage = Stage::new();
    let emulator = functions(&stage);
    let workspace = stage.workspace("events", Source::Override, emulator.endpoint());
    applied(&workspace, CONFIG_TF);
    let config = workspace.attributes(CONFIG).unwrap();
    assert_eq!((&config["id"], &config["maximum_retry_attempts"]), (&json!("f"), &json!(2)));
    assert_eq!(event_invoke(&emulator, "f")["MaximumRetryAttempts"], 2);

    change(&workspace, "\"f\"\n", "\"f\"\n  maximum_retry_attempts = 0\n", &[(CONFIG, UPDATE)]);
    assert_eq!(event_invoke(&emulator, "f")["MaximumRetryAttempts"], 0);
    change(&workspace, "attempts = 0\n", "attempts = 0\n  maximum_event_age_in_seconds = 60\n", &[(CONFIG, UPDATE)]);
    let queue = "arn:aws:sqs:us-east-1:000000000000:q";
    let told = |kind: &str, arn: &str| format!("{kind} {{\n      destination = \"{arn}\"\n    }}");
    let destinations = format!("destination_config {{\n    {}\n  }}", told("on_failure", queue));
    change(&workspace, "maximum_event_age_in_seconds = 60", &destinations, &[(CONFIG, UPDATE)]);
    let held = event_invoke(&emulator, "f");
    assert_eq!(held["DestinationConfig"]["OnFailure"]["Destination"], queue);
    assert_eq!(held.get("MaximumEventAgeInSeconds"), None, "a put replaces everything");
    change(&workspace, "on_failure", "on_success", &[(CONFIG, UPDATE)]);
    let both = format!("{}\n    on_success", told("on_failure", "arn:aws:s3:::b"));
    change(&workspace, "on_success", &both, &[(CONFIG, UPDATE)]);
    for id in ["f", "f@us-east-1"] {
        import(&workspace, CONFIG, id);
    }
    let everything = format!(
        "destination_config {{\n    {}\n    {}\n  }}",
        told("on_failure", "arn:aws:s3:::b"),
        told("on_success", queue)
    );
    change(&workspace, &everything, "", &[(CONFIG, UPDATE)]);
    assert_eq!(event_invoke(&emulator, "f")["DestinationConfig"], json!({"OnFailure": {}, "OnSuccess": {}}));

    change(&workspace, "\"f\"\n", "\"f\"\n  qualifier = \"1\"\n", &[(CONFIG, REPLACE)]);
    assert_eq!(workspace.attributes(CONFIG).unwrap()["id"], "f:1");
    assert_eq!(event_invoke(&emulator, "f"), Value::Null);
    import(&workspace, CONFIG, "f:1");
    change(&workspace, "\"f\"", &format!("\"{ARN}\""), &[(CONFIG, REPLACE)]);
    import(&workspace, CONFIG, &format!("{ARN}:1"));
    change(&workspace, &format!("\"{ARN}\"\n  qualifier = \"1\""), "\"g\"", &[(CONFIG, REPLACE)]);

    let path = "/2019-09-25/functions/g/event-invoke-config";
    call(&emulator, "POST", path, &json!({"MaximumRetryAttempts": 1})).unwrap();
    assert_eq!(workspace.plan().unwrap(), [(CONFIG.to_owned(), vec!["update".to_owned()])]);
    call(&emulator, "DELETE", path, &Value::Null).unwrap();
    assert_eq!(workspace.plan().unwrap(), [(CONFIG.to_owned(), vec!["create".to_owned()])]);
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    workspace.destroy().unwrap();
    assert_eq!(event_invoke(&emulator, "g"), Value::Null);
}

#[test]
fn what_an_event_invoke_config_cannot_be_is_named() {
    let stage = Stage::new();
    let emulator = functions(&stage);
    let workspace = stage.workspace("wrong", Source::Override, emulator.endpoint());
    let with = |argument: &str| CONFIG_TF.replacen("\"f\"\n", &format!("\"f\"\n  {argument}\n"), 1);
    let range = |attribute: &str, bounds: &str| format!("expected {attribute} to be in the range {bounds}");
    refused(&workspace, PLAN, &with("maximum_retry_attempts = 3"), &[&range("maximum_retry_attempts", "(0 - 2)")]);
    refused(
        &workspace,
        PLAN,
        &with("maximum_event_age_in_seconds = 59"),
        &[&range("maximum_event_age_in_seconds", "(60 - 21600)")],
    );
    refused(&workspace, PLAN, &with("qualifier = \"\""), &["expected length of qualifier to be at least (1)"]);
    refused(
        &workspace,
        PLAN,
        &CONFIG_TF.replace("\"f\"", "\"\""),
        &["expected length of function_name to be at least (1)"],
    );
    let to = |arn: &str| with(&format!("destination_config {{\n on_success {{\n destination = \"{arn}\"\n }}\n }}"));
    refused(&workspace, PLAN, &to("queue"), &["destination", "an ARN is needed"]);
    refused(
        &workspace,
        APPLY,
        &to("arn:aws:events:us-east-1:000000000000:event-bus/b"),
        &["creating Lambda Function Event Invoke Config (f)", "EventBridge destinations", "destination ="],
    );
    refused(
        &workspace,
        APPLY,
        &CONFIG_TF.replace("\"f\"", "\"h\""),
        &["operation error Lambda: PutFunctionEventInvokeConfig", "ResourceNotFoundException", "function_name ="],
    );
    let said = workspace.must_fail(&["import", "-no-color", "-input=false", CONFIG, "f:a:b"]).unwrap();
    assert!(said.contains("unexpected format of ID (f:a:b), expected name or name:qualifier"), "{said}");
}

const FUNCTION_TF: &str = r#"
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = aws_iam_role.r.arn
  filename      = "f.zip"
  handler       = "f.handle"
  runtime       = "python3.13"
  description   = "first"
  tags          = { team = "mill" }
  environment {
    variables = { GREETING = "hello" }
  }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.f.function_name
  function_version = aws_lambda_function.f.version
}

resource "aws_lambda_permission" "p" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.f.function_name
  principal     = "events.amazonaws.com"
}

resource "aws_lambda_function_event_invoke_config" "c" {
  function_name = aws_lambda_alias.live.function_name
  qualifier     = aws_lambda_alias.live.name
}

data "aws_lambda_function" "f" {
  function_name = aws_lambda_function.f.function_name
}

data "aws_lambda_function" "live" {
  function_name = aws_lambda_function.f.function_name
  qualifier     = aws_lambda_alias.live.name
}
"#;

#[test]
fn a_function_is_told_of_by_its_name_and_by_a_qualifier() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let workspace = stage.workspace("function", Source::Override, emulator.endpoint());
    zip(&workspace.path().join("f.zip"), CODE).unwrap();
    applied(&workspace, FUNCTION_TF);
    let made = workspace.attributes("aws_lambda_function.f").unwrap();
    let told = |name: &str| workspace.attributes(&format!("data.aws_lambda_function.{name}")).unwrap();
    let same = [
        "arn",
        "invoke_arn",
        "qualified_arn",
        "qualified_invoke_arn",
        "response_streaming_invoke_arn",
        "version",
        "code_sha256",
        "source_code_size",
        "memory_size",
        "timeout",
        "handler",
        "runtime",
        "role",
        "description",
        "architectures",
        "environment",
        "ephemeral_storage",
        "logging_config",
        "tracing_config",
        "reserved_concurrent_executions",
        "last_modified",
        "region",
        "tags",
    ];
    let seen = told("f");
    for name in same {
        assert_eq!(seen[name], made[name], "{name}");
    }
    assert_eq!((&seen["id"], &seen["version"]), (&json!("f"), &json!("$LATEST")));
    assert_eq!(seen["source_code_hash"], made["code_sha256"]);
    for absent in ["dead_letter_config", "durable_config", "file_system_config", "vpc_config", "layers"] {
        assert_eq!(seen[absent], json!([]), "{absent}");
    }

    // A version is published; what is told of without a qualifier is that one.
    let (first, second) = ("description   = \"first\"", "description   = \"second\"\n  publish = true");
    workspace.write("main.tf", FUNCTION_TF.replace(first, second)).unwrap();
    workspace.apply().unwrap();
    workspace.must_be_settled().unwrap();
    let seen = told("f");
    assert_eq!((&seen["arn"], &seen["version"]), (&json!(ARN), &json!("1")));
    assert_eq!((&seen["qualified_arn"], &seen["description"]), (&json!(format!("{ARN}:1")), &json!("second")));
    let live = told("live");
    assert_eq!((&live["arn"], &live["version"]), (&json!(ARN), &json!("1")));
    assert_eq!((&live["qualified_arn"], &live["qualifier"]), (&json!(format!("{ARN}:live")), &json!("live")));

    workspace.destroy().unwrap();
    let data = "data \"aws_lambda_function\" \"f\" {\n  function_name = \"f\"\n}\n";
    refused(
        &workspace,
        PLAN,
        data,
        &["reading Lambda Function (f) latest version", "ResourceNotFoundException", "function_name ="],
    );
    let qualified = data.replace("\"f\"\n}", "\"f\"\n  qualifier = \"1\"\n}");
    refused(&workspace, PLAN, &qualified, &["reading Lambda Function (f): couldn't find resource"]);
}
