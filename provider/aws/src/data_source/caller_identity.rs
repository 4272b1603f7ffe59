//! `aws_caller_identity`: who the provider's calls are made by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Context, DataSource, Diagnostics};

use crate::client::Aws;

/// The account and user that the provider works with.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CallerIdentity {
    /// The account's number.
    #[schemars(extend("tf" = computed()))]
    account_id: Attr<String>,
    /// The caller's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// The account's number.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The caller's unique id.
    #[schemars(extend("tf" = computed()))]
    user_id: Attr<String>,
}

impl DataSource for CallerIdentity {
    const TYPE: &'static str = "aws_caller_identity";
    type Client = Aws;

    async fn read(cx: &Context<Aws>, _: Self) -> Result<Self, Diagnostics> {
        let caller = cx.client().caller().await?.clone();
        Ok(Self {
            id: caller.account_id.clone().into(),
            account_id: caller.account_id.into(),
            arn: caller.arn.into(),
            user_id: caller.user_id.into(),
        })
    }
}
