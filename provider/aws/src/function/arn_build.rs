//! `arn_build`: an ARN from its parts. They are put together as they are.

use schemars::JsonSchema;
use serde::Deserialize;
use tf_framework::{Function, FunctionError};

use crate::arn::Arn;

/// Builds an ARN from its parts.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ArnBuild {
    /// The partition that the resource is in, such as `aws`.
    partition: String,
    /// The service, such as `kinesis`.
    service: String,
    /// The region; empty for a global service.
    region: String,
    /// The account; empty where names are the same for all accounts.
    account_id: String,
    /// The resource in the service's own notation, mostly a type and a name.
    resource: String,
}

impl Function for ArnBuild {
    const NAME: &'static str = "arn_build";
    type Output = String;

    fn call(self) -> Result<String, FunctionError> {
        let Self { partition, service, region, account_id, resource } = self;
        Ok(Arn { partition, service, region, account_id, resource }.to_string())
    }
}
