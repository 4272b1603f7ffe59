//! A version as the API shows it: `FunctionConfiguration`.

use std::collections::BTreeMap;

use env::Timestamp;
use serde::Serialize;

use super::configuration::{Logging, Vpc};
use super::{Function, State, UpdateStatus, Version};
use crate::Error;
use crate::layer::LayerUse;
use crate::name::Qualifier;

/// `FunctionConfiguration`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct View {
    function_name: String,
    function_arn: String,
    runtime: &'static str,
    role: String,
    handler: String,
    code_size: u64,
    description: String,
    timeout: u32,
    memory_size: u32,
    last_modified: String,
    code_sha256: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc_config: Option<VpcView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter_config: Option<DeadLetterView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<EnvironmentView>,
    #[serde(rename = "KMSKeyArn", skip_serializing_if = "Option::is_none")]
    kms_key_arn: Option<String>,
    tracing_config: TracingView,
    revision_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_reason_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_update_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_update_status_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_update_status_reason_code: Option<&'static str>,
    package_type: &'static str,
    architectures: [String; 1],
    ephemeral_storage: StorageView,
    snap_start: SnapStartView,
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime_version_config: Option<RuntimeVersionView>,
    logging_config: Logging,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    layers: Vec<LayerView>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LayerView {
    arn: String,
    code_size: u64,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct VpcView {
    #[serde(flatten)]
    vpc: Vpc,
    vpc_id: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeadLetterView {
    target_arn: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EnvironmentView {
    variables: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TracingView {
    mode: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StorageView {
    size: u32,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct SnapStartView {
    apply_on: String,
    optimization_status: &'static str,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RuntimeVersionView {
    runtime_version_arn: String,
}

impl LayerView {
    fn of(layer: &LayerUse) -> Self {
        Self { arn: layer.arn.clone(), code_size: layer.size }
    }
}

/// AWS gives the same reason for a function that is being made and for one that is being updated.
const REASON: &str = "The function is being created.";
const REASON_CODE: &str = "Creating";

impl View {
    /// The version that `qualifier` stands for, as it is at `now`. A qualifier shows in the ARN.
    pub(crate) fn of(function: &Function, qualifier: Option<&Qualifier>, now: Timestamp) -> Result<Self, Error> {
        let (number, version) = function.resolve(qualifier)?;
        let Version { configuration, code, revision_id, last_modified, lifecycle, .. } = version;
        let is_pending = lifecycle.state(now) == State::Pending;
        let status = lifecycle.update_status(now);
        let is_updating = status == Some(UpdateStatus::InProgress);
        let world = function.arn.world();
        Ok(Self {
            function_name: function.arn.name.to_string(),
            function_arn: function.arn.with_qualifier(qualifier.cloned()).to_string(),
            runtime: configuration.runtime.as_str(),
            role: configuration.role.clone(),
            handler: configuration.handler.clone(),
            code_size: code.size,
            description: configuration.description.clone(),
            timeout: configuration.timeout_seconds,
            memory_size: configuration.memory_mb,
            last_modified: iso_with_offset(*last_modified),
            code_sha256: code.hash.base64(),
            version: number.to_string(),
            vpc_config: configuration.vpc.clone().map(|vpc| VpcView { vpc, vpc_id: String::new() }),
            dead_letter_config: configuration
                .dead_letter_target
                .clone()
                .map(|target_arn| DeadLetterView { target_arn }),
            environment: configuration.environment.clone().map(|variables| EnvironmentView { variables }),
            kms_key_arn: configuration.kms_key_arn.clone(),
            tracing_config: TracingView { mode: configuration.tracing_mode.clone() },
            revision_id: revision_id.clone(),
            state: Some(if is_pending { "Pending" } else { "Active" }),
            state_reason: is_pending.then_some(REASON),
            state_reason_code: is_pending.then_some(REASON_CODE),
            last_update_status: status.map(|_| if is_updating { "InProgress" } else { "Successful" }),
            last_update_status_reason: is_updating.then_some(REASON),
            last_update_status_reason_code: is_updating.then_some(REASON_CODE),
            package_type: "Zip",
            architectures: [configuration.architecture.clone()],
            ephemeral_storage: StorageView { size: configuration.ephemeral_storage_mb },
            snap_start: SnapStartView { apply_on: configuration.snap_start.clone(), optimization_status: "Off" },
            runtime_version_config: Some(RuntimeVersionView {
                runtime_version_arn: runtime_version_arn(
                    &world.region,
                    world.partition(),
                    configuration.runtime.as_str(),
                ),
            }),
            logging_config: configuration.logging.clone(),
            layers: configuration.layers.iter().map(LayerView::of).collect(),
        })
    }

    /// What lists show: everything but the states.
    pub(crate) fn summary(self) -> Self {
        Self {
            state: None,
            state_reason: None,
            state_reason_code: None,
            last_update_status: None,
            last_update_status_reason: None,
            last_update_status_reason_code: None,
            runtime_version_config: None,
            ..self
        }
    }
}

/// A runtime's version is named by a hash; ours is the hash of its name.
pub(crate) fn runtime_version_arn(region: &str, partition: &str, runtime: &str) -> String {
    format!("arn:{partition}:lambda:{region}::runtime:{}", crate::code::CodeHash::of(runtime.as_bytes()))
}

/// `2024-01-01T00:00:00.000+0000`, the one place where AWS writes times this way.
pub(crate) fn iso_with_offset(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{}+0000", text.trim_end_matches('Z'))
}
