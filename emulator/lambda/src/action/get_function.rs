//! GetFunction: a version's settings, where its package can be had, and the function's tags and reservation.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::{Deserialize, Serialize};

use super::put_function_concurrency::Reservation;
use super::shape;
use crate::function::View;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct GetFunction;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    configuration: View,
    code: Location,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<Reservation>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Location {
    repository_type: &'static str,
    location: String,
}

impl Action<Lambda> for GetFunction {
    const NAME: &'static str = "GetFunction";
    const INPUT: Structure = Structure::new(
        "GetFunctionRequest",
        &[shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(), shape::QUALIFIER.member("Qualifier")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        let function = service.runner().catalog.get(&arn)?;
        let version = function.version(arn.qualifier.as_ref())?;
        Ok(Output {
            configuration: View::of(&function, arn.qualifier.as_ref(), service.runner().env.clock.now())?,
            code: Location { repository_type: "S3", location: service.package_url(version.code.hash) },
            tags: function.tags.clone(),
            concurrency: function.reserved_concurrency.map(Reservation::of),
        })
    }
}

impl Rest for GetFunction {
    const HTTP: Http = Http::get("/2015-03-31/functions/{FunctionName}").query(&[("Qualifier", "Qualifier")]);
}
