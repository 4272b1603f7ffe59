//! ListVersionsByFunction: `$LATEST` and the published versions, oldest first, 50 a page.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::pages::page;
use super::shape;
use crate::function::View;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct ListVersionsByFunction;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    versions: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Action<Lambda> for ListVersionsByFunction {
    const NAME: &'static str = "ListVersionsByFunction";
    const INPUT: Structure = Structure::new(
        "ListVersionsByFunctionRequest",
        &[
            shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(),
            Shape::string().member("Marker"),
            shape::MAX_ITEMS.member("MaxItems"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let arn = resolve(call, &input.function_name, None)?;
        let now = service.runner().env.clock.now();
        let function = service.runner().catalog.get(&arn)?;
        let name = function.arn.name.as_str();
        let entries = function.versions().map(|(qualifier, _)| ((name.to_owned(), qualifier.number()), qualifier));
        let (qualifiers, next_marker) = page(entries, input.marker.as_deref(), input.max_items)?;
        let views = qualifiers.iter().map(|qualifier| View::of(&function, Some(qualifier), now));
        Ok(Output { versions: views.map(|view| view.map(View::summary)).collect::<Result<_, _>>()?, next_marker })
    }
}

impl Rest for ListVersionsByFunction {
    const HTTP: Http = Http::get("/2015-03-31/functions/{FunctionName}/versions")
        .query(&[("Marker", "Marker"), ("MaxItems", "MaxItems")]);
}
