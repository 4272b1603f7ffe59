//! The requests that create and change a mapping.
//!
//! Pure. A create sends what is set to something; an update sends what changed, and has its own words for "no more".

use aws_sdk_lambda::operation::create_event_source_mapping::builders::CreateEventSourceMappingInputBuilder as Create;
use aws_sdk_lambda::operation::update_event_source_mapping::builders::UpdateEventSourceMappingInputBuilder as Update;
use aws_sdk_lambda::types as sdk;
use tf_framework::{Attr, Blocks};

use super::LambdaEventSourceMapping;
use super::blocks::{DestinationConfig, DocumentDb, FilterCriteria, KafkaConfig, MetricsConfig};
use super::blocks::{ProvisionedPollerConfig, ScalingConfig, SelfManagedEventSource, SourceAccess};
use crate::rfc3339;
use crate::tags::Tags;

/// The request for a new mapping. Zeros are not sent, except that no attempts at all is a choice.
pub(super) fn create(planned: &LambdaEventSourceMapping, tags: Tags) -> Create {
    Create::default()
        .function_name(planned.function_name.text())
        .enabled(planned.enabled.unwrap_or_default())
        .set_event_source_arn(non_empty(&planned.event_source_arn))
        .set_self_managed_event_source(planned.self_managed_event_source.first().map(self_managed))
        .set_source_access_configurations(some(accesses(&planned.source_access_configuration)))
        .set_queues(some(planned.queues.clone().unwrap_or_default()))
        .set_topics(some(planned.topics.clone().unwrap_or_default().into_iter().collect()))
        .set_amazon_managed_kafka_event_source_config(planned.amazon_managed_kafka_event_source_config.first().map(
            |config| {
                sdk::AmazonManagedKafkaEventSourceConfig::builder()
                    .set_consumer_group_id(non_empty(&config.consumer_group_id))
                    .set_schema_registry_config(registry(config))
                    .build()
            },
        ))
        .set_self_managed_kafka_event_source_config(planned.self_managed_kafka_event_source_config.first().map(
            |config| {
                sdk::SelfManagedKafkaEventSourceConfig::builder()
                    .set_consumer_group_id(non_empty(&config.consumer_group_id))
                    .set_schema_registry_config(registry(config))
                    .build()
            },
        ))
        .set_document_db_event_source_config(planned.document_db_event_source_config.first().map(document_db))
        .set_starting_position(non_empty(&planned.starting_position).map(|position| position.as_str().into()))
        .set_starting_position_timestamp(planned.starting_position_timestamp.as_str().and_then(rfc3339::parse))
        .set_batch_size(non_zero(&planned.batch_size))
        .set_maximum_batching_window_in_seconds(non_zero(&planned.maximum_batching_window_in_seconds))
        .set_tumbling_window_in_seconds(non_zero(&planned.tumbling_window_in_seconds))
        .set_parallelization_factor(non_zero(&planned.parallelization_factor))
        .set_filter_criteria(planned.filter_criteria.first().map(filters))
        .set_kms_key_arn(non_empty(&planned.kms_key_arn))
        .set_bisect_batch_on_function_error(planned.bisect_batch_on_function_error.into_known().filter(|&yes| yes))
        .set_maximum_record_age_in_seconds(non_zero(&planned.maximum_record_age_in_seconds))
        .set_maximum_retry_attempts(planned.maximum_retry_attempts.known().map(to_i32))
        .set_function_response_types(some(response_types(planned)))
        .set_destination_config(planned.destination_config.first().map(destination))
        .set_scaling_config(planned.scaling_config.first().map(scaling))
        .set_provisioned_poller_config(planned.provisioned_poller_config.first().map(pollers))
        .set_metrics_config(planned.metrics_config.first().map(metrics))
        .set_tags((!tags.is_empty()).then(|| tags.into_iter().collect()))
}

