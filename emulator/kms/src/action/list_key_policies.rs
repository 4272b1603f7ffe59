//! ListKeyPolicies: the names of the policies of a key, of which there is one.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::action::get_key_policy::POLICY_NAME;
use crate::error::Result;
use crate::service::Kms;
use crate::shape;

pub(super) struct ListKeyPolicies;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    policy_names: [&'static str; 1],
    truncated: bool,
}

impl Action<Kms> for ListKeyPolicies {
    const NAME: &'static str = "ListKeyPolicies";
    const INPUT: Structure = Structure::new(
        "ListKeyPoliciesRequest",
        &[shape::KEY_ID.member("KeyId").required(), shape::LIMIT.member("Limit"), shape::MARKER.member("Marker")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        service.find(&call.world, &input.key_id)?;
        Ok(Output { policy_names: [POLICY_NAME], truncated: false })
    }
}
