//! DeleteAlias: takes the name off a version. One that is not there is no error.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::shape;
use crate::name::Qualifier;
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct DeleteAlias;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    name: String,
}

impl Action<Lambda> for DeleteAlias {
    const NAME: &'static str = "DeleteAlias";
    const INPUT: Structure = Structure::new(
        "DeleteAliasRequest",
        &[shape::FUNCTION_NAME.member("FunctionName").required(), shape::ALIAS.member("Name").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<(), Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
        let forget = move |runner: &crate::runner::Runner| {
            runner.catalog.change(&arn, |function| {
                function.aliases.remove(&input.name);
                function.forget(&Qualifier::Alias(input.name));
                Ok(())
            })
        };
        service.blocking(forget).await.map(drop)
    }
}

impl Rest for DeleteAlias {
    const HTTP: Http = Http::delete("/2015-03-31/functions/{FunctionName}/aliases/{Name}").status(204);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    #[tokio::test]
    async fn a_version_can_go_once_no_alias_points_at_it() {
        let bench = Bench::new();
        bench.python("", json!({"Publish": true})).await;
        let path = "/2015-03-31/functions/f/aliases";
        bench.call("POST", path, json!({"Name": "live", "FunctionVersion": "1"})).await;
        let delete = async || bench.call("DELETE", "/2015-03-31/functions/f?Qualifier=1", Value::Null).await;
        let message = "Version 1 cannot be deleted, since aliases point to it: live";
        delete().await.expect_error(409, "ResourceConflictException", message);
        for _ in 0..2 {
            assert_eq!(bench.call("DELETE", &format!("{path}/live"), Value::Null).await.status, 204);
        }
        assert_eq!(delete().await.status, 204);
        assert_eq!(bench.call("DELETE", "/2015-03-31/functions/g/aliases/live", Value::Null).await.status, 404);
    }
}
