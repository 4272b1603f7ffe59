//! RemoveLayerVersionPermission: takes a statement out of the policy of a version of a layer.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::Deserialize;

use super::layers::{self, named};
use super::shape;
use crate::{Error, Lambda};

pub(crate) struct RemoveLayerVersionPermission;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    layer_name: String,
    version_number: u64,
    statement_id: String,
    revision_id: Option<String>,
}

impl Action<Lambda> for RemoveLayerVersionPermission {
    const NAME: &'static str = "RemoveLayerVersionPermission";
    const INPUT: Structure = Structure::new(
        "RemoveLayerVersionPermissionRequest",
        &[
            layers::LAYER_NAME.member("LayerName").required(),
            layers::VERSION_NUMBER.member("VersionNumber").required(),
            shape::STATEMENT_ID.member("StatementId").required(),
            Shape::string().member("RevisionId"),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<(), Error> {
        let arn = named(call, &input.layer_name)?.with_version(input.version_number);
        service
            .blocking(move |runner| {
                runner.layers.change_policy(&arn, |policy| {
                    policy.check_revision(input.revision_id.as_deref(), layers::POLICY_READER)?;
                    policy.remove(&input.statement_id)?;
                    policy.revision_id = runner.env.random.uuid();
                    Ok(())
                })
            })
            .await
    }
}

impl Rest for RemoveLayerVersionPermission {
    const HTTP: Http = Http::delete("/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}")
        .status(204)
        .query(&[("RevisionId", "RevisionId")]);
}
