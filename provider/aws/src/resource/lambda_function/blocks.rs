//! The blocks inside a function, and their shapes in the service.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Blocks};

use crate::arn::must_be_arn;

/// The machines to run on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CapacityProviderConfig {
    /// Machines that Lambda runs in your account.
    #[schemars(extend("tf" = list_block().min_items(1).max_items(1)))]
    pub(super) lambda_managed_instances_capacity_provider_config: Blocks<ManagedInstances>,
}

/// Machines that Lambda runs in your account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ManagedInstances {
    /// The ARN of the capacity provider.
    #[schemars(extend("tf" = required().check(must_be_arn())))]
    capacity_provider_arn: Attr<String>,
    /// Memory in GiB for each virtual CPU.
    #[schemars(extend("tf" = optional_computed()))]
    execution_environment_memory_gib_per_vcpu: Attr<f64>,
    /// How many invocations an execution environment takes at once.
    #[schemars(extend("tf" = optional_computed()))]
    per_execution_environment_max_concurrency: Attr<i64>,
}

impl CapacityProviderConfig {
    pub(super) fn to_service(&self) -> types::CapacityProviderConfig {
        let instances = self.lambda_managed_instances_capacity_provider_config.first().map(|instances| {
            types::LambdaManagedInstancesCapacityProviderConfig::builder()
                .capacity_provider_arn(instances.capacity_provider_arn.text())
                .set_execution_environment_memory_gib_per_v_cpu(
                    instances.execution_environment_memory_gib_per_vcpu.into_known(),
                )
                .set_per_execution_environment_max_concurrency(
                    int(&instances.per_execution_environment_max_concurrency),
                )
                .build()
                .expect("the ARN is set")
        });
        types::CapacityProviderConfig::builder()
            .set_lambda_managed_instances_capacity_provider_config(instances)
            .build()
    }

    pub(super) fn from_service(found: types::CapacityProviderConfig) -> Self {
        let instances = found.lambda_managed_instances_capacity_provider_config.map(|found| ManagedInstances {
            capacity_provider_arn: found.capacity_provider_arn.into(),
            execution_environment_memory_gib_per_vcpu: found.execution_environment_memory_gib_per_v_cpu.into(),
            per_execution_environment_max_concurrency: found
                .per_execution_environment_max_concurrency
                .map(i64::from)
                .into(),
        });
        Self { lambda_managed_instances_capacity_provider_config: instances.into() }
    }
}

/// Where events go whose asynchronous invocation failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DeadLetterConfig {
    /// The ARN of a queue or topic.
    #[schemars(extend("tf" = required().check(must_be_arn())))]
    pub(super) target_arn: Attr<String>,
}

/// Whether executions survive restarts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DurableConfig {
    /// How many seconds an execution may take.
    #[schemars(extend("tf" = required().range(1..=31_622_400)))]
    execution_timeout: Attr<i64>,
    /// How many days its history is kept.
    #[schemars(extend("tf" = optional().default(14).range(1..=90)))]
    retention_period: Attr<i64>,
}

impl DurableConfig {
    pub(super) fn to_service(&self) -> types::DurableConfig {
        types::DurableConfig::builder()
            .set_execution_timeout(int(&self.execution_timeout))
            .set_retention_period_in_days(int(&self.retention_period))
            .build()
    }

    pub(super) fn from_service(found: &types::DurableConfig) -> Self {
        Self {
            execution_timeout: found.execution_timeout.map(i64::from).into(),
            retention_period: found.retention_period_in_days.map(i64::from).into(),
        }
    }
}

/// Variables that the code sees.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Environment {
    /// Values by name.
    #[schemars(extend("tf" = optional()))]
    pub(super) variables: Attr<BTreeMap<String, String>>,
}

/// The space in `/tmp`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EphemeralStorage {
    /// In MB.
    #[schemars(extend("tf" = optional_computed().range(512..=10240)))]
    pub(super) size: Attr<i64>,
}

/// A file system to mount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FileSystemConfig {
    /// The ARN of its access point.
    #[schemars(extend("tf" = required().check(must_be_arn())))]
    arn: Attr<String>,
    /// Where the code finds it, under `/mnt`.
    #[schemars(extend("tf" = required().pattern("^/mnt/[0-9A-Za-z_.-]+$")))]
    local_mount_path: Attr<String>,
}

impl FileSystemConfig {
    pub(super) fn to_service(&self) -> types::FileSystemConfig {
        types::FileSystemConfig::builder()
            .arn(self.arn.text())
            .local_mount_path(self.local_mount_path.text())
            .build()
            .expect("both members are set")
    }

    pub(super) fn from_service(found: types::FileSystemConfig) -> Self {
        Self { arn: found.arn.into(), local_mount_path: found.local_mount_path.into() }
    }
}

/// What an image runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ImageConfig {
    /// Arguments.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    command: Attr<Vec<String>>,
    /// The program.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    entry_point: Attr<Vec<String>>,
    /// The directory to run it in.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    working_directory: Attr<String>,
}

impl ImageConfig {
    pub(super) fn to_service(&self) -> types::ImageConfig {
        types::ImageConfig::builder()
            .set_command(self.command.known().cloned())
            .set_entry_point(self.entry_point.known().cloned())
            .set_working_directory(self.working_directory.known().cloned())
            .build()
    }

