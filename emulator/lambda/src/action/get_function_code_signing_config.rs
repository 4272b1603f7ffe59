//! GetFunctionCodeSigningConfig: no function here has one, which AWS says by leaving its ARN out.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::{Deserialize, Serialize};

use super::shape;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct GetFunctionCodeSigningConfig;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    function_name: String,
}

impl Action<Lambda> for GetFunctionCodeSigningConfig {
    const NAME: &'static str = "GetFunctionCodeSigningConfig";
    const INPUT: Structure = Structure::new(
        "GetFunctionCodeSigningConfigRequest",
        &[shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required()],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let function = service.runner().catalog.get(&resolve(call, &input.function_name, None)?)?;
        Ok(Output { function_name: function.arn.name.to_string() })
    }
}

impl Rest for GetFunctionCodeSigningConfig {
    const HTTP: Http = Http::get("/2020-06-30/functions/{FunctionName}/code-signing-config");
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    #[tokio::test]
    async fn a_function_has_none() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        let path = "/2020-06-30/functions/f/code-signing-config";
        assert_eq!(bench.call("GET", path, Value::Null).await.body, json!({"FunctionName": "f"}));
    }
}
