//! DeleteLayerVersion: no further function can use the version; those that do go on. One that is not there is no error.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::layers::{self, named};
use crate::{Error, Lambda};

pub(crate) struct DeleteLayerVersion;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    layer_name: String,
    version_number: u64,
}

impl Action<Lambda> for DeleteLayerVersion {
    const NAME: &'static str = "DeleteLayerVersion";
    const INPUT: Structure = Structure::new(
        "DeleteLayerVersionRequest",
        &[layers::LAYER_NAME.member("LayerName").required(), layers::VERSION_NUMBER.member("VersionNumber").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<(), Error> {
        let arn = named(call, &input.layer_name)?;
        service
            .blocking(move |runner| {
                runner.layers.remove(&arn, input.version_number)?;
                runner.sweep();
                Ok(())
            })
            .await
    }
}

impl Rest for DeleteLayerVersion {
    const HTTP: Http = Http::delete("/2018-10-31/layers/{LayerName}/versions/{VersionNumber}").status(204);
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::action::publish_layer_version::tests::publish;
    use crate::fixture::Bench;

    #[tokio::test]
    async fn a_number_is_not_given_again_and_the_package_goes() {
        let bench = Bench::new();
        let location = publish(&bench, "l", "gone = 1").await.body["Content"]["Location"].as_str().unwrap().to_owned();
        let file = location.rsplit('/').next().unwrap();
        for _ in 0..2 {
            let deleted = bench.call("DELETE", "/2018-10-31/layers/l/versions/1", Value::Null).await;
            assert_eq!(deleted.status, 204);
        }
        assert_eq!(bench.lambda.package(file), None);
        assert_eq!(publish(&bench, "l", "").await.body["Version"], 2);
    }
}
