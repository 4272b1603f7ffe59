//! PutFunctionConcurrency: sets runs of a function apart, and limits it to them. 0 stops it.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::shape;
use crate::function::{ACCOUNT_CONCURRENCY, MINIMUM_UNRESERVED};
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct PutFunctionConcurrency;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    reserved_concurrent_executions: u32,
}

/// How many runs are a function's own.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reservation {
    reserved_concurrent_executions: u32,
}

impl Reservation {
    pub(super) fn of(reserved_concurrent_executions: u32) -> Self {
        Self { reserved_concurrent_executions }
    }
}

impl Action<Lambda> for PutFunctionConcurrency {
    const NAME: &'static str = "PutFunctionConcurrency";
    const INPUT: Structure = Structure::new(
        "PutFunctionConcurrencyRequest",
        &[
            shape::FUNCTION_NAME.member("FunctionName").required(),
            Shape::integer().at_least(0).member("ReservedConcurrentExecutions").required(),
        ],
    );
    type Input = Input;
    type Output = Reservation;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Reservation, Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
        let reserved = input.reserved_concurrent_executions;
        service
            .blocking(move |runner| {
                runner.catalog.change(&arn, |function| {
                    let all = runner.reserved_concurrency(&arn, reserved);
                    if all > ACCOUNT_CONCURRENCY - MINIMUM_UNRESERVED {
                        return Err(Error::ReservationTooLarge);
                    }
                    function.reserved_concurrency = Some(reserved);
                    Ok(())
                })
            })
            .await?;
        Ok(Reservation::of(reserved))
    }
}

impl Rest for PutFunctionConcurrency {
    const HTTP: Http = Http::put("/2017-10-31/functions/{FunctionName}/concurrency");
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::{Bench, python};

    const PATH: &str = "/2017-10-31/functions/f/concurrency";

    #[tokio::test]
    async fn nothing_reserved_is_a_full_stop() {
        let bench = Bench::new();
        bench.python("def handler(e, c): return 1", json!({})).await;
        let put = bench.call("PUT", PATH, json!({"ReservedConcurrentExecutions": 0})).await;
        assert_eq!((put.status, put.body), (200, json!({"ReservedConcurrentExecutions": 0})));
        let throttled = bench.invoke(json!({})).await;
        throttled.expect_error(429, "TooManyRequestsException", "Rate Exceeded.");
        assert_eq!(throttled.body["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded");
        let bench = bench.restarted();
        let got = bench.call("GET", "/2015-03-31/functions/f", Value::Null).await.body;
        assert_eq!(got["Concurrency"], json!({"ReservedConcurrentExecutions": 0}));
        assert_eq!(bench.call("DELETE", PATH, Value::Null).await.status, 204);
        let none = bench.call("GET", "/2019-09-30/functions/f/concurrency", Value::Null).await;
        assert_eq!((none.status, none.body), (200, json!({})));
        assert_eq!(bench.invoke(json!({})).await.body, 1);
    }

    #[tokio::test]
    async fn others_must_keep_a_hundred() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        bench.create(&python(""), json!({"FunctionName": "g"})).await;
        let put = async |name: &str, n: u32| {
            let path = format!("/2017-10-31/functions/{name}/concurrency");
            bench.call("PUT", &path, json!({"ReservedConcurrentExecutions": n})).await
        };
        assert_eq!(put("g", 800).await.status, 200);
        let message = "Specified ReservedConcurrentExecutions for function decreases account's \
                       UnreservedConcurrentExecution below its minimum value of [100].";
        put("f", 101).await.expect_error(400, "InvalidParameterValueException", message);
        assert_eq!(put("f", 100).await.status, 200);
    }
}
