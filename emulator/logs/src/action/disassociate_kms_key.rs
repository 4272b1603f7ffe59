//! DisassociateKmsKey: a group has no key from now on.

use aws_wire::{Action, Call, Structure};
use serde::Deserialize;

use crate::error::Result;
use crate::group::Record;
use crate::name::group_for_key;
use crate::service::Logs;
use crate::shape;

pub(super) struct DisassociateKmsKey;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_name: Option<String>,
    resource_identifier: Option<String>,
}

impl Action<Logs> for DisassociateKmsKey {
    const NAME: &'static str = "DisassociateKmsKey";
    const INPUT: Structure = Structure::new(
        "DisassociateKmsKeyRequest",
        &[shape::GROUP_NAME.member("logGroupName"), shape::RESOURCE_IDENTIFIER.member("resourceIdentifier")],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        let group = group_for_key(&call.world, input.log_group_name, input.resource_identifier)?;
        let disassociate = |record: &mut Record| {
            record.key = None;
            Ok(())
        };
        service.catalog().change_group(&call.world, &group, disassociate).await
    }
}
