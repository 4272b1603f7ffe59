//! `aws_partition`: the group of regions that the provider's region belongs to. Makes no call.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Context, DataSource, Diagnostics};

use crate::arn;
use crate::client::Aws;

/// The partition of the provider's region.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Partition {
    /// What the host names of its services end with.
    #[schemars(extend("tf" = computed()))]
    dns_suffix: Attr<String>,
    /// The partition's name.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The partition's name, as in an ARN.
    #[schemars(extend("tf" = computed()))]
    partition: Attr<String>,
    /// What the names of its services begin with when written in reverse.
    #[schemars(extend("tf" = computed()))]
    reverse_dns_prefix: Attr<String>,
}

impl DataSource for Partition {
    const TYPE: &'static str = "aws_partition";
    type Client = Aws;

    async fn read(cx: &Context<Aws>, _: Self) -> Result<Self, Diagnostics> {
        let partition = arn::Partition::of_region(cx.client().known_region()?);
        Ok(Self {
            dns_suffix: partition.dns_suffix.into(),
            id: partition.id.into(),
            partition: partition.id.into(),
            reverse_dns_prefix: partition.reverse_dns_prefix.into(),
        })
    }
}
