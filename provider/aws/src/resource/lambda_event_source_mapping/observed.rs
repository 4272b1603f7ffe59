//! What the service says about a mapping, as state.
//!
//! Pure. Spelling that differs from the configuration in nothing but form is the framework's business.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::operation::get_event_source_mapping::GetEventSourceMappingOutput as Found;
use aws_sdk_lambda::types as sdk;
use tf_framework::{Attr, Blocks};

use super::LambdaEventSourceMapping;
use super::blocks::{
    DestinationConfig, DocumentDb, Filter, FilterCriteria, KafkaConfig, MetricsConfig, OnFailure,
    ProvisionedPollerConfig, RegistryAccess, ScalingConfig, SchemaRegistryConfig, SchemaValidation,
    SelfManagedEventSource, SourceAccess,
};
use crate::rfc3339;
use crate::tags::TagsRead;

/// The state of the mapping found. `stored` has what the service does not know.
pub(super) fn observed(found: Found, tags: TagsRead, stored: LambdaEventSourceMapping) -> LambdaEventSourceMapping {
    LambdaEventSourceMapping {
        id: found.uuid.clone().into(),
        uuid: found.uuid.into(),
        arn: found.event_source_mapping_arn.into(),
        region: stored.region,
        event_source_arn: found.event_source_arn.into(),
        self_managed_event_source: found.self_managed_event_source.map(self_managed).into(),
        source_access_configuration: found
            .source_access_configurations
            .into_iter()
            .flatten()
            .map(|access| SourceAccess { r#type: name(access.r#type.as_ref()), uri: access.uri.into() })
            .collect(),
        queues: found.queues.unwrap_or_default().into(),
        topics: found.topics.into_iter().flatten().collect::<BTreeSet<_>>().into(),
        amazon_managed_kafka_event_source_config: found
            .amazon_managed_kafka_event_source_config
            .map(|config| kafka(config.consumer_group_id, config.schema_registry_config))
            .into(),
        self_managed_kafka_event_source_config: found
            .self_managed_kafka_event_source_config
            .map(|config| kafka(config.consumer_group_id, config.schema_registry_config))
            .into(),
        document_db_event_source_config: found.document_db_event_source_config.map(document_db).into(),
        function_name: found.function_arn.clone().into(),
        function_arn: found.function_arn.into(),
        enabled: enabled(found.state.as_deref()),
        starting_position: name(found.starting_position.as_ref()),
        starting_position_timestamp: found.starting_position_timestamp.as_ref().and_then(rfc3339::of).into(),
        batch_size: number(found.batch_size),
        maximum_batching_window_in_seconds: number(found.maximum_batching_window_in_seconds),
        tumbling_window_in_seconds: number(found.tumbling_window_in_seconds),
        parallelization_factor: number(found.parallelization_factor),
        filter_criteria: match found.filter_criteria {
            Some(criteria) => kept_if_empty(filters(criteria), &stored.filter_criteria, |c| c.filter.is_empty()),
            None => Blocks::none(),
        },
        kms_key_arn: found.kms_key_arn.into(),
        bisect_batch_on_function_error: found.bisect_batch_on_function_error.into(),
        maximum_record_age_in_seconds: number(found.maximum_record_age_in_seconds),
        maximum_retry_attempts: number(found.maximum_retry_attempts),
        function_response_types: found
            .function_response_types
            .into_iter()
            .flatten()
            .map(|kind| kind.as_str().to_owned())
            .collect::<BTreeSet<_>>()
            .into(),
        destination_config: match found.destination_config {
            Some(config) => kept_if_empty(destination(config), &stored.destination_config, |c| c.on_failure.is_empty()),
            None => Blocks::none(),
        },
        scaling_config: match found.scaling_config {
            Some(config) => {
                let config = ScalingConfig { maximum_concurrency: number(config.maximum_concurrency) };
                kept_if_empty(config, &stored.scaling_config, |c| c.maximum_concurrency.is_null())
            }
            None => Blocks::none(),
        },
        provisioned_poller_config: found
            .provisioned_poller_config
            .map(|config| ProvisionedPollerConfig {
                maximum_pollers: number(config.maximum_pollers),
                minimum_pollers: number(config.minimum_pollers),
                poller_group_name: config.poller_group_name.into(),
            })
            .into(),
        metrics_config: match found.metrics_config.and_then(|config| config.metrics) {
            Some(metrics) if !metrics.is_empty() => {
                let metrics: BTreeSet<_> = metrics.iter().map(|m| m.as_str().to_owned()).collect();
                Blocks::one(MetricsConfig { metrics: metrics.into() })
            }
            Some(_) | None => Blocks::none(),
        },
        last_modified: found.last_modified.as_ref().and_then(rfc3339::of).into(),
        last_processing_result: found.last_processing_result.into(),
        state: found.state.into(),
        state_transition_reason: found.state_transition_reason.into(),
        use_resource_timeout_for_propagation: stored.use_resource_timeout_for_propagation,
        tags: tags.tags,
        tags_all: tags.tags_all,
        timeouts: stored.timeouts,
    }
}

/// A mapping on its way is as good as there. What is neither on nor off shows in the next plan.
fn enabled(state: Option<&str>) -> Attr<bool> {
    match state {
        Some("Enabled" | "Enabling") => Attr::Known(true),
        Some("Disabled" | "Disabling") => Attr::Known(false),
        other => {
            tracing::debug!(state = other, "the mapping is neither enabled nor disabled");
            Attr::Null
        }
    }
}

/// Services report empty objects where nothing was set; only who wrote an empty block gets one back.
fn kept_if_empty<T>(found: T, stored: &Blocks<T>, is_empty: impl Fn(&T) -> bool) -> Blocks<T> {
    if is_empty(&found) && !stored.iter().any(&is_empty) { Blocks::none() } else { Blocks::one(found) }
}

fn self_managed(source: sdk::SelfManagedEventSource) -> SelfManagedEventSource {
    let endpoints = source.endpoints.into_iter().flatten();
    let endpoints = endpoints.map(|(kind, servers)| (kind.as_str().to_owned(), servers.join(",")));
    SelfManagedEventSource { endpoints: endpoints.collect::<BTreeMap<_, _>>().into() }
}

fn kafka(group: Option<String>, registry: Option<sdk::KafkaSchemaRegistryConfig>) -> KafkaConfig {
    let registry = registry.map(|registry| SchemaRegistryConfig {
        event_record_format: name(registry.event_record_format.as_ref()),
        schema_registry_uri: registry.schema_registry_uri.into(),
        access_config: registry
            .access_configs
            .into_iter()
            .flatten()
            .map(|access| RegistryAccess { r#type: name(access.r#type.as_ref()), uri: access.uri.into() })
            .collect(),
        schema_validation_config: registry
            .schema_validation_configs
            .into_iter()
            .flatten()
            .map(|validation| SchemaValidation { attribute: name(validation.attribute.as_ref()) })
            .collect(),
    });
    KafkaConfig { consumer_group_id: group.into(), schema_registry_config: registry.into() }
}

fn document_db(config: sdk::DocumentDbEventSourceConfig) -> DocumentDb {
    DocumentDb {
        collection_name: config.collection_name.into(),
        database_name: config.database_name.into(),
        full_document: name(config.full_document.as_ref()),
    }
}

fn filters(criteria: sdk::FilterCriteria) -> FilterCriteria {
    let filters = criteria.filters.into_iter().flatten();
    FilterCriteria { filter: filters.map(|filter| Filter { pattern: filter.pattern.into() }).collect() }
}

fn destination(config: sdk::DestinationConfig) -> DestinationConfig {
    let on_failure = config.on_failure.and_then(|on_failure| on_failure.destination);
    DestinationConfig { on_failure: on_failure.map(|arn| OnFailure { destination_arn: arn.into() }).into() }
}

fn number(found: Option<i32>) -> Attr<i64> {
    found.map(i64::from).into()
}

fn name<T: AsRef<str>>(found: Option<&T>) -> Attr<String> {
    found.map(|name| name.as_ref().to_owned()).into()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f1";

    fn found() -> Found {
        Found::builder()
            .uuid("u-1")
            .event_source_mapping_arn("arn:aws:lambda:us-east-1:000000000000:event-source-mapping:u-1")
            .event_source_arn("arn:aws:kinesis:us-east-1:000000000000:stream/demo")
            .function_arn(FUNCTION)
            .state("Enabled")
            .starting_position(sdk::EventSourcePosition::AtTimestamp)
            .starting_position_timestamp(DateTime::from_secs(1_700_000_000))
            .last_modified(DateTime::from_millis(1_700_000_000_123))
            .batch_size(100)
            .maximum_batching_window_in_seconds(0)
            .parallelization_factor(1)
            .maximum_record_age_in_seconds(-1)
            .maximum_retry_attempts(-1)
            .bisect_batch_on_function_error(false)
            .build()
    }

    fn observe(found: Found, stored: LambdaEventSourceMapping) -> LambdaEventSourceMapping {
        observed(found, TagsRead { tags: Attr::Null, tags_all: Attr::Null }, stored)
    }

    #[test]
    fn a_mapping_of_a_stream() {
        let mapping = observe(found(), LambdaEventSourceMapping::default());
        assert_eq!((mapping.id.text(), mapping.uuid.text()), ("u-1", "u-1"));
        assert_eq!((mapping.function_name.text(), mapping.function_arn.text()), (FUNCTION, FUNCTION));
        assert_eq!(mapping.enabled, Attr::Known(true));
        assert_eq!(mapping.starting_position.text(), "AT_TIMESTAMP");
        assert_eq!(mapping.starting_position_timestamp.text(), "2023-11-14T22:13:20Z");
        assert_eq!(mapping.last_modified.text(), "2023-11-14T22:13:20Z");
        assert_eq!((mapping.batch_size, mapping.maximum_retry_attempts), (100.into(), (-1).into()));
        assert!(mapping.destination_config.is_empty() && mapping.filter_criteria.is_empty());
        assert_eq!(mapping.topics, Attr::Known(BTreeSet::new()));
    }

    #[test]
    fn what_is_on_its_way_is_as_good_as_there() {
        for (state, expected) in [
            (Some("Enabled"), Attr::Known(true)),
            (Some("Enabling"), Attr::Known(true)),
            (Some("Disabled"), Attr::Known(false)),
            (Some("Disabling"), Attr::Known(false)),
            (Some("Updating"), Attr::Null),
            (None, Attr::Null),
        ] {
            assert_eq!(enabled(state), expected, "{state:?}");
        }
    }

    #[test]
    fn an_empty_object_is_no_block_unless_one_was_written() {
        let mut answer = found();
        answer.destination_config = Some(sdk::DestinationConfig::builder().build());
        answer.scaling_config = Some(sdk::ScalingConfig::builder().build());
        answer.metrics_config = Some(sdk::EventSourceMappingMetricsConfig::builder().build());
        let mapping = observe(answer.clone(), LambdaEventSourceMapping::default());
        assert!(mapping.destination_config.is_empty() && mapping.scaling_config.is_empty());
        assert!(mapping.metrics_config.is_empty());
        let written = Blocks::one(DestinationConfig { on_failure: Blocks::none() });
        let stored = LambdaEventSourceMapping { destination_config: written.clone(), ..mapping };
        assert_eq!(observe(answer, stored).destination_config, written);
    }

    #[test]
    fn blocks_come_back_as_lists() {
        let mut answer = found();
        let on_failure = sdk::OnFailure::builder().destination("arn:aws:sqs:us-east-1:1:q").build();
        answer.destination_config = Some(sdk::DestinationConfig::builder().on_failure(on_failure).build());
        answer.filter_criteria =
            Some(sdk::FilterCriteria::builder().filters(sdk::Filter::builder().pattern("{}").build()).build());
        answer.self_managed_event_source = Some(
            sdk::SelfManagedEventSource::builder()
                .endpoints(sdk::EndPointType::KafkaBootstrapServers, vec!["a:1".to_owned(), "b:2".to_owned()])
                .build(),
        );
        let mapping = observe(answer, LambdaEventSourceMapping::default());
        let destination = &mapping.destination_config[0].on_failure[0];
        assert_eq!(destination.destination_arn.text(), "arn:aws:sqs:us-east-1:1:q");
        assert_eq!(mapping.filter_criteria[0].filter[0].pattern.text(), "{}");
        let endpoints = mapping.self_managed_event_source[0].endpoints.known().unwrap();
        assert_eq!(endpoints["KAFKA_BOOTSTRAP_SERVERS"], "a:1,b:2");
    }
}
