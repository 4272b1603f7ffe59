//! UpdateAlias: lets an alias name another key.

use aws_wire::{Action, Call, EpochSeconds, Structure};
use serde::Deserialize;

use crate::alias::{self, Alias};
use crate::error::{Error, Result};
use crate::service::Kms;
use crate::shape;

pub(super) struct UpdateAlias;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    alias_name: String,
    target_key_id: String,
}

impl Action<Kms> for UpdateAlias {
    const NAME: &'static str = "UpdateAlias";
    const INPUT: Structure = Structure::new(
        "UpdateAliasRequest",
        &[shape::ALIAS_NAME.member("AliasName").required(), shape::KEY_ID.member("TargetKeyId").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Kms, call: &Call, input: Input) -> Result<()> {
        alias::check_name(&input.alias_name)?;
        let world = &call.world;
        service.directory().enter(world)?;
        let writing = service.directory().write();
        let arn = world.arn("kms", &input.alias_name);
        let alias = service.directory().alias(world, &input.alias_name).ok_or(Error::AliasNotFound { arn })?;
        let key = service.find(world, &input.target_key_id)?;
        key.check_not_pending()?;
        let updated = EpochSeconds(service.now());
        writing.put_alias(Alias { target: key.id.clone(), updated, ..Alias::clone(&alias) })
    }
}
