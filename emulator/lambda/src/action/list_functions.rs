//! ListFunctions: the functions of a region, or with `FunctionVersion: ALL` all their versions, 50 a page.

use aws_wire::{Action, Call, Http, Pattern, Rest, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::pages::page;
use super::shape;
use crate::function::View;
use crate::name::is_region;
use crate::{Error, Lambda};

pub(crate) struct ListFunctions;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_version: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    functions: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

const MASTER_REGION: Shape = Shape::string().length(1, 50).pattern(Pattern {
    text: "ALL|(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}",
    matches: |text| text == "ALL" || is_region(text),
});

impl Action<Lambda> for ListFunctions {
    const NAME: &'static str = "ListFunctions";
    const INPUT: Structure = Structure::new(
        "ListFunctionsRequest",
        &[
            MASTER_REGION.member("MasterRegion"),
            Shape::string().one_of(&["ALL"]).member("FunctionVersion"),
            Shape::string().member("Marker"),
            shape::MAX_ITEMS.member("MaxItems"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let now = service.runner().env.clock.now();
        let functions = service.runner().catalog.list(&call.world);
        let shows_all = input.function_version.is_some();
        let entries = functions.iter().flat_map(|function| {
            let versions = function.versions().take(if shows_all { usize::MAX } else { 1 });
            versions.map(move |(qualifier, _)| {
                let key = (function.arn.name.to_string(), qualifier.number());
                // With all versions shown, the ARN says which; alone, `$LATEST` goes without saying.
                let qualifier = shows_all.then_some(qualifier);
                (key, (function, qualifier))
            })
        });
        let (entries, next_marker) = page(entries, input.marker.as_deref(), input.max_items)?;
        let views = entries.iter().map(|(function, qualifier)| View::of(function, qualifier.as_ref(), now));
        Ok(Output { functions: views.map(|view| view.map(View::summary)).collect::<Result<_, _>>()?, next_marker })
    }
}

impl Rest for ListFunctions {
    const HTTP: Http = Http::get("/2015-03-31/functions").query(&[
        ("MasterRegion", "MasterRegion"),
        ("FunctionVersion", "FunctionVersion"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::{Bench, python};

    #[tokio::test]
    async fn functions_come_by_name_and_page() {
        let bench = Bench::new();
        for name in ["c", "a", "b"] {
            bench.create(&python(""), json!({"FunctionName": name, "Publish": name == "a"})).await;
        }
        let list =
            async |query: &str| bench.call("GET", &format!("/2015-03-31/functions/{query}"), Value::Null).await.body;
        let arns = |page: &Value| -> Vec<String> {
            let functions = page["Functions"].as_array().unwrap();
            let tail = |function: &Value| {
                function["FunctionArn"].as_str().unwrap().split("function:").last().unwrap().to_owned()
            };
            functions.iter().map(tail).collect()
        };
        let first = list("?MaxItems=2").await;
        assert_eq!((arns(&first), first["Functions"][0].get("State")), (vec!["a".to_owned(), "b".to_owned()], None));
        let marker = first["NextMarker"].as_str().unwrap();
        let second = list(&format!("?Marker={marker}")).await;
        assert_eq!((arns(&second), second.get("NextMarker")), (vec!["c".to_owned()], None));
        assert_eq!(arns(&list("?FunctionVersion=ALL").await), ["a:$LATEST", "a:1", "b:$LATEST", "c:$LATEST"]);
    }
}
