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
