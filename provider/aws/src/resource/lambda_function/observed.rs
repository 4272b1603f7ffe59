//! From the service's answers to state.
//!
//! What the service does not say (where the code came from, whether to publish) stays as stored, and so does an empty
//! block, which the service has no word for.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{EnvironmentResponse, FunctionConfiguration, SnapStartResponse};
use tf_framework::{Attr, Blocks};

use super::LambdaFunction;
use super::blocks::{
    CapacityProviderConfig, DeadLetterConfig, DurableConfig, Environment, EphemeralStorage, FileSystemConfig,
    ImageConfig, LoggingConfig, SnapStart, TenancyConfig, TracingConfig, VpcConfig,
};
use super::remote::Found;
use crate::resource::lambda::{invoke_arn, streaming_invoke_arn};
use crate::tags::TagRules;

impl LambdaFunction {
    /// The state after looking.
    pub(super) fn observed(self, rules: &TagRules, region: Attr<String>, found: Found) -> Self {
        let Found { function, configuration, latest, code_signing_config_arn } = found;
        let tags = rules.read(function.tags.unwrap_or_default(), &self.tags, &self.tags_all);
        let arn = configuration.function_arn.clone().unwrap_or_default();
        let version = latest.as_ref().and_then(|version| version.version.clone());
        let qualified_arn = latest.and_then(|version| version.function_arn).unwrap_or_default();
        let reserved = function.concurrency.and_then(|limit| limit.reserved_concurrent_executions);
        let image_uri = function.code.and_then(|code| code.image_uri);
        let kept = self.with_configuration(configuration);
        Self {
            id: kept.function_name.clone(),
            invoke_arn: invoke_arn(&region, &arn).into(),
            qualified_invoke_arn: invoke_arn(&region, &qualified_arn).into(),
            response_streaming_invoke_arn: streaming_invoke_arn(&region, &arn).into(),
            arn: arn.into(),
            qualified_arn: qualified_arn.into(),
            version: version.unwrap_or_else(|| "$LATEST".to_owned()).into(),
            reserved_concurrent_executions: reserved.map_or(-1, i64::from).into(),
            image_uri: image_uri.map_or(kept.image_uri.clone(), Attr::Known),
            code_signing_config_arn: code_signing_config_arn.into(),
            source_code_hash: Attr::Known(kept.source_code_hash.text().to_owned()),
            region,
            tags: tags.tags,
            tags_all: tags.tags_all,
            ..kept
        }
    }

    fn with_configuration(self, found: FunctionConfiguration) -> Self {
        Self {
            function_name: found.function_name.map_or(self.function_name, Attr::Known),
            description: not_empty(found.description),
            role: found.role.into(),
            package_type: found.package_type.map_or("Zip".into(), |kind| kind.as_str().into()),
            code_sha256: found.code_sha256.unwrap_or_default().into(),
            source_code_size: found.code_size.into(),
            architectures: found
                .architectures
                .map_or_else(
                    || vec!["x86_64".to_owned()],
                    |names| names.iter().map(|name| name.as_str().to_owned()).collect(),
                )
                .into(),
            handler: not_empty(found.handler),
            runtime: found.runtime.map(|runtime| runtime.as_str().to_owned()).into(),
            layers: found
                .layers
                .filter(|layers| !layers.is_empty())
                .map(|layers| layers.into_iter().filter_map(|layer| layer.arn).collect())
                .into(),
            image_config: found
                .image_config_response
                .and_then(|response| response.image_config)
                .map(ImageConfig::from_service)
                .map_or_else(|| empty_as_stored(self.image_config), Blocks::one),
            memory_size: found.memory_size.map(i64::from).into(),
            timeout: found.timeout.map(i64::from).into(),
            ephemeral_storage: found
                .ephemeral_storage
                .map(|storage| EphemeralStorage { size: i64::from(storage.size).into() })
                .into(),
            environment: environment(found.environment, self.environment),
            kms_key_arn: not_empty(found.kms_key_arn),
            file_system_config: found
                .file_system_configs
                .into_iter()
                .flatten()
                .map(FileSystemConfig::from_service)
                .collect(),
            vpc_config: found
                .vpc_config
                .map(VpcConfig::from_service)
                .filter(|config| !config.is_empty())
                .map_or_else(|| unnamed_network(self.vpc_config), Blocks::one),
            dead_letter_config: found
                .dead_letter_config
                .and_then(|config| config.target_arn)
                .filter(|arn| !arn.is_empty())
                .map(|arn| DeadLetterConfig { target_arn: arn.into() })
                .into(),
            logging_config: found.logging_config.map(LoggingConfig::from_service).into(),
            tracing_config: Blocks::one(TracingConfig {
                mode: found
                    .tracing_config
                    .and_then(|config| config.mode)
                    .map_or("PassThrough".into(), |mode| mode.as_str().into()),
            }),
            snap_start: snap_start(found.snap_start, &self.snap_start),
            tenancy_config: found
                .tenancy_config
                .map(|config| TenancyConfig { tenant_isolation_mode: config.tenant_isolation_mode.as_str().into() })
                .into(),
            durable_config: found.durable_config.as_ref().map(DurableConfig::from_service).into(),
            capacity_provider_config: found.capacity_provider_config.map(CapacityProviderConfig::from_service).into(),
            last_modified: found.last_modified.unwrap_or_default().into(),
            signing_job_arn: found.signing_job_arn.unwrap_or_default().into(),
            signing_profile_version_arn: found.signing_profile_version_arn.unwrap_or_default().into(),
            ..self
        }
    }
}

