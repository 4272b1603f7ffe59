//! The provider's functions, called by the real Terraform. None of them talks to anything.

use acceptance::{Source, Workspace};

use crate::stage::Stage;

/// A folder whose provider could reach no service.
fn workspace(stage: &Stage) -> Workspace {
    stage.workspace("functions", Source::Override, "http://127.0.0.1:1")
}

/// An output for each expression, called `o0`, `o1`, ….
fn outputs(expressions: &[&str]) -> String {
    let declared =
        expressions.iter().enumerate().map(|(i, expression)| format!("output \"o{i}\" {{ value = {expression} }}\n"));
    format!(
        "terraform {{\n  required_providers {{\n    aws = {{ source = \"hashicorp/aws\" }}\n  }}\n}}\n{}",
        declared.collect::<String>()
    )
}

#[test]
fn arns_are_taken_apart_and_put_together() {
    let stage = Stage::new();
    let workspace = workspace(&stage);
    let arn = "arn:aws:lambda:eu-west-1:444455556666:function:f:live";
    let parse = format!("provider::aws::arn_parse(\"{arn}\")");
    let expressions = [
        parse.as_str(),
        "provider::aws::arn_parse(\"arn:aws:s3:::b/k\").account_id == \"\"",
        "provider::aws::arn_build(\"aws\", \"iam\", \"\", \"444455556666\", \"role/example\")",
        "provider::aws::trim_iam_role_path(\"arn:aws:iam::444455556666:role/with/some/path/example\")",
        "provider::aws::user_agent(\"mill\", \"1.0\", \"on a brook\")",
        "provider::aws::user_agent(\"mill\", \"\", \"\")",
    ];
    workspace.write("main.tf", outputs(&expressions)).unwrap();
    workspace.apply().unwrap();
    let outputs: serde_json::Value = serde_json::from_str(&workspace.must(&["output", "-json"]).unwrap()).unwrap();
    let value = |name: &str| outputs[name]["value"].clone();
    assert_eq!(
        value("o0"),
        serde_json::json!({
            "partition": "aws", "service": "lambda", "region": "eu-west-1", "account_id": "444455556666",
            "resource": "function:f:live",
        })
    );
    assert_eq!(value("o1"), true);
    assert_eq!((value("o2"), value("o3")), ("arn:aws:iam::444455556666:role/example".into(), value("o2")));
    assert_eq!((value("o4"), value("o5")), ("mill/1.0 (on a brook)".into(), "mill".into()));
}

#[test]
fn what_is_wrong_with_an_argument_is_said_in_the_words_of_the_aws_provider() {
    let stage = Stage::new();
    let workspace = workspace(&stage);
    for (call, words) in [
        ("arn_parse(\"foo\")", "Call to function \"provider::aws::arn_parse\" failed: arn: invalid prefix."),
        ("arn_parse(\"arn:aws:s3:b\")", "failed: arn: not enough sections."),
        ("trim_iam_role_path(\"arn:aws:s3:::b/k\")", "failed: service must be \"iam\"."),
        ("trim_iam_role_path(\"arn:aws:iam:us-east-1:1:role/r\")", "failed: region must be empty."),
        ("trim_iam_role_path(\"arn:aws:iam::1:policy/p\")", "failed: resource must begin with \"role/\"."),
        ("user_agent(\"\", \"\", \"\")", "failed: product_name must be set."),
        ("arn_parse(null)", "Invalid value for \"arn\" parameter: argument must not be null."),
        (
            "arn_build(\"aws\", \"s3\", null, \"\", \"b\")",
            "Invalid value for \"region\" parameter: argument must not be null.",
        ),
        ("arn_parse()", "Function \"provider::aws::arn_parse\" expects 1 argument(s)."),
        ("arn_join()", "The function \"arn_join\" is not available from the provider"),
    ] {
        workspace.write("main.tf", outputs(&[&format!("provider::aws::{call}")])).unwrap();
        let said = workspace.must_fail(&["plan", "-no-color", "-input=false"]).unwrap();
        assert!(said.contains(words), "{call}: {said}");
    }
}

#[test]
fn what_is_not_known_yet_stays_so_until_apply() {
    let stage = Stage::new();
    let workspace = workspace(&stage);
    let expressions = [
        "provider::aws::arn_build(\"aws\", \"s3\", \"\", \"\", terraform_data.name.output)",
        "provider::aws::arn_parse(provider::aws::arn_build(\"aws\", \"s3\", \"\", \"\", terraform_data.name.output)).resource",
    ];
    let text = outputs(&expressions) + "resource \"terraform_data\" \"name\" {\n  input = \"bucket\"\n}\n";
    workspace.write("main.tf", text).unwrap();
    let plan = workspace.must(&["plan", "-no-color", "-input=false"]).unwrap();
    assert!(plan.contains("o0 = (known after apply)") && plan.contains("o1 = (known after apply)"), "{plan}");
    workspace.apply().unwrap();
    assert_eq!(workspace.must(&["output", "-raw", "o0"]).unwrap(), "arn:aws:s3:::bucket");
    assert_eq!(workspace.must(&["output", "-raw", "o1"]).unwrap(), "bucket");
}
