//! GetFunctionConcurrency: what is reserved for a function; an empty answer if nothing is.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::{Deserialize, Serialize};

use super::shape;
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct GetFunctionConcurrency;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved_concurrent_executions: Option<u32>,
}

impl Action<Lambda> for GetFunctionConcurrency {
    const NAME: &'static str = "GetFunctionConcurrency";
    const INPUT: Structure =
        Structure::new("GetFunctionConcurrencyRequest", &[shape::FUNCTION_NAME.member("FunctionName").required()]);
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let function = service.runner().catalog.get(&resolve_unqualified(call, &input.function_name)?)?;
        Ok(Output { reserved_concurrent_executions: function.reserved_concurrency })
    }
}

impl Rest for GetFunctionConcurrency {
    const HTTP: Http = Http::get("/2019-09-30/functions/{FunctionName}/concurrency");
}