fn not_empty(text: Option<String>) -> Attr<String> {
    text.filter(|text| !text.is_empty()).into()
}

fn environment(found: Option<EnvironmentResponse>, stored: Blocks<Environment>) -> Blocks<Environment> {
    let variables = found.and_then(|found| found.variables).filter(|variables| !variables.is_empty());
    match variables {
        Some(variables) => Blocks::one(Environment { variables: Attr::Known(variables.into_iter().collect()) }),
        None => {
            let names_none = |block: &Environment| block.variables.known().is_none_or(BTreeMap::is_empty);
            if stored.iter().all(names_none) { stored } else { Blocks::none() }
        }
    }
}

fn empty_as_stored(stored: Blocks<ImageConfig>) -> Blocks<ImageConfig> {
    if stored.iter().all(|block| *block == ImageConfig::default()) { stored } else { Blocks::none() }
}

fn unnamed_network(stored: Blocks<VpcConfig>) -> Blocks<VpcConfig> {
    let unnamed = stored.iter().all(VpcConfig::is_empty);
    if unnamed { stored.into_iter().map(VpcConfig::without_network).collect() } else { Blocks::none() }
}

fn snap_start(found: Option<SnapStartResponse>, stored: &Blocks<SnapStart>) -> Blocks<SnapStart> {
    let Some(found) = found else { return Blocks::none() };
    let apply_on = found.apply_on.map_or_else(|| "None".to_owned(), |apply_on| apply_on.as_str().to_owned());
    // Off is what a function without the block has.
    if apply_on == "None" && stored.is_empty() {
        return Blocks::none();
    }
    let status = found.optimization_status.map_or_else(|| "Off".to_owned(), |status| status.as_str().to_owned());
    Blocks::one(SnapStart { apply_on: apply_on.into(), optimization_status: status.into() })
}

#[cfg(test)]
mod tests {
    use aws_sdk_lambda::types::{SnapStartApplyOn, SnapStartOptimizationStatus};

    use super::*;

    #[test]
    fn an_empty_block_stays_and_a_lost_one_goes() {
        let with = |pairs: &[(&str, &str)]| {
            let variables = pairs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect::<BTreeMap<_, _>>();
            Blocks::one(Environment { variables: variables.into() })
        };
        let empty = Blocks::one(Environment::default());
        assert_eq!(environment(None, empty.clone()), empty);
        assert_eq!(environment(None, with(&[])), with(&[]));
        assert_eq!(environment(None, with(&[("A", "1")])), Blocks::none());
        assert_eq!(environment(None, Blocks::none()), Blocks::none());
    }

    #[test]
    fn snap_start_off_shows_only_where_it_is_written() {
        let off = || {
            let response = SnapStartResponse::builder().apply_on(SnapStartApplyOn::None);
            Some(response.optimization_status(SnapStartOptimizationStatus::Off).build())
        };
        assert_eq!(snap_start(off(), &Blocks::none()), Blocks::none());
        let written = Blocks::one(SnapStart { apply_on: "None".into(), optimization_status: Attr::Unknown });
        let read = snap_start(off(), &written);
        assert_eq!(read, Blocks::one(SnapStart { apply_on: "None".into(), optimization_status: "Off".into() }));
    }
}