/// The request that leads from `prior` to `planned`, tags aside; `None` when nothing that the service knows changes.
pub(super) fn update(prior: &LambdaEventSourceMapping, planned: &LambdaEventSourceMapping) -> Option<Update> {
    let update = Update::default()
        .set_function_name(text(&prior.function_name, &planned.function_name))
        .set_enabled(changed(&prior.enabled, &planned.enabled))
        .set_batch_size(number(&prior.batch_size, &planned.batch_size))
        .set_maximum_batching_window_in_seconds(number(
            &prior.maximum_batching_window_in_seconds,
            &planned.maximum_batching_window_in_seconds,
        ))
        .set_tumbling_window_in_seconds(number(&prior.tumbling_window_in_seconds, &planned.tumbling_window_in_seconds))
        .set_parallelization_factor(number(&prior.parallelization_factor, &planned.parallelization_factor))
        .set_maximum_record_age_in_seconds(number(
            &prior.maximum_record_age_in_seconds,
            &planned.maximum_record_age_in_seconds,
        ))
        .set_maximum_retry_attempts(number(&prior.maximum_retry_attempts, &planned.maximum_retry_attempts))
        .set_bisect_batch_on_function_error(changed(
            &prior.bisect_batch_on_function_error,
            &planned.bisect_batch_on_function_error,
        ))
        .set_kms_key_arn(text(&prior.kms_key_arn, &planned.kms_key_arn))
        .set_function_response_types(
            (response_types(prior) != response_types(planned)).then(|| response_types(planned)),
        )
        // The service ignores what is absent, so these say "no more" with an empty object …
        .set_filter_criteria(block(&prior.filter_criteria, &planned.filter_criteria, |criteria| {
            criteria.map_or_else(|| sdk::FilterCriteria::builder().build(), filters)
        }))
        .set_scaling_config(block(&prior.scaling_config, &planned.scaling_config, |config| {
            config.map_or_else(|| sdk::ScalingConfig::builder().build(), scaling)
        }))
        .set_metrics_config(block(&prior.metrics_config, &planned.metrics_config, |config| {
            config.map_or_else(|| sdk::EventSourceMappingMetricsConfig::builder().build(), metrics)
        }))
        .set_provisioned_poller_config(block(
            &prior.provisioned_poller_config,
            &planned.provisioned_poller_config,
            |config| config.map_or_else(|| sdk::ProvisionedPollerConfig::builder().build(), pollers),
        ))
        // … and these, as in the AWS provider, say nothing.
        .set_destination_config(
            block(&prior.destination_config, &planned.destination_config, |config| config.map(destination)).flatten(),
        )
        .set_document_db_event_source_config(
            block(&prior.document_db_event_source_config, &planned.document_db_event_source_config, |config| {
                config.map(document_db)
            })
            .flatten(),
        )
        .set_source_access_configurations(
            some(accesses(&planned.source_access_configuration))
                .filter(|_| prior.source_access_configuration != planned.source_access_configuration),
        );
    (update != Update::default()).then_some(update)
}

/// What a changed number becomes: zero when it is unset.
fn number(prior: &Attr<i64>, planned: &Attr<i64>) -> Option<i32> {
    changed(prior, planned).as_ref().map(to_i32)
}

/// What a changed text becomes: empty when it is unset.
fn text(prior: &Attr<String>, planned: &Attr<String>) -> Option<String> {
    changed(prior, planned)
}

fn changed<T: Clone + Default + PartialEq>(prior: &Attr<T>, planned: &Attr<T>) -> Option<T> {
    let planned = planned.clone().unwrap_or_default();
    (prior.clone().unwrap_or_default() != planned).then_some(planned)
}

fn block<T: PartialEq, S>(prior: &Blocks<T>, planned: &Blocks<T>, say: impl FnOnce(Option<&T>) -> S) -> Option<S> {
    (prior != planned).then(|| say(planned.first()))
}

