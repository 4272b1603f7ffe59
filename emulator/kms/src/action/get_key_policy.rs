//! GetKeyPolicy: the policy of a key, as it was put. A key has one, called `default`.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;

pub(super) struct GetKeyPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    policy_name: Option<String>,
}

/// The only policy that a key has.
pub(super) const POLICY_NAME: &str = "default";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    policy: String,
    policy_name: &'static str,
}

impl Action<Kms> for GetKeyPolicy {
    const NAME: &'static str = "GetKeyPolicy";
    const INPUT: Structure = Structure::new(
        "GetKeyPolicyRequest",
        &[shape::KEY_ID.member("KeyId").required(), shape::POLICY_NAME.member("PolicyName")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        let key = service.find(&call.world, &input.key_id)?;
        match input.policy_name.as_deref() {
            None | Some(POLICY_NAME) => Ok(Output { policy: key.policy.clone(), policy_name: POLICY_NAME }),
            Some(_) => Err(Error::PolicyNotFound),
        }
    }
}
