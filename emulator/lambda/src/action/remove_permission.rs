//! RemovePermission: takes a statement out of a policy.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::Deserialize;

use super::add_permission::policy_key;
use super::shape;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct RemovePermission;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    statement_id: String,
    qualifier: Option<String>,
    revision_id: Option<String>,
}

impl Action<Lambda> for RemovePermission {
    const NAME: &'static str = "RemovePermission";
    const INPUT: Structure = Structure::new(
        "RemovePermissionRequest",
        &[
            shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(),
            shape::NAMESPACED_STATEMENT_ID.member("StatementId").required(),
            shape::QUALIFIER.member("Qualifier"),
            Shape::string().member("RevisionId"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<(), Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        let remove = move |runner: &crate::runner::Runner| {
            runner.catalog.change(&arn, |function| {
                function.version(arn.qualifier.as_ref())?;
                let key = policy_key(&arn);
                let policy = function.policies.get_mut(&key).ok_or(Error::NoPolicy)?;
                policy.check_revision(input.revision_id.as_deref(), "GetPolicy")?;
                policy.remove(&input.statement_id)?;
                policy.revision_id = runner.env.random.uuid();
                if policy.is_empty() {
                    function.policies.remove(&key);
                }
                Ok(())
            })
        };
        service.blocking(remove).await.map(drop)
    }
}

impl Rest for RemovePermission {
    const HTTP: Http = Http::delete("/2015-03-31/functions/{FunctionName}/policy/{StatementId}")
        .status(204)
        .query(&[("Qualifier", "Qualifier"), ("RevisionId", "RevisionId")]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    #[tokio::test]
    async fn the_last_statement_takes_the_policy_with_it() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        let path = "/2015-03-31/functions/f/policy";
        let remove = async |sid: &str| bench.call("DELETE", &format!("{path}/{sid}"), Value::Null).await;
        let none = "No policy is associated with the given resource.";
        remove("s").await.expect_error(404, "ResourceNotFoundException", none);
        bench.call("POST", path, json!({"StatementId": "s", "Action": "lambda:*", "Principal": "*"})).await;
        let none = "Statement t is not found in resource policy.";
        remove("t").await.expect_error(404, "ResourceNotFoundException", none);
        let stale = "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the \
                     latest Revision Id";
        remove("s?RevisionId=stale").await.expect_error(412, "PreconditionFailedException", stale);
        assert_eq!(remove("s").await.status, 204);
        assert_eq!(bench.call("GET", path, Value::Null).await.status, 404);
    }
}
