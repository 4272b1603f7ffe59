//! The nested blocks of an event source mapping: one struct per block, as the schema has them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Blocks, Check};

use crate::arn::must_be_arn;

/// Where records go that the function could not process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DestinationConfig {
    /// The destination after the last attempt.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    pub(crate) on_failure: Blocks<OnFailure>,
}

/// A destination for failures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OnFailure {
    /// The ARN of a queue, topic or bucket, or `kafka://TOPIC`.
    #[schemars(extend("tf" = required()))]
    pub(crate) destination_arn: Attr<String>,
}

/// What to read from a DocumentDB cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DocumentDb {
    /// The collection; all of the database when not set.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) collection_name: Attr<String>,
    /// The database.
    #[schemars(extend("tf" = required()))]
    pub(crate) database_name: Attr<String>,
    /// Whether an update brings the whole document: `Default` or `UpdateLookup`.
    #[schemars(extend("tf" = optional().default("Default").one_of(&["Default", "UpdateLookup"])))]
    pub(crate) full_document: Attr<String>,
}

/// Which records reach the function: those that match any of the filters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FilterCriteria {
    /// Up to ten filters.
    #[schemars(extend("tf" = set_block().max_items(10)))]
    pub(crate) filter: Blocks<Filter>,
}

/// One filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Filter {
    /// The pattern, as JSON.
    #[schemars(extend("tf" = optional().zero_is_unset().length(0..=4096)))]
    pub(crate) pattern: Attr<String>,
}

/// Which metrics the mapping reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct MetricsConfig {
    /// `EventCount`, `ErrorCount`, `KafkaMetrics`.
    #[schemars(extend("tf" = required().items(1..).each(Check::one_of(&["EventCount", "ErrorCount", "KafkaMetrics"]))))]
    pub(crate) metrics: Attr<BTreeSet<String>>,
}

/// Pollers kept ready for a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ProvisionedPollerConfig {
    /// At most so many.
    #[schemars(extend("tf" = optional_computed().range(1..=2000)))]
    pub(crate) maximum_pollers: Attr<i64>,
    /// At least so many.
    #[schemars(extend("tf" = optional_computed().range(1..=200)))]
    pub(crate) minimum_pollers: Attr<i64>,
    /// The group that shares the pollers.
    #[schemars(extend("tf" = optional_computed().length(1..=128)))]
    pub(crate) poller_group_name: Attr<String>,
}

/// How far a queue's mapping scales.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ScalingConfig {
    /// At most so many invocations at a time.
    #[schemars(extend("tf" = optional().zero_is_unset().range(2..)))]
    pub(crate) maximum_concurrency: Attr<i64>,
}

/// A Kafka cluster that AWS does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SelfManagedEventSource {
    /// `KAFKA_BOOTSTRAP_SERVERS`, comma-separated.
    #[schemars(extend("tf" = required().force_new().same_when(super::spelling::ENDPOINTS)))]
    pub(crate) endpoints: Attr<BTreeMap<String, String>>,
}

/// How to reach and authenticate to a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SourceAccess {
    /// What `uri` is.
    #[schemars(extend("tf" = required().one_of(ACCESS_TYPES)))]
    pub(crate) r#type: Attr<String>,
    /// A secret's ARN, a subnet, a security group or a virtual host.
    #[schemars(extend("tf" = required()))]
    pub(crate) uri: Attr<String>,
}

const ACCESS_TYPES: &[&str] = &[
    "BASIC_AUTH",
    "VPC_SUBNET",
    "VPC_SECURITY_GROUP",
    "SASL_SCRAM_512_AUTH",
    "SASL_SCRAM_256_AUTH",
    "VIRTUAL_HOST",
    "CLIENT_CERTIFICATE_TLS_AUTH",
    "SERVER_ROOT_CA_CERTIFICATE",
    "OAUTHBEARER_AUTH",
    "OAUTHBEARER_SCOPE",
    "OAUTHBEARER_AUDIENCE",
    "OAUTHBEARER_LOGICAL_CLUSTER",
    "OAUTHBEARER_IDENTITY_POOL",
    "IAM_AUTH",
    "IAM_OAUTHBEARER_AUTH",
];

/// How a Kafka topic is consumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KafkaConfig {
    /// The consumer group; the service makes one up when not set.
    #[schemars(extend("tf" = optional_computed().force_new().length(1..=200)))]
    pub(crate) consumer_group_id: Attr<String>,
    /// The registry that knows the records' schemas.
    #[schemars(extend("tf" = computed_block().force_new().max_items(1)))]
    pub(crate) schema_registry_config: Blocks<SchemaRegistryConfig>,
}

/// A schema registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SchemaRegistryConfig {
    /// `JSON` or `SOURCE`.
    #[schemars(extend("tf" = optional().force_new().one_of(&["JSON", "SOURCE"])))]
    pub(crate) event_record_format: Attr<String>,
    /// Where the registry is.
    #[schemars(extend("tf" = optional().force_new().length(1..=10_000)))]
    pub(crate) schema_registry_uri: Attr<String>,
    /// How to authenticate to it.
    #[schemars(extend("tf" = computed_set_block().force_new()))]
    pub(crate) access_config: Blocks<RegistryAccess>,
    /// Which parts of a record to validate.
    #[schemars(extend("tf" = computed_set_block()))]
    pub(crate) schema_validation_config: Blocks<SchemaValidation>,
}

/// One way to authenticate to a schema registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RegistryAccess {
    /// What `uri` is.
    #[schemars(extend("tf" = optional().force_new().one_of(REGISTRY_ACCESS_TYPES)))]
    pub(crate) r#type: Attr<String>,
    /// The ARN of a secret.
    #[schemars(extend("tf" = optional().force_new().check(must_be_arn())))]
    pub(crate) uri: Attr<String>,
}

const REGISTRY_ACCESS_TYPES: &[&str] = &["BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE"];

/// A part of a record to validate against its schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SchemaValidation {
    /// `KEY` or `VALUE`.
    #[schemars(extend("tf" = optional().force_new().one_of(&["KEY", "VALUE"])))]
    pub(crate) attribute: Attr<String>,
}
