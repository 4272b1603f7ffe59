//! From the service's answers to the data source's attributes.

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::FunctionConfiguration;
use tf_framework::Attr;

use super::LambdaFunction;
use super::parts::{
    CapacityProvider, DeadLetters, Durability, Environment, EphemeralStorage, FileSystem, Logging, ManagedInstances,
    Network, Tenancy, Tracing,
};
use crate::resource::lambda::{invoke_arn, streaming_invoke_arn};

/// What was asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) qualifier: Option<&'a str>,
    pub(super) region: &'a Attr<String>,
}

/// What the service says about a function.
pub(super) fn observed(asked: Asked<'_>, answer: GetFunctionOutput, found: FunctionConfiguration) -> LambdaFunction {
    let region = asked.region.clone();
    let Arns { arn, qualified_arn } = arns(
        found.function_arn.as_deref().unwrap_or_default(),
        asked.qualifier.unwrap_or_default(),
        found.version.as_deref().unwrap_or_default(),
    );
    let sha256 = found.code_sha256.unwrap_or_default();
    let reserved = answer.concurrency.and_then(|limit| limit.reserved_concurrent_executions);
    let (image_uri, source_key) = answer.code.map(|code| (code.image_uri, code.source_kms_key_arn)).unwrap_or_default();
    let architectures = found.architectures.unwrap_or_default();
    let text = |text: Option<String>| Attr::Known(text.unwrap_or_default());
    LambdaFunction {
        architectures: architectures.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>().into(),
        capacity_provider_config: list(found.capacity_provider_config, |config| CapacityProvider {
            lambda_managed_instances_capacity_provider_config: config
                .lambda_managed_instances_capacity_provider_config
                .into_iter()
                .map(|instances| ManagedInstances {
                    capacity_provider_arn: instances.capacity_provider_arn,
                    execution_environment_memory_gib_per_vcpu: instances.execution_environment_memory_gib_per_v_cpu,
                    per_execution_environment_max_concurrency: instances
                        .per_execution_environment_max_concurrency
                        .map(i64::from),
                })
                .collect(),
        }),
        code_sha256: sha256.as_str().into(),
        dead_letter_config: list(found.dead_letter_config.and_then(|config| config.target_arn), |target_arn| {
            DeadLetters { target_arn }
        }),
        description: text(found.description),
        durable_config: list(found.durable_config, |config| Durability {
            execution_timeout: config.execution_timeout.map(i64::from),
            retention_period: config.retention_period_in_days.map(i64::from),
        }),
        environment: list(found.environment.and_then(|found| found.variables), |variables| Environment {
            variables: variables.into_iter().collect(),
        }),
        ephemeral_storage: list(found.ephemeral_storage, |storage| EphemeralStorage { size: storage.size.into() }),
        file_system_config: found
            .file_system_configs
            .into_iter()
            .flatten()
            .map(|config| FileSystem { arn: config.arn, local_mount_path: config.local_mount_path })
            .collect::<Vec<_>>()
            .into(),
        handler: text(found.handler),
        image_uri: text(image_uri),
        invoke_arn: invoke_arn(&region, &arn).into(),
        kms_key_arn: text(found.kms_key_arn),
        last_modified: text(found.last_modified),
        layers: found.layers.into_iter().flatten().filter_map(|layer| layer.arn).collect::<Vec<_>>().into(),
        logging_config: list(found.logging_config, |config| Logging {
            application_log_level: config.application_log_level.map(|level| level.as_str().to_owned()),
            log_format: config.log_format.map(|format| format.as_str().to_owned()),
            log_group: config.log_group,
            system_log_level: config.system_log_level.map(|level| level.as_str().to_owned()),
        }),
        memory_size: found.memory_size.map(i64::from).into(),
        qualified_invoke_arn: invoke_arn(&region, &qualified_arn).into(),
        qualified_arn: qualified_arn.into(),
        reserved_concurrent_executions: reserved.map_or(-1, i64::from).into(),
        response_streaming_invoke_arn: streaming_invoke_arn(&region, &arn).into(),
        arn: arn.into(),
        region,
        role: text(found.role),
        runtime: text(found.runtime.map(|runtime| runtime.as_str().to_owned())),
        signing_job_arn: text(found.signing_job_arn),
        signing_profile_version_arn: text(found.signing_profile_version_arn),
        source_code_hash: sha256.into(),
        source_code_size: found.code_size.into(),
        source_kms_key_arn: text(source_key),
        tenancy_config: list(found.tenancy_config, |config| Tenancy {
            tenant_isolation_mode: config.tenant_isolation_mode.as_str().to_owned(),
        }),
        timeout: found.timeout.map(i64::from).into(),
        tracing_config: vec![Tracing {
            mode: found
                .tracing_config
                .and_then(|config| config.mode)
                .map_or_else(|| "PassThrough".to_owned(), |mode| mode.as_str().to_owned()),
        }]
        .into(),
        version: found.version.into(),
        vpc_config: list(
            found
                .vpc_config
                .filter(|config| !config.subnet_ids().is_empty() || !config.security_group_ids().is_empty()),
            |config| Network {
                ipv6_allowed_for_dual_stack: config.ipv6_allowed_for_dual_stack.unwrap_or(false),
                security_group_ids: config.security_group_ids.into_iter().flatten().collect(),
                subnet_ids: config.subnet_ids.into_iter().flatten().collect(),
                vpc_id: config.vpc_id,
            },
        ),
        ..LambdaFunction::default()
    }
}