    pub(super) fn from_service(found: types::ImageConfig) -> Self {
        Self {
            command: found.command.filter(|words| !words.is_empty()).into(),
            entry_point: found.entry_point.filter(|words| !words.is_empty()).into(),
            working_directory: found.working_directory.filter(|path| !path.is_empty()).into(),
        }
    }
}

/// How the function logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LoggingConfig {
    /// The least severe message of the code that is kept.
    #[schemars(extend("tf" =
        optional_computed().one_of(&["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"])
    ))]
    application_log_level: Attr<String>,
    /// `JSON` or `Text`.
    #[schemars(extend("tf" = required().one_of(&["JSON", "Text"])))]
    log_format: Attr<String>,
    /// The log group to write to.
    #[schemars(extend("tf" = optional_computed().length(1..=512)))]
    log_group: Attr<String>,
    /// The least severe message of Lambda that is kept.
    #[schemars(extend("tf" = optional_computed().one_of(&["DEBUG", "INFO", "WARN"])))]
    system_log_level: Attr<String>,
}

impl LoggingConfig {
    pub(super) fn to_service(&self) -> types::LoggingConfig {
        types::LoggingConfig::builder()
            .set_application_log_level(self.application_log_level.as_str().map(Into::into))
            .set_log_format(self.log_format.as_str().map(Into::into))
            .set_log_group(self.log_group.known().cloned())
            .set_system_log_level(self.system_log_level.as_str().map(Into::into))
            .build()
    }

    pub(super) fn from_service(found: types::LoggingConfig) -> Self {
        Self {
            application_log_level: found.application_log_level.map(|level| level.as_str().to_owned()).into(),
            log_format: found.log_format.map(|format| format.as_str().to_owned()).into(),
            log_group: found.log_group.into(),
            system_log_level: found.system_log_level.map(|level| level.as_str().to_owned()).into(),
        }
    }
}

/// Whether versions start from a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SnapStart {
    /// To what it applies.
    #[schemars(extend("tf" = required().one_of(&["PublishedVersions", "None"])))]
    pub(super) apply_on: Attr<String>,
    /// Whether snapshots are in use.
    #[schemars(extend("tf" = computed()))]
    pub(super) optimization_status: Attr<String>,
}

/// Whether tenants are kept apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TenancyConfig {
    /// How.
    #[schemars(extend("tf" = required().one_of(&["PER_TENANT"])))]
    pub(super) tenant_isolation_mode: Attr<String>,
}

/// Whether invocations are traced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TracingConfig {
    /// `Active`, or `PassThrough` to follow the caller.
    #[schemars(extend("tf" = required().one_of(&["Active", "PassThrough"])))]
    pub(super) mode: Attr<String>,
}

/// The network to run in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct VpcConfig {
    /// Whether to use IPv6 where a subnet has both.
    #[schemars(extend("tf" = optional().default(false)))]
    ipv6_allowed_for_dual_stack: Attr<bool>,
    /// The function's security groups.
    #[schemars(extend("tf" = required()))]
    security_group_ids: Attr<BTreeSet<String>>,
    /// The function's subnets.
    #[schemars(extend("tf" = required()))]
    subnet_ids: Attr<BTreeSet<String>>,
    /// The network of the subnets.
    #[schemars(extend("tf" = computed()))]
    vpc_id: Attr<String>,
}

impl VpcConfig {
    pub(super) fn to_service(&self) -> types::VpcConfig {
        let list = |set: &Attr<BTreeSet<String>>| set.known().map(|set| set.iter().cloned().collect());
        types::VpcConfig::builder()
            .set_ipv6_allowed_for_dual_stack(self.ipv6_allowed_for_dual_stack.into_known())
            .set_security_group_ids(list(&self.security_group_ids))
            .set_subnet_ids(list(&self.subnet_ids))
            .build()
    }

    pub(super) fn from_service(found: types::VpcConfigResponse) -> Self {
        Self {
            ipv6_allowed_for_dual_stack: found.ipv6_allowed_for_dual_stack.unwrap_or(false).into(),
            security_group_ids: BTreeSet::from_iter(found.security_group_ids.unwrap_or_default()).into(),
            subnet_ids: BTreeSet::from_iter(found.subnet_ids.unwrap_or_default()).into(),
            vpc_id: found.vpc_id.unwrap_or_default().into(),
        }
    }

    /// As stored, for a block that names none.
    pub(super) fn without_network(self) -> Self {
        Self { vpc_id: self.vpc_id.into_known().unwrap_or_default().into(), ..self }
    }

    /// Whether it names no network at all.
    pub(super) fn is_empty(&self) -> bool {
        let has_none = |set: &Attr<BTreeSet<String>>| set.known().is_none_or(BTreeSet::is_empty);
        has_none(&self.security_group_ids) && has_none(&self.subnet_ids)
    }
}

/// The schema keeps numbers within what fits.
pub(super) fn int(number: &Attr<i64>) -> Option<i32> {
    number.known().and_then(|&number| i32::try_from(number).ok())
}
