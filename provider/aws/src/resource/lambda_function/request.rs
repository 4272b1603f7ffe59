//! What is sent to create a function and to change its configuration.

use std::collections::HashMap;

use aws_sdk_lambda::operation::create_function::builders::CreateFunctionInputBuilder;
use aws_sdk_lambda::operation::update_function_configuration::builders::UpdateFunctionConfigurationInputBuilder;
use aws_sdk_lambda::types;

use super::LambdaFunction;
use super::blocks::{
    CapacityProviderConfig, DurableConfig, FileSystemConfig, ImageConfig, LoggingConfig, VpcConfig, int,
};
use super::code::{architectures, set};
use crate::error::ApiError;
use crate::tags::Tags;

/// CreateFunction, all but the code.
pub(super) fn create(function: &LambdaFunction, tags: Tags) -> CreateFunctionInputBuilder {
    CreateFunctionInputBuilder::default()
        .function_name(function.function_name.text())
        .role(function.role.text())
        // Sent also when empty.
        .description(function.description.text())
        .publish(function.publish.unwrap_or(false))
        .set_publish_to(function.publish_to.as_str().map(Into::into))
        .set_package_type(function.package_type.as_str().map(Into::into))
        .set_handler(set(&function.handler))
        .set_runtime(set(&function.runtime).map(|runtime| runtime.as_str().into()))
        .set_architectures(architectures(function))
        .set_memory_size(int(&function.memory_size))
        .set_timeout(int(&function.timeout))
        .set_kms_key_arn(set(&function.kms_key_arn))
        .set_code_signing_config_arn(set(&function.code_signing_config_arn))
        .set_layers(function.layers.known().cloned().filter(|layers| !layers.is_empty()))
        .set_environment(function.environment.first().map(|_| environment(function)))
        .set_ephemeral_storage(ephemeral_storage(function))
        .set_file_system_configs(some_if_any(file_systems(function)))
        .set_image_config(function.image_config.first().map(ImageConfig::to_service))
        .set_logging_config(function.logging_config.first().map(LoggingConfig::to_service))
        .set_tracing_config(tracing(function))
        .set_dead_letter_config(function.dead_letter_config.first().map(|block| dead_letters(block.target_arn.text())))
        .set_vpc_config(function.vpc_config.first().map(VpcConfig::to_service))
        .set_snap_start(snap_start(function))
        .set_tenancy_config(function.tenancy_config.first().map(|block| {
            let mode = types::TenantIsolationMode::from(block.tenant_isolation_mode.text());
            types::TenancyConfig::builder().tenant_isolation_mode(mode).build().expect("the mode is set")
        }))
        .set_durable_config(function.durable_config.first().map(DurableConfig::to_service))
        .set_capacity_provider_config(function.capacity_provider_config.first().map(CapacityProviderConfig::to_service))
        .set_tags((!tags.is_empty()).then(|| tags.into_iter().collect()))
}

/// UpdateFunctionConfiguration with what differs; what is gone is sent empty, because the service keeps what it is not
/// told about.
pub(super) fn update_configuration(
    prior: &LambdaFunction,
    planned: &LambdaFunction,
) -> UpdateFunctionConfigurationInputBuilder {
    let mut call = UpdateFunctionConfigurationInputBuilder::default().function_name(prior.id.text());
    if prior.description != planned.description {
        call = call.description(planned.description.text());
    }
    if prior.handler != planned.handler {
        call = call.handler(planned.handler.text());
    }
    if prior.role != planned.role {
        call = call.role(planned.role.text());
    }
    if prior.runtime != planned.runtime {
        call = call.set_runtime(set(&planned.runtime).map(|runtime| runtime.as_str().into()));
    }
    if prior.memory_size != planned.memory_size {
        call = call.set_memory_size(int(&planned.memory_size));
    }
    if prior.timeout != planned.timeout {
        call = call.set_timeout(int(&planned.timeout));
    }
    if prior.environment != planned.environment || prior.kms_key_arn != planned.kms_key_arn {
        call = call.environment(environment(planned)).kms_key_arn(planned.kms_key_arn.text());
    }
    if prior.layers != planned.layers {
        call = call.set_layers(Some(planned.layers.known().cloned().unwrap_or_default()));
    }
    if prior.dead_letter_config != planned.dead_letter_config {
        call = call.dead_letter_config(dead_letters(
            planned.dead_letter_config.first().map_or("", |block| block.target_arn.text()),
        ));
    }
    if prior.file_system_config != planned.file_system_config {
        call = call.set_file_system_configs(Some(file_systems(planned)));
    }
    if prior.image_config != planned.image_config {
        let config = planned.image_config.first().map(ImageConfig::to_service);
        call = call.image_config(config.unwrap_or_else(|| types::ImageConfig::builder().build()));
    }
    if prior.vpc_config != planned.vpc_config {
        let none = || types::VpcConfig::builder().set_subnet_ids(Some(vec![])).set_security_group_ids(Some(vec![]));
        let config = planned.vpc_config.first().map(VpcConfig::to_service);
        call = call.vpc_config(config.unwrap_or_else(|| none().build()));
    }
    if prior.snap_start != planned.snap_start {
        let off = || types::SnapStart::builder().apply_on(types::SnapStartApplyOn::None).build();
        call = call.snap_start(snap_start(planned).unwrap_or_else(off));
    }
    if prior.durable_config != planned.durable_config {
        call = call.set_durable_config(planned.durable_config.first().map(DurableConfig::to_service));
    }
    if prior.capacity_provider_config != planned.capacity_provider_config {
        call = call.set_capacity_provider_config(
            planned.capacity_provider_config.first().map(CapacityProviderConfig::to_service),
        );
    }
    if prior.ephemeral_storage != planned.ephemeral_storage {
        call = call.set_ephemeral_storage(ephemeral_storage(planned));
    }
    if prior.logging_config != planned.logging_config {
        call = call.set_logging_config(planned.logging_config.first().map(LoggingConfig::to_service));
    }
    if prior.tracing_config != planned.tracing_config {
        call = call.set_tracing_config(tracing(planned));
    }
    call
}

