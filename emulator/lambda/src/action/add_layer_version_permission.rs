//! AddLayerVersionPermission: a statement that lets others use a version of a layer. One action can be allowed,
//! `lambda:GetLayerVersion`, to an account, to everybody, or to everybody of an organisation.

use aws_wire::{Action, Call, Http, Pattern, Rest, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::layers::{self, named};
use super::shape;
use crate::function::Permission;
use crate::name::is_account;
use crate::{Error, Lambda};

pub(crate) struct AddLayerVersionPermission;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    layer_name: String,
    version_number: u64,
    statement_id: String,
    action: String,
    principal: String,
    organization_id: Option<String>,
    revision_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    /// A document as text.
    statement: String,
    revision_id: String,
}

const ACTION: Shape = Shape::string()
    .length(0, 22)
    .pattern(Pattern { text: "lambda:GetLayerVersion", matches: |text| text == "lambda:GetLayerVersion" });
const PRINCIPAL: Shape = Shape::string().length(0, 10_000).pattern(Pattern {
    text: "\\d{12}|\\*|arn:(aws[a-zA-Z-]*):iam::\\d{12}:root",
    matches: |text| text == "*" || is_account(text) || is_root(text),
});

fn is_root(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let ["arn", partition, "iam", "", account, "root"] = parts.as_slice() else { return false };
    shape::is_partition(partition) && is_account(account)
}

impl Action<Lambda> for AddLayerVersionPermission {
    const NAME: &'static str = "AddLayerVersionPermission";
    const INPUT: Structure = Structure::new(
        "AddLayerVersionPermissionRequest",
        &[
            layers::LAYER_NAME.member("LayerName").required(),
            layers::VERSION_NUMBER.member("VersionNumber").required(),
            shape::STATEMENT_ID.member("StatementId").required(),
            ACTION.member("Action").required(),
            PRINCIPAL.member("Principal").required(),
            shape::ORGANISATION.length(0, 34).member("OrganizationId"),
            Shape::string().member("RevisionId"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let arn = named(call, &input.layer_name)?.with_version(input.version_number);
        let permission = Permission {
            sid: input.statement_id,
            action: input.action,
            principal: input.principal,
            principal_org_id: input.organization_id,
            ..Permission::default()
        };
        let partition = call.world.partition();
        service
            .blocking(move |runner| {
                runner.layers.change_policy(&arn, |policy| {
                    policy.check_revision(input.revision_id.as_deref(), layers::POLICY_READER)?;
                    let statement = policy.add(&permission, &arn.to_string(), partition)?;
                    policy.revision_id = runner.env.random.uuid();
                    Ok(Output { statement: statement.to_string(), revision_id: policy.revision_id.clone() })
                })
            })
            .await
    }
}

impl Rest for AddLayerVersionPermission {
    const HTTP: Http = Http::post("/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy")
        .status(201)
        .query(&[("RevisionId", "RevisionId")]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::action::publish_layer_version::tests::publish;
    use crate::fixture::Bench;

    const PATH: &str = "/2018-10-31/layers/l/versions/1/policy";
    const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:layer:l:1";

    fn permission(sid: &str, principal: &str) -> Value {
        json!({"StatementId": sid, "Action": "lambda:GetLayerVersion", "Principal": principal})
    }

    #[tokio::test]
    async fn statements_come_go_and_outlive_a_restart() {
        let bench = Bench::new();
        publish(&bench, "l", "").await;
        let none = "No policy is associated with the given resource.";
        bench.call("GET", PATH, Value::Null).await.expect_error(404, "ResourceNotFoundException", none);
        let added = bench.call("POST", PATH, permission("other", "123456789012")).await;
        assert_eq!(added.status, 201);
        let statement: Value = serde_json::from_str(added.body["Statement"].as_str().unwrap()).unwrap();
        let expected = json!({
            "Sid": "other", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "lambda:GetLayerVersion", "Resource": ARN,
        });
        assert_eq!(statement, expected);
        let mut everybody = permission("all", "*");
        everybody["OrganizationId"] = "o-0123456789".into();
        let all = bench.call("POST", PATH, everybody).await.body;
        let bench = bench.restarted();
        let shown = bench.call("GET", PATH, Value::Null).await.body;
        assert_eq!(shown["RevisionId"], all["RevisionId"]);
        let policy: Value = serde_json::from_str(shown["Policy"].as_str().unwrap()).unwrap();
        assert_eq!((&policy["Version"], &policy["Id"]), (&json!("2012-10-17"), &json!("default")));
        assert_eq!(policy["Statement"][0], expected);
        assert_eq!(
            policy["Statement"][1]["Condition"],
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}})
        );

        let remove = async |sid: &str| bench.call("DELETE", &format!("{PATH}/{sid}"), Value::Null).await;
        assert_eq!(remove("all").await.status, 204);
        let missing = "Statement all is not found in resource policy.";
        remove("all").await.expect_error(404, "ResourceNotFoundException", missing);
        assert_eq!(remove("other").await.status, 204);
        bench.call("GET", PATH, Value::Null).await.expect_error(404, "ResourceNotFoundException", none);
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_lambda() {
        let bench = Bench::new();
        let missing = format!("Layer version {ARN} does not exist.");
        for (method, path, body) in [
            ("POST", PATH.to_owned(), permission("s", "*")),
            ("GET", PATH.to_owned(), Value::Null),
            ("DELETE", format!("{PATH}/s"), Value::Null),
        ] {
            bench.call(method, &path, body).await.expect_error(404, "ResourceNotFoundException", &missing);
        }
        publish(&bench, "l", "").await;
        assert_eq!(bench.call("POST", PATH, permission("s", "*")).await.status, 201);
        let twice = "The statement id (s) provided already exists. Please provide a new statement id, or remove the existing \
                     statement.";
        bench.call("POST", PATH, permission("s", "*")).await.expect_error(409, "ResourceConflictException", twice);
        let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve \
                     the latest Revision Id";
        let reply = bench.call("POST", &format!("{PATH}?RevisionId=stale"), permission("t", "*")).await;
        reply.expect_error(412, "PreconditionFailedException", stale);
        let reply = bench.call("DELETE", &format!("{PATH}/s?RevisionId=stale"), Value::Null).await;
        reply.expect_error(412, "PreconditionFailedException", stale);
        let mut other = permission("u", "arn:aws:iam::123456789012:root");
        assert_eq!(bench.call("POST", PATH, other.clone()).await.status, 201);
        other["Action"] = "lambda:InvokeFunction".into();
        assert_eq!(bench.call("POST", PATH, other).await.status, 400, "nothing else can be allowed");
        assert_eq!(bench.call("POST", PATH, permission("v", "arn:aws:iam::1:root")).await.status, 400);
    }
}
