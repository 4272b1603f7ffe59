//! `aws_kms_key`: a key by its id, its ARN or an alias, in whatever state it is.

use aws_sdk_kms::types::{KeyMetadata, MultiRegionConfiguration, MultiRegionKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Context, DataSource, Diagnostic, Diagnostics};

use crate::client::Aws;
use crate::error::WhileDoing;
use crate::resource::kms_key::{describe, spec_of};
use crate::{region, rfc3339};

/// A key.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KmsKey {
    /// The key's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// The account that owns the key.
    #[schemars(extend("tf" = computed()))]
    aws_account_id: Attr<String>,
    /// The cluster that holds the key.
    #[schemars(extend("tf" = computed()))]
    cloud_hsm_cluster_id: Attr<String>,
    /// When the key was made.
    #[schemars(extend("tf" = computed()))]
    creation_date: Attr<String>,
    /// The key store that holds the key.
    #[schemars(extend("tf" = computed()))]
    custom_key_store_id: Attr<String>,
    /// What kind of key it is.
    #[schemars(extend("tf" = computed()))]
    customer_master_key_spec: Attr<String>,
    /// When the key will be deleted.
    #[schemars(extend("tf" = computed()))]
    deletion_date: Attr<String>,
    /// What the key is for.
    #[schemars(extend("tf" = computed()))]
    description: Attr<String>,
    /// Whether the key can be used.
    #[schemars(extend("tf" = computed()))]
    enabled: Attr<bool>,
    /// Whether the key's material expires.
    #[schemars(extend("tf" = computed()))]
    expiration_model: Attr<String>,
    /// Tokens of grants that are too new to be known everywhere.
    #[schemars(extend("tf" = optional()))]
    grant_tokens: Attr<Vec<String>>,
    /// The key's id.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The key: its id, its ARN, or the name or ARN of an alias.
    #[schemars(extend("tf" = required()))]
    key_id: Attr<String>,
    /// Who manages the key: `AWS` or `CUSTOMER`.
    #[schemars(extend("tf" = computed()))]
    key_manager: Attr<String>,
    /// What kind of key it is.
    #[schemars(extend("tf" = computed()))]
    key_spec: Attr<String>,
    /// What the key is doing.
    #[schemars(extend("tf" = computed()))]
    key_state: Attr<String>,
    /// What the key does.
    #[schemars(extend("tf" = computed()))]
    key_usage: Attr<String>,
    /// Whether the key can have replicas in other regions.
    #[schemars(extend("tf" = computed()))]
    multi_region: Attr<bool>,
    /// Where the key and its replicas are.
    #[schemars(extend("tf" = computed()))]
    multi_region_configuration: Attr<Vec<Replication>>,
    /// Where the key's material comes from.
    #[schemars(extend("tf" = computed()))]
    origin: Attr<String>,
    /// How many days the key waits for its deletion once its replicas are gone.
    #[schemars(extend("tf" = computed()))]
    pending_deletion_window_in_days: Attr<i64>,
    /// The region of the key; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// When the key's material expires.
    #[schemars(extend("tf" = computed()))]
    valid_to: Attr<String>,
    /// The key in an external key store.
    #[schemars(extend("tf" = computed()))]
    xks_key_configuration: Attr<Vec<ExternalKey>>,
}

/// A key in several regions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Replication {
    multi_region_key_type: Option<String>,
    primary_key: Vec<Replica>,
    replica_keys: Vec<Replica>,
}

/// A key in one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Replica {
    arn: Option<String>,
    region: Option<String>,
}

/// A key outside AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct ExternalKey {
    id: Option<String>,
}

impl DataSource for KmsKey {
    const TYPE: &'static str = "aws_kms_key";
    type Client = Aws;

    async fn read(cx: &Context<Aws>, config: Self) -> Result<Self, Diagnostics> {
        let name = config.key_id.text();
        let tokens = config.grant_tokens.known().cloned();
        let found = describe(&cx.client().kms(&config.region)?, name, tokens).await;
        let Some(found) = found.while_doing(&format!("reading KMS Key ({name})"))? else {
            return Err(Diagnostic::error(
                format!("reading KMS Key ({name}): couldn't find resource"),
                "There is no such key or alias in the region.",
            )
            .at("key_id")
            .into());
        };
        let region = region::of_state(cx.client(), &config.region);
        Ok(Self { key_id: config.key_id, grant_tokens: config.grant_tokens, region, ..observed(found) })
    }
}

fn observed(found: KeyMetadata) -> KmsKey {
    let spec = spec_of(&found);
    let moment = |moment: Option<_>| moment.as_ref().and_then(rfc3339::of).into();
    KmsKey {
        arn: found.arn.into(),
        aws_account_id: found.aws_account_id.into(),
        cloud_hsm_cluster_id: found.cloud_hsm_cluster_id.into(),
        creation_date: moment(found.creation_date),
        custom_key_store_id: found.custom_key_store_id.into(),
        customer_master_key_spec: spec.as_str().into(),
        deletion_date: moment(found.deletion_date),
        description: found.description.into(),
        enabled: found.enabled.into(),
        expiration_model: found.expiration_model.map(|model| model.as_str().to_owned()).into(),
        id: found.key_id.into(),
        key_manager: found.key_manager.map(|manager| manager.as_str().to_owned()).into(),
        key_spec: spec.into(),
        key_state: found.key_state.map(|state| state.as_str().to_owned()).into(),
        key_usage: found.key_usage.map(|usage| usage.as_str().to_owned()).into(),
        multi_region: found.multi_region.unwrap_or(false).into(),
        multi_region_configuration: found
            .multi_region_configuration
            .into_iter()
            .map(replication)
            .collect::<Vec<_>>()
            .into(),
        origin: found.origin.map(|origin| origin.as_str().to_owned()).into(),
        pending_deletion_window_in_days: found.pending_deletion_window_in_days.map(i64::from).into(),
        valid_to: moment(found.valid_to),
        xks_key_configuration: found
            .xks_key_configuration
            .into_iter()
            .map(|key| ExternalKey { id: key.id })
            .collect::<Vec<_>>()
            .into(),
        ..KmsKey::default()
    }
}

fn replication(found: MultiRegionConfiguration) -> Replication {
    let replica = |key: MultiRegionKey| Replica { arn: key.arn, region: key.region };
    Replication {
        multi_region_key_type: found.multi_region_key_type.map(|kind| kind.as_str().to_owned()),
        primary_key: found.primary_key.into_iter().map(replica).collect(),
        replica_keys: found.replica_keys.into_iter().flatten().map(replica).collect(),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::types::{KeyState, MultiRegionKeyType};
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn a_key_is_told_with_its_replicas() {
        let primary = MultiRegionKey::builder().arn("arn:1").region("us-east-1").build();
        let regions = MultiRegionConfiguration::builder()
            .multi_region_key_type(MultiRegionKeyType::Primary)
            .primary_key(primary)
            .build();
        let found = KeyMetadata::builder()
            .key_id("1")
            .key_state(KeyState::PendingDeletion)
            .deletion_date(DateTime::from_secs(1_700_000_000))
            .multi_region_configuration(regions)
            .build()
            .unwrap();
        let key = observed(found);
        assert_eq!((key.id.text(), key.key_state.text()), ("1", "PendingDeletion"));
        assert_eq!((key.deletion_date.text(), &key.creation_date), ("2023-11-14T22:13:20Z", &Attr::Null));
        let regions = key.multi_region_configuration.unwrap_or_default();
        assert_eq!(regions[0].primary_key[0].region.as_deref(), Some("us-east-1"));
        assert_eq!(regions[0].replica_keys, []);
    }
}
