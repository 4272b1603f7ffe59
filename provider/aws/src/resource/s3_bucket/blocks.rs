//! The blocks of a bucket that have resources of their own meanwhile: one struct per block, as the schema has them.
//!
//! All of them are filled in when the user leaves them out, so they and what is in them are computed blocks. Lifecycle rules,
//! replication and web sites are in files of their own.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Blocks, Check};

/// Who may ask from another origin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CorsRule {
    /// Headers that a preflight request may name.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) allowed_headers: Attr<Vec<String>>,
    /// GET, PUT, POST, DELETE, HEAD.
    #[schemars(extend("tf" = required()))]
    pub(crate) allowed_methods: Attr<Vec<String>>,
    /// Origins, with one wildcard each.
    #[schemars(extend("tf" = required()))]
    pub(crate) allowed_origins: Attr<Vec<String>>,
    /// Headers of an answer that may be looked at.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) expose_headers: Attr<Vec<String>>,
    /// For how many seconds a preflight answer holds.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) max_age_seconds: Attr<i64>,
}

/// What somebody may do with the bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Grant {
    /// The canonical id of an account.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) id: Attr<String>,
    /// What is allowed.
    #[schemars(extend("tf" =
        required().each(Check::one_of(&["FULL_CONTROL", "WRITE", "WRITE_ACP", "READ", "READ_ACP"]))
    ))]
    pub(crate) permissions: Attr<BTreeSet<String>>,
    /// Whether it is an account or a group.
    #[schemars(extend("tf" = required().one_of(&["CanonicalUser", "Group"])))]
    pub(crate) r#type: Attr<String>,
    /// The URI of a group.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) uri: Attr<String>,
}

/// Where the bucket's accesses are written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Logging {
    /// The bucket that gets the logs.
    #[schemars(extend("tf" = required()))]
    pub(crate) target_bucket: Attr<String>,
    /// What the logs' keys begin with.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) target_prefix: Attr<String>,
}

/// How objects are kept from being deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ObjectLock {
    /// `Enabled`; only a new bucket can be.
    #[schemars(extend("tf" = optional().zero_is_unset().force_new().one_of(&["Enabled"])))]
    pub(crate) object_lock_enabled: Attr<String>,
    /// What holds for new objects.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    pub(crate) rule: Blocks<ObjectLockRule>,
}

/// What holds for new objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ObjectLockRule {
    /// How long they are kept.
    #[schemars(extend("tf" = computed_block().min_items(1).max_items(1)))]
    pub(crate) default_retention: Blocks<Retention>,
}

/// How long objects are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Retention {
    /// In days.
    #[schemars(extend("tf" = optional().zero_is_unset().range(1..)))]
    pub(crate) days: Attr<i64>,
    /// Whether some may delete them nevertheless.
    #[schemars(extend("tf" = required().one_of(&["GOVERNANCE", "COMPLIANCE"])))]
    pub(crate) mode: Attr<String>,
    /// In years.
    #[schemars(extend("tf" = optional().zero_is_unset().range(1..)))]
    pub(crate) years: Attr<i64>,
}

/// How objects are encrypted whose writer says nothing about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Encryption {
    /// The one rule.
    #[schemars(extend("tf" = computed_block().min_items(1).max_items(1)))]
    pub(crate) rule: Blocks<EncryptionRule>,
}

/// A rule of encryption.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EncryptionRule {
    /// Whether the bucket has a key of its own that saves calls to KMS.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) bucket_key_enabled: Attr<bool>,
    /// By what.
    #[schemars(extend("tf" = computed_block().min_items(1).max_items(1)))]
    pub(crate) apply_server_side_encryption_by_default: Blocks<EncryptionDefault>,
}

/// An algorithm and its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EncryptionDefault {
    /// The key, for KMS.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) kms_master_key_id: Attr<String>,
    /// `AES256` or one of KMS.
    #[schemars(extend("tf" = required().one_of(&["AES256", "aws:fsx", "aws:kms", "aws:kms:dsse"])))]
    pub(crate) sse_algorithm: Attr<String>,
}

/// Whether the bucket keeps what is overwritten and deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Versioning {
    /// Whether it does.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) enabled: Attr<bool>,
    /// Whether deleting for good takes a second factor.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) mfa_delete: Attr<bool>,
}