fn list<T, P>(found: Option<T>, part: impl FnOnce(T) -> P) -> Attr<Vec<P>> {
    Attr::Known(found.map(part).into_iter().collect())
}

/// The ARN of a function, and that of the version.
#[derive(Debug, PartialEq, Eq)]
struct Arns {
    arn: String,
    qualified_arn: String,
}

/// The service's ARN has the qualifier that was asked for. Where none was, the qualified one gets the version.
fn arns(found: &str, qualifier: &str, version: &str) -> Arns {
    let ends_with = |suffix: &str| !suffix.is_empty() && found.ends_with(&format!(":{suffix}"));
    let is_qualified = ends_with(qualifier) || ends_with(version);
    let arn = found.strip_suffix(qualifier).and_then(|start| start.strip_suffix(':')).unwrap_or(found);
    Arns {
        arn: arn.to_owned(),
        qualified_arn: if is_qualified { found.to_owned() } else { format!("{found}:{version}") },
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_lambda::types::VpcConfigResponse;

    use super::*;

    #[test]
    fn an_arn_has_the_qualifier_or_the_version() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
        for (qualifier, version) in [("live", "3"), ("3", "3"), ("$LATEST", "$LATEST")] {
            let qualified_arn = format!("{arn}:{qualifier}");
            assert_eq!(arns(&qualified_arn, qualifier, version), Arns { arn: arn.to_owned(), qualified_arn });
        }
        let qualified_arn = format!("{arn}:$LATEST");
        assert_eq!(arns(arn, "", "$LATEST"), Arns { arn: arn.to_owned(), qualified_arn });
    }

    #[test]
    fn a_network_shows_only_where_there_is_one() {
        let asked = || Asked { qualifier: None, region: &Attr::Null };
        let answer = || GetFunctionOutput::builder().build();
        let bare = observed(asked(), answer(), FunctionConfiguration::builder().build());
        assert_eq!((bare.vpc_config, bare.reserved_concurrent_executions), (vec![].into(), (-1).into()));
        assert_eq!(bare.tracing_config, vec![Tracing { mode: "PassThrough".to_owned() }].into());
        let network = VpcConfigResponse::builder().subnet_ids("s").security_group_ids("g").vpc_id("v").build();
        let inside = observed(asked(), answer(), FunctionConfiguration::builder().vpc_config(network).build());
        let network = inside.vpc_config.unwrap_or_default().remove(0);
        assert_eq!((network.vpc_id.as_deref(), network.subnet_ids.len()), (Some("v"), 1));
    }
}
