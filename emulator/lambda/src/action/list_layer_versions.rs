//! ListLayerVersions: the versions of a layer, newest first, 50 a page.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::layers::{self, Summary, named};
use super::pages::page;
use crate::{Error, Lambda};

pub(crate) struct ListLayerVersions;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    layer_name: String,
    compatible_architecture: Option<String>,
    compatible_runtime: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    layer_versions: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Action<Lambda> for ListLayerVersions {
    const NAME: &'static str = "ListLayerVersions";
    const INPUT: Structure = Structure::new(
        "ListLayerVersionsRequest",
        &[
            layers::ARCHITECTURE.member("CompatibleArchitecture"),
            layers::RUNTIME.member("CompatibleRuntime"),
            layers::LAYER_NAME.member("LayerName").required(),
            Shape::string().member("Marker"),
            layers::MAX_ITEMS.member("MaxItems"),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let Some(layer) = service.runner().layers.get(&named(call, &input.layer_name)?) else {
            return Ok(Output { layer_versions: Vec::new(), next_marker: None });
        };
        let (runtime, architecture) = (input.compatible_runtime.as_deref(), input.compatible_architecture.as_deref());
        let suiting = layer.versions.iter().rev().filter(|(_, version)| version.suits(runtime, architecture));
        // Keys rise along a list, and numbers fall.
        let entries = suiting.map(|(number, version)| {
            ((layer.arn.name.clone(), u64::MAX - number), Summary::of(&layer, *number, version))
        });
        let (layer_versions, next_marker) = page(entries, input.marker.as_deref(), input.max_items)?;
        Ok(Output { layer_versions, next_marker })
    }
}

impl Rest for ListLayerVersions {
    const HTTP: Http = Http::get("/2018-10-31/layers/{LayerName}/versions").query(&[
        ("CompatibleArchitecture", "CompatibleArchitecture"),
        ("CompatibleRuntime", "CompatibleRuntime"),
        ("Marker", "Marker"),
        ("MaxItems", "MaxItems"),
    ]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::action::publish_layer_version::tests::publish;
    use crate::fixture::Bench;

    #[tokio::test]
    async fn the_newest_comes_first() {
        let bench = Bench::new();
        for _ in 0..3 {
            publish(&bench, "l", "").await;
        }
        let list = async |query: &str| {
            bench.call("GET", &format!("/2018-10-31/layers/l/versions{query}"), Value::Null).await.body
        };
        let first = list("?MaxItems=2").await;
        let second = list(&format!("?Marker={}", first["NextMarker"].as_str().unwrap())).await;
        let numbers: Vec<_> = [&first["LayerVersions"][0], &first["LayerVersions"][1], &second["LayerVersions"][0]]
            .map(|version| version["Version"].as_u64().unwrap())
            .into();
        assert_eq!(numbers, [3, 2, 1]);
        assert_eq!(list("?CompatibleArchitecture=arm64").await, json!({"LayerVersions": []}));
        let none = bench.call("GET", "/2018-10-31/layers/m/versions", Value::Null).await;
        assert_eq!((none.status, none.body), (200, json!({"LayerVersions": []})));
    }
}
