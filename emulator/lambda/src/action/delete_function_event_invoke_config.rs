//! DeleteFunctionEventInvokeConfig: back to Lambda's defaults.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::event_invoke::qualifier;
use super::shape;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct DeleteFunctionEventInvokeConfig;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

impl Action<Lambda> for DeleteFunctionEventInvokeConfig {
    const NAME: &'static str = "DeleteFunctionEventInvokeConfig";
    const INPUT: Structure = Structure::new(
        "DeleteFunctionEventInvokeConfigRequest",
        &[shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(), shape::QUALIFIER.member("Qualifier")],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<(), Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        let forget = move |runner: &crate::runner::Runner| {
            runner.catalog.change(&arn, |function| {
                let qualifier = qualifier(&arn);
                let none = || Error::EventInvokeConfigNotFound(arn.with_qualifier(Some(qualifier.clone())));
                function.event_invoke.remove(&qualifier).map(drop).ok_or_else(none)
            })
        };
        service.blocking(forget).await.map(drop)
    }
}

impl Rest for DeleteFunctionEventInvokeConfig {
    const HTTP: Http = Http::delete("/2019-09-25/functions/{FunctionName}/event-invoke-config")
        .status(204)
        .query(&[("Qualifier", "Qualifier")]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    #[tokio::test]
    async fn what_was_set_is_gone_and_cannot_be_deleted_twice() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        let path = "/2019-09-25/functions/f/event-invoke-config";
        bench.call("PUT", path, json!({"MaximumRetryAttempts": 0})).await;
        assert_eq!(bench.call("DELETE", path, Value::Null).await.status, 204);
        assert_eq!(bench.call("DELETE", path, Value::Null).await.status, 404);
    }
}
