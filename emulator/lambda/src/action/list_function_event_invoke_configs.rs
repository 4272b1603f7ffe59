//! ListFunctionEventInvokeConfigs: what is set for each version and alias, 50 a page.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::event_invoke::View;
use super::pages::page;
use super::shape;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct ListFunctionEventInvokeConfigs;

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
    function_event_invoke_configs: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Action<Lambda> for ListFunctionEventInvokeConfigs {
    const NAME: &'static str = "ListFunctionEventInvokeConfigs";
    const INPUT: Structure = Structure::new(
        "ListFunctionEventInvokeConfigsRequest",
        &[
            shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(),
            Shape::string().member("Marker"),
            Shape::integer().range(1, 50).member("MaxItems"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let function = service.runner().catalog.get(&resolve(call, &input.function_name, None)?)?;
        let entries = function.event_invoke.keys().map(|qualifier| {
            // In the order of the map, so that a marker finds its place: `$LATEST`, versions by number, aliases by name.
            let text = match qualifier.number() {
                0 => qualifier.to_string(),
                number => format!("${number:020}"),
            };
            ((text, 0), qualifier)
        });
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (qualifiers, next_marker) = page(entries.into_iter(), input.marker.as_deref(), input.max_items)?;
        let views = qualifiers.into_iter().map(|qualifier| View::of(&function, qualifier));
        Ok(Output { function_event_invoke_configs: views.collect::<Result<_, _>>()?, next_marker })
    }
}

impl Rest for ListFunctionEventInvokeConfigs {
    const HTTP: Http = Http::get("/2019-09-25/functions/{FunctionName}/event-invoke-config/list")
        .query(&[("Marker", "Marker"), ("MaxItems", "MaxItems")]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    #[tokio::test]
    async fn lists_all_and_none() {
        let bench = Bench::new();
        bench.python("", json!({"Publish": true})).await;
        let path = "/2019-09-25/functions/f/event-invoke-config";
        let list = async |query: &str| bench.call("GET", &format!("{path}/list{query}"), Value::Null).await.body;
        assert_eq!(list("").await, json!({"FunctionEventInvokeConfigs": []}));
        for query in ["", "?Qualifier=1"] {
            bench.call("PUT", &format!("{path}{query}"), json!({"MaximumRetryAttempts": 0})).await;
        }
        let first = list("?MaxItems=1").await;
        let second = list(&format!("?Marker={}", first["NextMarker"].as_str().unwrap())).await;
        let arns: Vec<_> = [first, second]
            .iter()
            .map(|page| page["FunctionEventInvokeConfigs"][0]["FunctionArn"].as_str().unwrap().to_owned())
            .collect();
        let arn = |qualifier: &str| format!("arn:aws:lambda:us-east-1:000000000000:function:f:{qualifier}");
        assert_eq!(arns, [arn("1"), arn("$LATEST")]);
    }
}
