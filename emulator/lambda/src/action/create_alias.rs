//! CreateAlias: a name for a version, or for two with a weight for the second.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::aliases::{self, Routing, View};
use super::shape;
use crate::function::Alias;
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct CreateAlias;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    name: String,
    function_version: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    routing_config: Routing,
}

impl Action<Lambda> for CreateAlias {
    const NAME: &'static str = "CreateAlias";
    const INPUT: Structure = Structure::new(
        "CreateAliasRequest",
        &[
            shape::FUNCTION_NAME.member("FunctionName").required(),
            shape::ALIAS.member("Name").required(),
            shape::VERSION.member("FunctionVersion").required(),
            shape::DESCRIPTION_MEMBER,
            aliases::ROUTING_CONFIG.member("RoutingConfig"),
        ],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
        service
            .blocking(move |runner| {
                let (function, ()) = runner.catalog.change(&arn, |function| {
                    if function.aliases.contains_key(&input.name) {
                        return Err(Error::AliasExists(function.alias_arn(&input.name)));
                    }
                    let mut alias = Alias {
                        version: aliases::version(function, &input.function_version)?,
                        description: input.description,
                        additional: None,
                        revision_id: runner.env.random.uuid(),
                    };
                    alias.route(&input.routing_config.additional_version_weights)?;
                    aliases::check(function, &alias)?;
                    function.aliases.insert(input.name.clone(), alias);
                    Ok(())
                })?;
                View::of(&function, &input.name)
            })
            .await
    }
}

impl Rest for CreateAlias {
    const HTTP: Http = Http::post("/2015-03-31/functions/{FunctionName}/aliases").status(201);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    const PATH: &str = "/2015-03-31/functions/f/aliases";

    #[tokio::test]
    async fn an_alias_runs_the_version_that_it_points_at() {
        let bench = Bench::new();
        bench.python("def handler(e, c): return [1, c.invoked_function_arn]", json!({"Publish": true})).await;
        bench.update_code(&crate::fixture::python("def handler(e, c): return [2]")).await;
        let made = bench.call("POST", PATH, json!({"Name": "live", "FunctionVersion": "1", "Description": "d"})).await;
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:f:live";
        assert_eq!(
            (made.status, &made.body["AliasArn"], &made.body["FunctionVersion"]),
            (201, &json!(arn), &json!("1"))
        );
        assert_eq!((made.body.get("RoutingConfig"), &made.body["Description"]), (None, &json!("d")));
        let reply = bench.call("POST", "/2015-03-31/functions/f:live/invocations", json!({})).await;
        assert_eq!((&reply.body, &reply.headers["x-amz-executed-version"]), (&json!([1, arn]), &"1".parse().unwrap()));
        let configuration =
            bench.call("GET", "/2015-03-31/functions/f/configuration?Qualifier=live", Value::Null).await;
        assert_eq!((&configuration.body["FunctionArn"], &configuration.body["Version"]), (&json!(arn), &json!("1")));
    }

    #[tokio::test]
    async fn all_events_go_to_a_version_of_weight_one() {
        let bench = Bench::new();
        bench.python("def handler(e, c): return 1", json!({"Publish": true})).await;
        bench.update_code(&crate::fixture::python("def handler(e, c): return 2")).await;
        bench.call("POST", "/2015-03-31/functions/f/versions", json!({})).await;
        let routing = json!({"AdditionalVersionWeights": {"2": 1.0}});
        let made =
            bench.call("POST", PATH, json!({"Name": "live", "FunctionVersion": "1", "RoutingConfig": routing})).await;
        assert_eq!(made.body["RoutingConfig"], routing);
        for _ in 0..3 {
            assert_eq!(bench.call("POST", "/2015-03-31/functions/f:live/invocations", json!({})).await.body, json!(2));
        }
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_lambda() {
        let bench = Bench::new();
        bench.python("", json!({"Publish": true})).await;
        let check = async |body: Value, status: u16, code: &str, message: &str| {
            bench.call("POST", PATH, body).await.expect_error(status, code, message);
        };
        bench.call("POST", PATH, json!({"Name": "live", "FunctionVersion": "1"})).await;
        let exists = "Alias already exists: arn:aws:lambda:us-east-1:000000000000:function:f:live";
        check(json!({"Name": "live", "FunctionVersion": "1"}), 409, "ResourceConflictException", exists).await;
        let missing = "Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:7";
        check(json!({"Name": "b", "FunctionVersion": "7"}), 404, "ResourceNotFoundException", missing).await;
        let invalid = "InvalidParameterValueException";
        let routed = |version: &str, to: Value| json!({"Name": "b", "FunctionVersion": version, "RoutingConfig": {"AdditionalVersionWeights": to}});
        let latest = "$LATEST is not supported for an alias pointing to more than 1 version";
        check(routed("$LATEST", json!({"1": 0.5})), 400, invalid, latest).await;
        check(routed("1", json!({"7": 0.5})), 404, "ResourceNotFoundException", missing).await;
        let twice = "Invalid function version 1. Function version 1 is already included in routing configuration.";
        check(routed("1", json!({"1": 0.5})), 400, invalid, twice).await;
        let number = "1 validation error detected: Value '12' at 'name' failed to satisfy constraint: Member must satisfy \
                      regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)";
        check(json!({"Name": "12", "FunctionVersion": "1"}), 400, "ValidationException", number).await;
    }
}
