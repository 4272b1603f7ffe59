//! GetAlias: where an alias points.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::aliases::View;
use super::shape;
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct GetAlias;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    name: String,
}

impl Action<Lambda> for GetAlias {
    const NAME: &'static str = "GetAlias";
    const INPUT: Structure = Structure::new(
        "GetAliasRequest",
        &[shape::FUNCTION_NAME.member("FunctionName").required(), shape::ALIAS.member("Name").required()],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let function = service.runner().catalog.get(&resolve_unqualified(call, &input.function_name)?)?;
        View::of(&function, &input.name)
    }
}

impl Rest for GetAlias {
    const HTTP: Http = Http::get("/2015-03-31/functions/{FunctionName}/aliases/{Name}");
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    #[tokio::test]
    async fn shows_the_alias_or_says_that_there_is_none() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        let path = "/2015-03-31/functions/f/aliases";
        let made = bench.call("POST", path, json!({"Name": "live", "FunctionVersion": "$LATEST"})).await.body;
        assert_eq!(bench.call("GET", &format!("{path}/live"), Value::Null).await.body, made);
        let none = "Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:f:gone";
        bench.call("GET", &format!("{path}/gone"), Value::Null).await.expect_error(
            404,
            "ResourceNotFoundException",
            none,
        );
    }
}
