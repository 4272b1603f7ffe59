//! GetLayerVersion: a version of a layer, and where its package can be had.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::layers::{self, View, named};
use crate::{Error, Lambda};

pub(crate) struct GetLayerVersion;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    layer_name: String,
    version_number: u64,
}

impl Action<Lambda> for GetLayerVersion {
    const NAME: &'static str = "GetLayerVersion";
    const INPUT: Structure = Structure::new(
        "GetLayerVersionRequest",
        &[layers::LAYER_NAME.member("LayerName").required(), layers::VERSION_NUMBER.member("VersionNumber").required()],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        View::of(service, &named(call, &input.layer_name)?.with_version(input.version_number))
    }
}

impl Rest for GetLayerVersion {
    const HTTP: Http = Http::get("/2018-10-31/layers/{LayerName}/versions/{VersionNumber}");
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::action::publish_layer_version::tests::publish;
    use crate::fixture::Bench;

    #[tokio::test]
    async fn shows_what_was_published_by_name_and_by_arn() {
        let bench = Bench::new();
        let published = publish(&bench, "l", "").await.body;
        let get = async |path: &str| bench.call("GET", &format!("/2018-10-31/layers{path}"), Value::Null).await;
        assert_eq!(get("/l/versions/1").await.body, published);
        let arn = published["LayerVersionArn"].as_str().unwrap();
        assert_eq!(get(&format!("?find=LayerVersion&Arn={arn}")).await.body, published);
        let encoded = published["LayerArn"].as_str().unwrap().replace(':', "%3A");
        assert_eq!(get(&format!("/{encoded}/versions/1")).await.body, published);
        let none = "The resource you requested does not exist.";
        get("/l/versions/2").await.expect_error(404, "ResourceNotFoundException", none);
        get(&format!("?find=LayerVersion&Arn={}", arn.replace(":1", ":2"))).await.expect_error(
            404,
            "ResourceNotFoundException",
            none,
        );
        get("?find=LayerVersion").await.expect_error(
            400,
            "ValidationException",
            "1 validation error detected: Value null at 'arn' failed to satisfy constraint: Member must not be null",
        );
        assert_eq!(get("?find=LayerVersion&Arn=l").await.status, 400);
    }
}
