//! ListLayers: layers by name with their newest version, 50 a page. Under the same path, told apart by its query, is
//! GetLayerVersionByArn.

use aws_wire::reply::reply;
use aws_wire::{Call, Http, RawAction, Reply, Rest, Shape, Structure};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::layers::{self, Summary, View};
use super::pages::page;
use super::shape;
use crate::layer::LayerArn;
use crate::{Error, Lambda};

pub(crate) struct ListLayers;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    /// `LayerVersion`: this is GetLayerVersionByArn.
    find: Option<String>,
    arn: Option<String>,
    compatible_architecture: Option<String>,
    compatible_runtime: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    layers: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    layer_name: String,
    layer_arn: String,
    latest_matching_version: Summary,
}

impl RawAction<Lambda> for ListLayers {
    const NAME: &'static str = "ListLayers";
    const INPUT: Structure = Structure::new(
        "ListLayersRequest",
        &[
            Shape::string().member("Find"),
            shape::LAYER_VERSION_ARN.member("Arn"),
            layers::ARCHITECTURE.member("CompatibleArchitecture"),
            layers::RUNTIME.member("CompatibleRuntime"),
            Shape::string().member("Marker"),
            layers::MAX_ITEMS.member("MaxItems"),
        ],
    );
    type Input = Input;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Reply, Error> {
        if input.find.as_deref() == Some("LayerVersion") {
            let text = input.arn.ok_or(Error::LayerVersionArnMissing)?;
            let arn = LayerArn::parse(&text).filter(|arn| arn.world == call.world);
            return document(&View::of(service, &arn.ok_or(Error::NothingThere)?)?);
        }
        let found = service.runner().layers.list(&call.world);
        let entries = found.iter().filter_map(|layer| {
            let suits = |version: &crate::layer::LayerVersion| {
                version.suits(input.compatible_runtime.as_deref(), input.compatible_architecture.as_deref())
            };
            let (number, version) = layer.versions.iter().rev().find(|(_, version)| suits(version))?;
            let entry = Entry {
                layer_name: layer.arn.name.clone(),
                layer_arn: layer.arn.to_string(),
                latest_matching_version: Summary::of(layer, *number, version),
            };
            Some(((layer.arn.name.clone(), 0), entry))
        });
        let (layers, next_marker) = page(entries, input.marker.as_deref(), input.max_items)?;
        document(&Output { layers, next_marker })
    }
}

fn document(value: &impl Serialize) -> Result<Reply, Error> {
    let document = serde_json::to_string(value).map_err(|error| Error::Storage(error.to_string()))?;
    Ok(reply(StatusCode::OK, "application/json", document))
}

impl Rest for ListLayers {
    const HTTP: Http = Http::get("/2018-10-31/layers").query(&[
        ("find", "Find"),
        ("Arn", "Arn"),
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
    async fn layers_come_with_their_newest_version() {
        let bench = Bench::new();
        for name in ["b", "a", "b"] {
            publish(&bench, name, "").await;
        }
        let list = async |query: &str| bench.call("GET", &format!("/2018-10-31/layers{query}"), Value::Null).await.body;
        let first = list("?MaxItems=1").await;
        assert_eq!(first["Layers"][0]["LayerName"], "a");
        let second = list(&format!("?Marker={}", first["NextMarker"].as_str().unwrap())).await;
        assert_eq!(second["Layers"][0]["LatestMatchingVersion"]["Version"], 2);
        assert_eq!(list("?CompatibleRuntime=nodejs20.x").await, json!({"Layers": []}));
    }
}
