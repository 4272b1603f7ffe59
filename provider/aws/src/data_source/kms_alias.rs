//! `aws_kms_alias`: an alias by its name, with the key behind it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Context, DataSource, Diagnostic, Diagnostics};

use crate::client::Aws;
use crate::error::WhileDoing;
use crate::region;
use crate::resource::kms_alias::find;
use crate::resource::kms_key::describe;

/// A name for a key.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KmsAlias {
    /// The alias's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// The alias's ARN.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The name, which begins with `alias/`.
    #[schemars(extend("tf" = required().pattern("^alias/[a-zA-Z0-9:/_-]+$")))]
    name: Attr<String>,
    /// The region of the alias; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// The ARN of the key.
    #[schemars(extend("tf" = computed()))]
    target_key_arn: Attr<String>,
    /// The id of the key.
    #[schemars(extend("tf" = computed()))]
    target_key_id: Attr<String>,
}

impl DataSource for KmsAlias {
    const TYPE: &'static str = "aws_kms_alias";
    type Client = Aws;

    async fn read(cx: &Context<Aws>, config: Self) -> Result<Self, Diagnostics> {
        let (kms, name) = (cx.client().kms(&config.region)?, config.name.text());
        let look = async {
            // An alias of AWS's may have no key before somebody uses it; asking for the key is using it.
            let alias = find(&kms, name).await?;
            let key = if alias.is_some() { describe(&kms, name, None).await? } else { None };
            Ok::<_, crate::error::ApiError>(alias.zip(key))
        };
        let Some((alias, key)) = look.await.while_doing(&format!("reading KMS Alias ({name})"))? else {
            return Err(Diagnostic::error(
                format!("reading KMS Alias ({name}): couldn't find resource"),
                "There is no such alias in the region, or the key behind it is gone.",
            )
            .at("name")
            .into());
        };
        Ok(Self {
            arn: alias.alias_arn.clone().into(),
            id: alias.alias_arn.into(),
            region: region::of_state(cx.client(), &config.region),
            name: config.name,
            target_key_arn: key.arn.into(),
            target_key_id: key.key_id.into(),
        })
    }
}
