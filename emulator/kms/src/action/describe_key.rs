//! DescribeKey: what there is to know of a key, by any of its names; also of one that is pending deletion.

use aws_wire::{Action, Call, Structure};
use serde::{Deserialize, Serialize};

use crate::action::key_metadata::KeyMetadata;
use crate::error::Result;
use crate::service::Kms;
use crate::shape;

pub(super) struct DescribeKey;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    key_metadata: KeyMetadata,
}

impl Action<Kms> for DescribeKey {
    const NAME: &'static str = "DescribeKey";
    const INPUT: Structure = Structure::new(
        "DescribeKeyRequest",
        &[shape::KEY_ID.member("KeyId").required(), shape::GRANT_TOKENS.member("GrantTokens")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<Output> {
        Ok(Output { key_metadata: KeyMetadata::of(&*service.find(&call.world, &input.key_id)?) })
    }
}
