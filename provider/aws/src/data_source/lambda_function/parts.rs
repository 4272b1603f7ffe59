//! The blocks inside the data source of a function: no more than names and types, as nobody configures them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares such blocks.
macro_rules! parts {
    ($($(#[$doc:meta])* $part:ident { $($field:ident: $ty:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        pub(super) struct $part { $(pub(super) $field: $ty),* }
    )*};
}

parts! {
    /// The machines that it runs on.
    CapacityProvider { lambda_managed_instances_capacity_provider_config: Vec<ManagedInstances> }
    /// Machines that Lambda runs in the account.
    ManagedInstances {
        capacity_provider_arn: String,
        execution_environment_memory_gib_per_vcpu: Option<f64>,
        per_execution_environment_max_concurrency: Option<i64>,
    }
    /// Where events go whose asynchronous invocation failed.
    DeadLetters { target_arn: String }
    /// Whether executions survive restarts.
    Durability { execution_timeout: Option<i64>, retention_period: Option<i64> }
    /// Variables that the code sees.
    Environment { variables: BTreeMap<String, String> }
    /// The space in `/tmp`.
    EphemeralStorage { size: i64 }
    /// A file system that is mounted.
    FileSystem { arn: String, local_mount_path: String }
    /// How the function logs.
    Logging {
        application_log_level: Option<String>,
        log_format: Option<String>,
        log_group: Option<String>,
        system_log_level: Option<String>,
    }
    /// Whether tenants are kept apart.
    Tenancy { tenant_isolation_mode: String }
    /// Whether invocations are traced.
    Tracing { mode: String }
    /// The network it runs in.
    Network {
        ipv6_allowed_for_dual_stack: bool,
        security_group_ids: BTreeSet<String>,
        subnet_ids: BTreeSet<String>,
        vpc_id: Option<String>,
    }
}