/// Whether the configuration differs at all.
pub(super) fn changes_configuration(prior: &LambdaFunction, planned: &LambdaFunction) -> bool {
    update_configuration(prior, planned)
        != UpdateFunctionConfigurationInputBuilder::default().function_name(prior.id.text())
}

/// Whether CreateFunction or UpdateFunctionConfiguration failed for a reason that passes by itself.
///
/// Another change of the same function passes too; its name being taken does not.
pub(super) fn passes(error: &ApiError) -> bool {
    const PASSING: &[&str] = &[
        "The role defined for the function cannot be assumed by Lambda",
        "The provided execution role does not have permissions",
        "throttled by EC2",
        "Lambda was unable to configure access to your environment variables because the KMS key is invalid for \
         CreateGrant",
    ];
    let is_taken = error.message().contains("already exist");
    error.says("InvalidParameterValueException", PASSING) || (error.is("ResourceConflictException") && !is_taken)
}

fn environment(function: &LambdaFunction) -> types::Environment {
    let variables = function.environment.first().and_then(|block| block.variables.known()).cloned().unwrap_or_default();
    types::Environment::builder().set_variables(Some(HashMap::from_iter(variables))).build()
}

fn ephemeral_storage(function: &LambdaFunction) -> Option<types::EphemeralStorage> {
    let size = function.ephemeral_storage.first().and_then(|block| int(&block.size))?;
    types::EphemeralStorage::builder().size(size).build().ok()
}

fn file_systems(function: &LambdaFunction) -> Vec<types::FileSystemConfig> {
    function.file_system_config.iter().map(FileSystemConfig::to_service).collect()
}

fn dead_letters(target: &str) -> types::DeadLetterConfig {
    types::DeadLetterConfig::builder().target_arn(target).build()
}

fn tracing(function: &LambdaFunction) -> Option<types::TracingConfig> {
    let mode = function.tracing_config.first().and_then(|block| block.mode.as_str())?;
    Some(types::TracingConfig::builder().mode(mode.into()).build())
}

fn snap_start(function: &LambdaFunction) -> Option<types::SnapStart> {
    let apply_on = function.snap_start.first()?.apply_on.as_str()?;
    Some(types::SnapStart::builder().apply_on(apply_on.into()).build())
}

fn some_if_any<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

#[cfg(test)]
mod tests {
    use tf_framework::{Attr, Blocks};

    use super::super::blocks::Environment;
    use super::*;

    fn stored() -> LambdaFunction {
        LambdaFunction {
            id: "f".into(),
            memory_size: 128.into(),
            layers: vec!["arn:aws:lambda:us-east-1:1:layer:l:1".to_owned()].into(),
            environment: Blocks::one(Environment { variables: Attr::Known([("A".to_owned(), "1".to_owned())].into()) }),
            ..LambdaFunction::default()
        }
    }

    fn sent(change: impl Fn(&mut LambdaFunction)) -> UpdateFunctionConfigurationInputBuilder {
        let mut planned = stored();
        change(&mut planned);
        update_configuration(&stored(), &planned)
    }

    #[test]
    fn only_what_differs_is_sent() {
        let call = sent(|f| f.memory_size = 256.into());
        assert_eq!(call, UpdateFunctionConfigurationInputBuilder::default().function_name("f").memory_size(256));
        assert!(!changes_configuration(&stored(), &stored()));
    }

    #[test]
    fn what_is_gone_is_sent_empty() {
        let call = sent(|f| {
            f.layers = Attr::Null;
            f.environment = Blocks::none();
        });
        assert_eq!(call.get_layers(), &Some(vec![]));
        assert_eq!(call.get_environment().as_ref().and_then(|e| e.variables()), Some(&HashMap::new()));
    }

    #[test]
    fn an_empty_environment_is_sent_when_it_is_written() {
        let with = LambdaFunction { environment: Blocks::one(Environment::default()), ..stored() };
        assert!(create(&with, Tags::new()).get_environment().is_some());
        assert!(create(&LambdaFunction::default(), Tags::new()).get_environment().is_none());
    }
}
