//! GetFunctionEventInvokeConfig: what is set for events that nobody waits for.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::event_invoke::{View, qualifier};
use super::shape;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct GetFunctionEventInvokeConfig;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

impl Action<Lambda> for GetFunctionEventInvokeConfig {
    const NAME: &'static str = "GetFunctionEventInvokeConfig";
    const INPUT: Structure = Structure::new(
        "GetFunctionEventInvokeConfigRequest",
        &[shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(), shape::QUALIFIER.member("Qualifier")],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        View::of(&*service.runner().catalog.get(&arn)?, &qualifier(&arn))
    }
}

impl Rest for GetFunctionEventInvokeConfig {
    const HTTP: Http =
        Http::get("/2019-09-25/functions/{FunctionName}/event-invoke-config").query(&[("Qualifier", "Qualifier")]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    #[tokio::test]
    async fn every_qualifier_has_its_own() {
        let bench = Bench::new();
        bench.python("", json!({"Publish": true})).await;
        let path = "/2019-09-25/functions/f/event-invoke-config";
        bench.call("PUT", &format!("{path}?Qualifier=1"), json!({"MaximumRetryAttempts": 0})).await;
        let got = bench.call("GET", &format!("{path}?Qualifier=1"), Value::Null).await.body;
        assert_eq!(got["MaximumRetryAttempts"], 0);
        assert_eq!(bench.call("GET", path, Value::Null).await.status, 404);
    }
}
