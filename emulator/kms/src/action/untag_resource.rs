//! UntagResource: removes tags from a key. One that is not there is no error.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::service::Kms;
use crate::shape;
use crate::tag;

pub(super) struct UntagResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    tag_keys: Vec<String>,
}

impl Action<Kms> for UntagResource {
    const NAME: &'static str = "UntagResource";
    const INPUT: Structure = Structure::new(
        "UntagResourceRequest",
        &[shape::KEY_ID.member("KeyId").required(), Shape::list(&shape::TAG_KEY).member("TagKeys").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        service
            .change(call, Self::NAME, &input.key_id, |key, _| {
                key.check_not_pending()?;
                tag::remove(&mut key.tags, &input.tag_keys)
            })
            .map(drop)
    }
}
