//! GetLayerVersionPolicy: who else may use a version of a layer, if that was ever said.

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::{Deserialize, Serialize};

use super::layers::{self, named};
use crate::{Error, Lambda};

pub(crate) struct GetLayerVersionPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    layer_name: String,
    version_number: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    /// A document as text.
    policy: String,
    revision_id: String,
}

impl Action<Lambda> for GetLayerVersionPolicy {
    const NAME: &'static str = "GetLayerVersionPolicy";
    const INPUT: Structure = Structure::new(
        "GetLayerVersionPolicyRequest",
        &[layers::LAYER_NAME.member("LayerName").required(), layers::VERSION_NUMBER.member("VersionNumber").required()],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let arn = named(call, &input.layer_name)?.with_version(input.version_number);
        let layer = service.runner().layers.get(&arn);
        let version = layer.as_ref().and_then(|layer| layer.versions.get(&input.version_number));
        let policy = &version.ok_or_else(|| Error::LayerVersionNotFound(arn.to_string()))?.policy;
        if policy.is_empty() {
            return Err(Error::NoPolicy);
        }
        Ok(Output { policy: policy.document(), revision_id: policy.revision_id.clone() })
    }
}

impl Rest for GetLayerVersionPolicy {
    const HTTP: Http = Http::get("/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy");
}