fn non_empty(value: &Attr<String>) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn non_zero(value: &Attr<i64>) -> Option<i32> {
    value.known().map(to_i32).filter(|&number| number != 0)
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

/// The service counts in 32 bits. What does not fit is out of every range it knows, so the nearest value that fits
/// earns the same refusal.
fn to_i32(number: &i64) -> i32 {
    i32::try_from(*number).unwrap_or(if *number < 0 { i32::MIN } else { i32::MAX })
}

fn response_types(mapping: &LambdaEventSourceMapping) -> Vec<sdk::FunctionResponseType> {
    let types = mapping.function_response_types.known().into_iter().flatten();
    types.map(|name| name.as_str().into()).collect()
}

fn self_managed(source: &SelfManagedEventSource) -> sdk::SelfManagedEventSource {
    let endpoints = source.endpoints.known().into_iter().flatten().map(|(kind, servers)| {
        (sdk::EndPointType::from(kind.as_str()), servers.split(',').map(str::to_owned).collect())
    });
    sdk::SelfManagedEventSource::builder().set_endpoints(Some(endpoints.collect())).build()
}

fn accesses(blocks: &Blocks<SourceAccess>) -> Vec<sdk::SourceAccessConfiguration> {
    let access = |access: &SourceAccess| {
        let builder = sdk::SourceAccessConfiguration::builder().r#type(access.r#type.text().into());
        builder.uri(access.uri.text()).build()
    };
    blocks.iter().map(access).collect()
}

fn registry(config: &KafkaConfig) -> Option<sdk::KafkaSchemaRegistryConfig> {
    let registry = config.schema_registry_config.first()?;
    let accesses = registry.access_config.iter().map(|access| {
        sdk::KafkaSchemaRegistryAccessConfig::builder()
            .set_type(non_empty(&access.r#type).map(|kind| kind.as_str().into()))
            .set_uri(non_empty(&access.uri))
            .build()
    });
    let validations = registry.schema_validation_config.iter().map(|validation| {
        sdk::KafkaSchemaValidationConfig::builder()
            .set_attribute(non_empty(&validation.attribute).map(|part| part.as_str().into()))
            .build()
    });
    let builder = sdk::KafkaSchemaRegistryConfig::builder()
        .set_event_record_format(non_empty(&registry.event_record_format).map(|format| format.as_str().into()))
        .set_schema_registry_uri(non_empty(&registry.schema_registry_uri))
        .set_access_configs(some(accesses.collect()))
        .set_schema_validation_configs(some(validations.collect()));
    Some(builder.build())
}

fn document_db(config: &DocumentDb) -> sdk::DocumentDbEventSourceConfig {
    sdk::DocumentDbEventSourceConfig::builder()
        .set_collection_name(non_empty(&config.collection_name))
        .set_database_name(non_empty(&config.database_name))
        .set_full_document(non_empty(&config.full_document).map(|choice| choice.as_str().into()))
        .build()
}

fn filters(criteria: &FilterCriteria) -> sdk::FilterCriteria {
    let filter = |pattern: &Attr<String>| sdk::Filter::builder().pattern(pattern.text()).build();
    let filters = criteria.filter.iter().map(|one| filter(&one.pattern)).collect();
    sdk::FilterCriteria::builder().set_filters(some(filters)).build()
}

fn destination(config: &DestinationConfig) -> sdk::DestinationConfig {
    let on_failure = config
        .on_failure
        .first()
        .map(|on_failure| sdk::OnFailure::builder().set_destination(non_empty(&on_failure.destination_arn)).build());
    sdk::DestinationConfig::builder().set_on_failure(on_failure).build()
}

fn scaling(config: &ScalingConfig) -> sdk::ScalingConfig {
    sdk::ScalingConfig::builder().set_maximum_concurrency(non_zero(&config.maximum_concurrency)).build()
}

fn pollers(config: &ProvisionedPollerConfig) -> sdk::ProvisionedPollerConfig {
    sdk::ProvisionedPollerConfig::builder()
        .set_maximum_pollers(non_zero(&config.maximum_pollers))
        .set_minimum_pollers(non_zero(&config.minimum_pollers))
        .set_poller_group_name(non_empty(&config.poller_group_name))
        .build()
}

fn metrics(config: &MetricsConfig) -> sdk::EventSourceMappingMetricsConfig {
    let metrics = config.metrics.known().into_iter().flatten().map(|name| name.as_str().into()).collect();
    sdk::EventSourceMappingMetricsConfig::builder().set_metrics(Some(metrics)).build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::blocks::{Filter, OnFailure};
    use super::*;

    fn mapping() -> LambdaEventSourceMapping {
        LambdaEventSourceMapping {
            event_source_arn: "arn:aws:kinesis:us-east-1:000000000000:stream/demo".into(),
            function_name: "f1".into(),
            enabled: true.into(),
            starting_position: "LATEST".into(),
            batch_size: 100.into(),
            parallelization_factor: Attr::Unknown,
            maximum_retry_attempts: Attr::Unknown,
            ..LambdaEventSourceMapping::default()
        }
    }

    fn filtered(pattern: &str) -> Blocks<FilterCriteria> {
        Blocks::one(FilterCriteria { filter: Blocks::one(Filter { pattern: pattern.into() }) })
    }

    fn to_queue(arn: &str) -> Blocks<DestinationConfig> {
        Blocks::one(DestinationConfig { on_failure: Blocks::one(OnFailure { destination_arn: arn.into() }) })
    }

    #[test]
    fn a_create_sends_what_is_set() {
        let expected = Create::default()
            .event_source_arn("arn:aws:kinesis:us-east-1:000000000000:stream/demo")
            .function_name("f1")
            .enabled(true)
            .starting_position(sdk::EventSourcePosition::Latest)
            .batch_size(100);
        assert_eq!(create(&mapping(), Tags::new()), expected);
    }

    #[test]
    fn zeros_are_not_sent_on_create_but_no_attempts_are() {
        let planned = LambdaEventSourceMapping {
            enabled: false.into(),
            tumbling_window_in_seconds: 0.into(),
            maximum_batching_window_in_seconds: 0.into(),
            bisect_batch_on_function_error: false.into(),
            maximum_retry_attempts: 0.into(),
            maximum_record_age_in_seconds: (-1).into(),
            function_response_types: BTreeSet::new().into(),
            kms_key_arn: "".into(),
            ..mapping()
        };
        let sent = create(&planned, Tags::from([("a".to_owned(), "1".to_owned())]));
        let expected = create(&mapping(), Tags::new())
            .enabled(false)
            .maximum_retry_attempts(0)
            .maximum_record_age_in_seconds(-1)
            .tags("a", "1");
        assert_eq!(sent, expected);
    }

    #[test]
    fn an_update_sends_what_changed_even_when_it_became_zero() {
        let prior = LambdaEventSourceMapping {
            maximum_batching_window_in_seconds: 5.into(),
            bisect_batch_on_function_error: true.into(),
            ..mapping()
        };
        let planned = LambdaEventSourceMapping {
            batch_size: 10.into(),
            enabled: false.into(),
            tags: Tags::from([("a".to_owned(), "1".to_owned())]).into(),
            ..mapping()
        };
        let expected = Update::default()
            .batch_size(10)
            .enabled(false)
            .maximum_batching_window_in_seconds(0)
            .bisect_batch_on_function_error(false);
        assert_eq!(update(&prior, &planned), Some(expected));
    }

    #[test]
    fn tags_alone_and_other_spellings_change_nothing() {
        let planned = LambdaEventSourceMapping {
            tags: Tags::from([("a".to_owned(), "1".to_owned())]).into(),
            kms_key_arn: "".into(),
            tumbling_window_in_seconds: 0.into(),
            use_resource_timeout_for_propagation: true.into(),
            ..mapping()
        };
        assert_eq!(update(&mapping(), &planned), None);
    }

    #[test]
    fn filters_are_taken_away_with_an_empty_object_and_destinations_not_at_all() {
        let prior = LambdaEventSourceMapping {
            filter_criteria: filtered("{}"),
            destination_config: to_queue("arn:q"),
            function_response_types: BTreeSet::from(["ReportBatchItemFailures".to_owned()]).into(),
            kms_key_arn: "arn:k".into(),
            ..mapping()
        };
        let expected = Update::default()
            .filter_criteria(sdk::FilterCriteria::builder().build())
            .set_function_response_types(Some(Vec::new()))
            .kms_key_arn("");
        assert_eq!(update(&prior, &mapping()), Some(expected));
        let moved = LambdaEventSourceMapping { destination_config: to_queue("arn:other"), ..prior.clone() };
        let on_failure = sdk::OnFailure::builder().destination("arn:other").build();
        let expected =
            Update::default().destination_config(sdk::DestinationConfig::builder().on_failure(on_failure).build());
        assert_eq!(update(&prior, &moved), Some(expected));
    }
}
