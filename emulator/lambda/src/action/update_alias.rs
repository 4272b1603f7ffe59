//! UpdateAlias: lets an alias point elsewhere; what the call does not name stays.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::Deserialize;

use super::aliases::{self, Routing, View};
use super::shape;
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct UpdateAlias;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    name: String,
    function_version: Option<String>,
    description: Option<String>,
    routing_config: Option<Routing>,
    revision_id: Option<String>,
}

impl Action<Lambda> for UpdateAlias {
    const NAME: &'static str = "UpdateAlias";
    const INPUT: Structure = Structure::new(
        "UpdateAliasRequest",
        &[
            shape::FUNCTION_NAME.member("FunctionName").required(),
            shape::ALIAS.member("Name").required(),
            shape::VERSION.member("FunctionVersion"),
            shape::DESCRIPTION_MEMBER,
            aliases::ROUTING_CONFIG.member("RoutingConfig"),
            Shape::string().member("RevisionId"),
        ],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
        service
            .blocking(move |runner| {
                let Input { name, function_version, description, routing_config, revision_id, .. } = input;
                let (function, ()) = runner.catalog.change(&arn, |function| {
                    let mut alias = function.alias(&name)?.clone();
                    if revision_id.is_some_and(|revision| revision != alias.revision_id) {
                        return Err(Error::RevisionMismatch);
                    }
                    if let Some(version) = function_version {
                        alias.version = aliases::version(function, &version)?;
                    }
                    if let Some(description) = description {
                        alias.description = description;
                    }
                    if let Some(routing) = routing_config {
                        alias.route(&routing.additional_version_weights)?;
                    }
                    aliases::check(function, &alias)?;
                    alias.revision_id = runner.env.random.uuid();
                    function.aliases.insert(name.clone(), alias);
                    Ok(())
                })?;
                View::of(&function, &name)
            })
            .await
    }
}

impl Rest for UpdateAlias {
    const HTTP: Http = Http::put("/2015-03-31/functions/{FunctionName}/aliases/{Name}");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Bench;

    #[tokio::test]
    async fn an_alias_is_moved_and_keeps_the_rest() {
        let bench = Bench::new();
        bench.python("", json!({"Publish": true})).await;
        let path = "/2015-03-31/functions/f/aliases";
        let before = json!({"Name": "live", "FunctionVersion": "$LATEST", "Description": "d"});
        let before = bench.call("POST", path, before).await.body;
        let after = bench.call("PUT", &format!("{path}/live"), json!({"FunctionVersion": "1"})).await;
        assert_eq!(
            (after.status, &after.body["FunctionVersion"], &after.body["Description"]),
            (200, &json!("1"), &json!("d"))
        );
        assert_ne!(after.body["RevisionId"], before["RevisionId"]);
        let stale = json!({"Description": "e", "RevisionId": before["RevisionId"]});
        let stale = bench.call("PUT", &format!("{path}/live"), stale).await;
        assert_eq!(
            (stale.status, &stale.headers["x-amzn-errortype"]),
            (412, &"PreconditionFailedException".parse().unwrap())
        );
        assert_eq!(bench.call("PUT", &format!("{path}/gone"), json!({})).await.status, 404);
    }
}
