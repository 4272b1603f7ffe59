//! DeleteFunctionConcurrency: the function shares again what the account has left.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::shape;
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct DeleteFunctionConcurrency;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
}

impl Action<Lambda> for DeleteFunctionConcurrency {
    const NAME: &'static str = "DeleteFunctionConcurrency";
    const INPUT: Structure =
        Structure::new("DeleteFunctionConcurrencyRequest", &[shape::FUNCTION_NAME.member("FunctionName").required()]);
    type Input = Input;
    type Output = ();

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<(), Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
        let forget = move |runner: &crate::runner::Runner| {
            runner.catalog.change(&arn, |function| {
                function.reserved_concurrency = None;
                Ok(())
            })
        };
        service.blocking(forget).await.map(drop)
    }
}

impl Rest for DeleteFunctionConcurrency {
    const HTTP: Http = Http::delete("/2017-10-31/functions/{FunctionName}/concurrency").status(204);
}
