//! AddPermission: a statement in the policy of a function, a version or an alias.

use aws_wire::{Action, Call, Http, Pattern, Rest, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::shape;
use crate::function::Permission;
use crate::mapping::shape as mapping_shape;
use crate::name::{Qualifier, is_account};
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct AddPermission;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    statement_id: String,
    action: String,
    principal: String,
    source_arn: Option<String>,
    source_account: Option<String>,
    event_source_token: Option<String>,
    function_url_auth_type: Option<String>,
    invoked_via_function_url: Option<bool>,
    #[serde(rename = "PrincipalOrgID")]
    principal_org_id: Option<String>,
    qualifier: Option<String>,
    revision_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    /// A document as text.
    statement: String,
}

const ACTION: Shape = Shape::string().length(0, 10_000).pattern(Pattern {
    text: "(lambda:[*]|lambda:[a-zA-Z]+|[*])",
    matches: |text| {
        let action = text.strip_prefix("lambda:").unwrap_or_default();
        text == "*" || action == "*" || (!action.is_empty() && action.bytes().all(|b| b.is_ascii_alphabetic()))
    },
});
const PRINCIPAL: Shape = Shape::string()
    .length(0, 2048)
    .pattern(Pattern { text: "[^\\s]+", matches: |text| !text.is_empty() && !text.contains(char::is_whitespace) });
const ACCOUNT: Shape = Shape::string().length(0, 12).pattern(Pattern { text: "\\d{12}", matches: is_account });
const TOKEN: Shape = Shape::string().length(0, 256).pattern(Pattern {
    text: "[a-zA-Z0-9._\\-]+",
    matches: |text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
});

impl Action<Lambda> for AddPermission {
    const NAME: &'static str = "AddPermission";
    const INPUT: Structure = Structure::new(
        "AddPermissionRequest",
        &[
            shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(),
            shape::STATEMENT_ID.member("StatementId").required(),
            ACTION.member("Action").required(),
            PRINCIPAL.member("Principal").required(),
            mapping_shape::EVENT_SOURCE_ARN.member("SourceArn"),
            Shape::string().one_of(&["NONE", "AWS_IAM"]).member("FunctionUrlAuthType"),
            Shape::boolean().member("InvokedViaFunctionUrl"),
            ACCOUNT.member("SourceAccount"),
            TOKEN.member("EventSourceToken"),
            shape::QUALIFIER.member("Qualifier"),
            Shape::string().member("RevisionId"),
            shape::ORGANISATION.member("PrincipalOrgID"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        if arn.qualifier == Some(Qualifier::Latest) {
            return Err(Error::LatestHasNoPolicy);
        }
        if input.function_url_auth_type.is_some() && input.action != "lambda:InvokeFunctionUrl" {
            return Err(Error::AuthTypeOfOtherAction);
        }
        let permission = Permission {
            sid: input.statement_id,
            action: input.action,
            principal: input.principal,
            source_arn: input.source_arn,
            source_account: input.source_account,
            event_source_token: input.event_source_token,
            function_url_auth_type: input.function_url_auth_type,
            invoked_via_function_url: input.invoked_via_function_url,
            principal_org_id: input.principal_org_id,
        };
        let (resource, partition) = (arn.to_string(), call.world.partition());
        service
            .blocking(move |runner| {
                let (_, statement) = runner.catalog.change(&arn, |function| {
                    function.version(arn.qualifier.as_ref())?;
                    let policy = function.policies.entry(policy_key(&arn)).or_default();
                    policy.check_revision(input.revision_id.as_deref(), "GetPolicy")?;
                    let statement = policy.add(&permission, &resource, partition)?;
                    policy.revision_id = runner.env.random.uuid();
                    Ok(statement)
                })?;
                Ok(Output { statement: statement.to_string() })
            })
            .await
    }
}

/// What a policy is kept by.
pub(super) fn policy_key(arn: &crate::name::FunctionArn) -> String {
    arn.qualifier.as_ref().map(ToString::to_string).unwrap_or_default()
}

impl Rest for AddPermission {
    const HTTP: Http =
        Http::post("/2015-03-31/functions/{FunctionName}/policy").status(201).query(&[("Qualifier", "Qualifier")]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    const PATH: &str = "/2015-03-31/functions/f/policy";

    #[tokio::test]
    async fn a_statement_is_worded_as_aws_words_it() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        let permission = json!({
            "StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
            "SourceArn": "arn:aws:s3:::b", "SourceAccount": "123456789012",
        });
        let added = bench.call("POST", PATH, permission.clone()).await;
        assert_eq!(added.status, 201);
        let statement: Value = serde_json::from_str(added.body["Statement"].as_str().unwrap()).unwrap();
        assert_eq!(
            statement,
            json!({
                "Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "lambda:InvokeFunction", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f",
                "Condition": {
                    "StringEquals": {"AWS:SourceAccount": "123456789012"}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"},
                },
            })
        );
        let message = "The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing \
                       statement.";
        bench.call("POST", PATH, permission).await.expect_error(409, "ResourceConflictException", message);
    }

    #[tokio::test]
    async fn a_permission_is_of_its_qualifier_and_needs_what_it_names() {
        let bench = Bench::new();
        bench.python("", json!({"Publish": true})).await;
        let permission = json!({"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*"});
        let added = bench.call("POST", &format!("{PATH}?Qualifier=1"), permission.clone()).await.body;
        assert!(added["Statement"].as_str().unwrap().contains("function:f:1"), "{added}");
        assert_eq!(bench.call("POST", PATH, permission.clone()).await.status, 201, "its own policy");
        assert_eq!(bench.call("POST", &format!("{PATH}?Qualifier=2"), permission.clone()).await.status, 404);
        let latest = bench.call("POST", &format!("{PATH}?Qualifier=$LATEST"), permission.clone()).await;
        let message = "We currently do not support adding policies for $LATEST.";
        latest.expect_error(400, "InvalidParameterValueException", message);
        let nobody = json!({"StatementId": "n", "Action": "lambda:InvokeFunction", "Principal": "amazonaws.com"});
        let message = "The provided principal was invalid. Please check the principal and try again.";
        bench.call("POST", PATH, nobody).await.expect_error(400, "InvalidParameterValueException", message);
        let mut by_url = permission.clone();
        by_url["FunctionUrlAuthType"] = "NONE".into();
        let message = "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action";
        bench.call("POST", PATH, by_url).await.expect_error(400, "InvalidParameterValueException", message);
        let mut stale = permission;
        stale["StatementId"] = "t".into();
        stale["RevisionId"] = "stale".into();
        assert_eq!(bench.call("POST", PATH, stale).await.status, 412);
    }
}
