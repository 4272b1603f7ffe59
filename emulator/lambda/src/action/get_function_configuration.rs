//! GetFunctionConfiguration: a version's settings and states. Waiters poll it.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::shape;
use crate::function::View;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct GetFunctionConfiguration;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

impl Action<Lambda> for GetFunctionConfiguration {
    const NAME: &'static str = "GetFunctionConfiguration";
    const INPUT: Structure = Structure::new(
        "GetFunctionConfigurationRequest",
        &[shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(), shape::QUALIFIER.member("Qualifier")],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        let function = service.runner().catalog.get(&arn)?;
        View::of(&function, arn.qualifier.as_ref(), service.runner().env.clock.now())
    }
}

impl Rest for GetFunctionConfiguration {
    const HTTP: Http =
        Http::get("/2015-03-31/functions/{FunctionName}/configuration").query(&[("Qualifier", "Qualifier")]);
}
