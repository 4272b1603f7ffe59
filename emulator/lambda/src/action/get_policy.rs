//! GetPolicy: the policy of a function, a version or an alias, if it has one.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::{Deserialize, Serialize};

use super::add_permission::policy_key;
use super::shape;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct GetPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    /// A document as text.
    policy: String,
    revision_id: String,
}

impl Action<Lambda> for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    const INPUT: Structure = Structure::new(
        "GetPolicyRequest",
        &[shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(), shape::QUALIFIER.member("Qualifier")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        let function = service.runner().catalog.get(&arn)?;
        function.version(arn.qualifier.as_ref())?;
        let policy = function.policies.get(&policy_key(&arn)).ok_or(Error::NothingThere)?;
        Ok(Output { policy: policy.document(), revision_id: policy.revision_id.clone() })
    }
}

impl Rest for GetPolicy {
    const HTTP: Http = Http::get("/2015-03-31/functions/{FunctionName}/policy").query(&[("Qualifier", "Qualifier")]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    #[tokio::test]
    async fn a_policy_is_a_document_and_its_absence_an_error() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        let path = "/2015-03-31/functions/f/policy";
        let none = "The resource you requested does not exist.";
        bench.call("GET", path, Value::Null).await.expect_error(404, "ResourceNotFoundException", none);
        let permission = json!({"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "123456789012"});
        bench.call("POST", path, permission).await;
        let got = bench.call("GET", path, Value::Null).await.body;
        let policy: Value = serde_json::from_str(got["Policy"].as_str().unwrap()).unwrap();
        assert_eq!((&policy["Version"], &policy["Id"]), (&json!("2012-10-17"), &json!("default")));
        assert_eq!(policy["Statement"][0]["Principal"], json!({"AWS": "arn:aws:iam::123456789012:root"}));
        assert_eq!(got["RevisionId"].as_str().unwrap().len(), 36);
    }
}
