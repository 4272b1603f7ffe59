//! `replication_configuration`: which objects are copied where.

mod convert;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Blocks, Check};

use crate::arn::must_be_arn;
use crate::tags::Tags;

const STORAGE_CLASSES: &[&str] = &[
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "OUTPOSTS",
    "GLACIER_IR",
    "SNOW",
    "EXPRESS_ONEZONE",
    "FSX_OPENZFS",
];

/// Which objects are copied where, and who copies them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Replication {
    /// The role that S3 copies with.
    #[schemars(extend("tf" = required()))]
    pub(crate) role: Attr<String>,
    /// What is copied.
    #[schemars(extend("tf" = computed_set_block().min_items(1)))]
    pub(crate) rules: Blocks<Rule>,
}

/// Some objects and where they go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Rule {
    /// `Enabled` if delete markers are copied, too.
    #[schemars(extend("tf" = optional().zero_is_unset().one_of(&["Enabled"])))]
    pub(crate) delete_marker_replication_status: Attr<String>,
    /// Where to.
    #[schemars(extend("tf" = computed_block().min_items(1).max_items(1)))]
    pub(crate) destination: Blocks<Destination>,
    /// Which objects.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    pub(crate) filter: Blocks<Filter>,
    /// The rule's name.
    #[schemars(extend("tf" = optional().zero_is_unset().length(..=255)))]
    pub(crate) id: Attr<String>,
    /// What the keys of its objects begin with, in rules without a filter.
    #[schemars(extend("tf" = optional().zero_is_unset().length(..=1024)))]
    pub(crate) prefix: Attr<String>,
    /// Which of two rules holds for an object of both: the higher one.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) priority: Attr<i64>,
    /// Objects that have to be asked for.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    pub(crate) source_selection_criteria: Blocks<SourceSelection>,
    /// Whether the rule holds.
    #[schemars(extend("tf" = required().one_of(&["Enabled", "Disabled"])))]
    pub(crate) status: Attr<String>,
}

/// Where copies go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Destination {
    /// Who owns the copies.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    pub(crate) access_control_translation: Blocks<Owner>,
    /// The account of the bucket.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_account())))]
    pub(crate) account_id: Attr<String>,
    /// The ARN of the bucket.
    #[schemars(extend("tf" = required().check(must_be_arn())))]
    pub(crate) bucket: Attr<String>,
    /// Whether copying is measured.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    pub(crate) metrics: Blocks<Metrics>,
    /// The key that encrypts the copies.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) replica_kms_key_id: Attr<String>,
    /// How long copying may take.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    pub(crate) replication_time: Blocks<ReplicationTime>,
    /// The class of the copies.
    #[schemars(extend("tf" = optional().zero_is_unset().one_of(STORAGE_CLASSES)))]
    pub(crate) storage_class: Attr<String>,
}

/// Who owns the copies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Owner {
    /// `Destination`: the owner of their bucket.
    #[schemars(extend("tf" = required().one_of(&["Destination"])))]
    pub(crate) owner: Attr<String>,
}

/// Whether copying is measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Metrics {
    /// After how many minutes a copy is late.
    #[schemars(extend("tf" = optional().default(15).range(10..=15)))]
    pub(crate) minutes: Attr<i64>,
    /// Whether it is.
    #[schemars(extend("tf" = optional().default("Enabled").one_of(&["Enabled", "Disabled"])))]
    pub(crate) status: Attr<String>,
}

/// How long copying may take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReplicationTime {
    /// In minutes.
    #[schemars(extend("tf" = optional().default(15).range(15..=15)))]
    pub(crate) minutes: Attr<i64>,
    /// Whether there is a limit.
    #[schemars(extend("tf" = optional().default("Enabled").one_of(&["Enabled", "Disabled"])))]
    pub(crate) status: Attr<String>,
}

/// Which objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Filter {
    /// What their keys begin with.
    #[schemars(extend("tf" = optional().zero_is_unset().length(..=1024)))]
    pub(crate) prefix: Attr<String>,
    /// Tags that they have.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) tags: Attr<Tags>,
}

/// Objects that have to be asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SourceSelection {
    /// Those that KMS encrypts.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    pub(crate) sse_kms_encrypted_objects: Blocks<KmsEncrypted>,
}

/// Objects that KMS encrypts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KmsEncrypted {
    /// Whether they are copied.
    #[schemars(extend("tf" = required()))]
    pub(crate) enabled: Attr<bool>,
}

fn must_be_account() -> Check {
    let account = Check::pattern_or(r"^\d{12}$", "an AWS account ID (exactly 12 digits) is needed");
    Check::any([Check::length(..=0), account])
}
