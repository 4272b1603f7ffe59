//! PutLogGroupDeletionProtection: keeps a group from being deleted, or not any more.

use aws_wire::{Action, Call, Shape, Structure};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::name;
use crate::service::Logs;
use crate::shape;

pub(super) struct PutLogGroupDeletionProtection;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    log_group_identifier: String,
    deletion_protection_enabled: bool,
}

impl Action<Logs> for PutLogGroupDeletionProtection {
    const NAME: &'static str = "PutLogGroupDeletionProtection";
    const INPUT: Structure = Structure::new(
        "PutLogGroupDeletionProtectionRequest",
        &[
            shape::GROUP_IDENTIFIER.member("logGroupIdentifier").required(),
            Shape::boolean().member("deletionProtectionEnabled").required(),
        ],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Logs, call: &Call, input: Input) -> Result<()> {
        let group = name::named(&call.world, &input.log_group_identifier).ok_or(Error::GroupNotFound)?;
        let protect = |record: &mut crate::group::Record| {
            record.protected = input.deletion_protection_enabled;
            Ok(())
        };
        service.catalog().change_group(&call.world, &group, protect).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Fixture;

    #[tokio::test]
    async fn on_and_off() {
        let mut fixture = Fixture::new().await;
        fixture.ok("CreateLogGroup", json!({"logGroupName": "g", "deletionProtectionEnabled": true})).await;
        fixture.restart().await;
        let refused = "ValidationException: The log group is protected from deletion";
        fixture.refused("DeleteLogGroup", json!({"logGroupName": "g"}), refused).await;
        let off = json!({"logGroupIdentifier": "g", "deletionProtectionEnabled": false});
        fixture.ok("PutLogGroupDeletionProtection", off).await;
        fixture.ok("DeleteLogGroup", json!({"logGroupName": "g"})).await;
    }
}
