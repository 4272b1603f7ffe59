//! UpdateFunctionEventInvokeConfig: likewise, but what the call does not name stays.

use aws_wire::{Action, Call, Http, Rest, Structure};

use super::event_invoke::{self, Input, View};

use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct UpdateFunctionEventInvokeConfig;

impl Action<Lambda> for UpdateFunctionEventInvokeConfig {
    const NAME: &'static str = "UpdateFunctionEventInvokeConfig";
    const INPUT: Structure = Structure::new("UpdateFunctionEventInvokeConfigRequest", &event_invoke::MEMBERS);
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        input.check()?;
        service
            .blocking(move |runner| {
                event_invoke::store(runner, &arn, |before| {
                    let mut config = before.cloned().ok_or_else(|| {
                        Error::EventInvokeConfigNotFound(arn.with_qualifier(Some(event_invoke::qualifier(&arn))))
                    })?;
                    input.apply(runner, &arn, &mut config)?;
                    Ok(config)
                })
            })
            .await
    }
}

impl Rest for UpdateFunctionEventInvokeConfig {
    const HTTP: Http =
        Http::post("/2019-09-25/functions/{FunctionName}/event-invoke-config").query(&[("Qualifier", "Qualifier")]);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Bench;

    #[tokio::test]
    async fn changes_what_is_given_and_needs_something_to_change() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        let path = "/2019-09-25/functions/f/event-invoke-config";
        let none =
            "The function arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST doesn't have an EventInvokeConfig";
        let change = json!({"MaximumEventAgeInSeconds": 60});
        bench.call("POST", path, change.clone()).await.expect_error(404, "ResourceNotFoundException", none);
        bench.call("PUT", path, json!({"MaximumRetryAttempts": 1})).await;
        let after = bench.call("POST", path, change).await.body;
        assert_eq!((&after["MaximumRetryAttempts"], &after["MaximumEventAgeInSeconds"]), (&json!(1), &json!(60)));
    }
}
