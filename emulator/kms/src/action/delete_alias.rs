//! DeleteAlias: removes a name of a key; the key stays.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::alias;
use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;

pub(super) struct DeleteAlias;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    alias_name: String,
}

impl Action<Kms> for DeleteAlias {
    const NAME: &'static str = "DeleteAlias";
    const INPUT: Structure = Structure::new("DeleteAliasRequest", &[shape::ALIAS_NAME.member("AliasName").required()]);
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        alias::check_name(&input.alias_name)?;
        let world = &call.world;
        let writing = service.directory().write();
        let arn = world.arn("kms", &input.alias_name);
        service.directory().alias(world, &input.alias_name).ok_or(Error::AliasNotFound { arn })?;
        writing.remove_alias(world, &input.alias_name)
    }
}
