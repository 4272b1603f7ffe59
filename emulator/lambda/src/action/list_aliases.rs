//! ListAliases: the aliases of a function by name, or those of one version, 50 a page.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::aliases::View;
use super::pages::page;
use super::shape;
use crate::name::Qualifier;
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct ListAliases;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    function_version: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    aliases: Vec<View>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Action<Lambda> for ListAliases {
    const NAME: &'static str = "ListAliases";
    const INPUT: Structure = Structure::new(
        "ListAliasesRequest",
        &[
            shape::FUNCTION_NAME.member("FunctionName").required(),
            shape::VERSION.member("FunctionVersion"),
            Shape::string().member("Marker"),
            shape::MAX_ITEMS.member("MaxItems"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let function = service.runner().catalog.get(&resolve_unqualified(call, &input.function_name)?)?;
        let wanted: Option<Qualifier> = input.function_version.and_then(|version| version.parse().ok());
        let entries = function.aliases.iter().filter(|(_, alias)| {
            wanted.as_ref().is_none_or(|wanted| alias.version == *wanted || alias.uses(wanted.number()))
        });
        let entries = entries.map(|(name, _)| ((name.clone(), 0), name));
        let (names, next_marker) = page(entries, input.marker.as_deref(), input.max_items)?;
        let aliases = names.into_iter().map(|name| View::of(&function, name)).collect::<Result<_, _>>()?;
        Ok(Output { aliases, next_marker })
    }
}

impl Rest for ListAliases {
    const HTTP: Http = Http::get("/2015-03-31/functions/{FunctionName}/aliases").query(&[
        ("FunctionVersion", "FunctionVersion"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    #[tokio::test]
    async fn aliases_come_by_name_and_by_version() {
        let bench = Bench::new();
        bench.python("", json!({"Publish": true})).await;
        let path = "/2015-03-31/functions/f/aliases";
        for (name, version) in [("b", "1"), ("a", "$LATEST"), ("c", "1")] {
            bench.call("POST", path, json!({"Name": name, "FunctionVersion": version})).await;
        }
        let list = async |query: &str| bench.call("GET", &format!("{path}{query}"), Value::Null).await.body;
        let names = |page: &Value| {
            let aliases = page["Aliases"].as_array().unwrap();
            aliases.iter().map(|alias| alias["Name"].as_str().unwrap().to_owned()).collect::<String>()
        };
        let first = list("?MaxItems=2").await;
        assert_eq!(names(&first), "ab");
        assert_eq!(names(&list(&format!("?Marker={}", first["NextMarker"].as_str().unwrap())).await), "c");
        assert_eq!(names(&list("?FunctionVersion=1").await), "bc");
        assert_eq!(bench.call("GET", "/2015-03-31/functions/g/aliases", Value::Null).await.status, 404);
    }
}
