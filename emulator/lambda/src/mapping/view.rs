//! A mapping as the API shows it.

use aws_wire::EpochSeconds;
use serde::Serialize;

use crate::keys::Keys;
use crate::mapping::definition::Mapping;
use crate::mapping::settings::Settings;
use crate::mapping::source::StartingPosition;

/// The answer of all actions on one mapping. Members without a value are absent, but for the destinations, of which AWS answers
/// the empty frame.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct View {
    #[serde(rename = "UUID")]
    uuid: String,
    starting_position: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_position_timestamp: Option<EpochSeconds>,
    batch_size: u32,
    maximum_batching_window_in_seconds: u64,
    parallelization_factor: u16,
    event_source_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter_criteria: Option<FilterCriteria>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter_criteria_error: Option<FilterCriteriaError>,
    #[serde(rename = "KMSKeyArn", skip_serializing_if = "Option::is_none")]
    kms_key_arn: Option<String>,
    function_arn: String,
    last_modified: EpochSeconds,
    last_processing_result: String,
    state: &'static str,
    state_transition_reason: &'static str,
    maximum_record_age_in_seconds: i64,
    bisect_batch_on_function_error: bool,
    maximum_retry_attempts: i64,
    tumbling_window_in_seconds: u64,
    destination_config: DestinationConfig,
    function_response_types: &'static [&'static str],
    event_source_mapping_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics_config: Option<MetricsConfig>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DestinationConfig {
    on_failure: Destination,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    filters: Vec<Filter>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    pattern: String,
}

/// Why filters under a key cannot be shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteriaError {
    error_code: &'static str,
    message: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricsConfig {
    metrics: &'static [&'static str],
}

impl View {
    /// The mapping, with the filters that are under its key.
    pub(crate) fn of(mapping: &Mapping, keys: &dyn Keys) -> Self {
        let mut view = Self::listed(mapping);
        match mapping.opened(keys) {
            Ok(opened) => view.filter_criteria = filter_criteria(&opened),
            Err(error) => {
                view.filter_criteria_error =
                    Some(FilterCriteriaError { error_code: error.code, message: error.message });
            }
        }
        view
    }

    /// The mapping as lists show it: what is under a key stays there.
    pub(crate) fn listed(mapping: &Mapping) -> Self {
        let settings = &mapping.settings;
        let (starting_position, timestamp) = match mapping.starting_position {
            StartingPosition::TrimHorizon => ("TRIM_HORIZON", None),
            StartingPosition::Latest => ("LATEST", None),
            StartingPosition::AtTimestamp(time) => ("AT_TIMESTAMP", Some(EpochSeconds(time))),
        };
        Self {
            uuid: mapping.uuid.clone(),
            starting_position,
            starting_position_timestamp: timestamp,
            batch_size: settings.batch_size.get(),
            maximum_batching_window_in_seconds: settings.batching_window.as_secs(),
            parallelization_factor: settings.parallelization_factor.get(),
            event_source_arn: mapping.event_source_arn.clone(),
            filter_criteria: filter_criteria(settings),
            filter_criteria_error: None,
            kms_key_arn: mapping.encryption.as_ref().map(|encryption| encryption.key_arn.clone()),
            function_arn: mapping.function.to_string(),
            last_modified: EpochSeconds(mapping.last_modified),
            last_processing_result: mapping.last_processing_result.clone(),
            state: mapping.state.as_str(),
            state_transition_reason: "User action",
            maximum_record_age_in_seconds: settings
                .maximum_record_age
                .map_or(-1, |age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX)),
            bisect_batch_on_function_error: settings.bisect_on_error,
            maximum_retry_attempts: settings.maximum_retry_attempts.map_or(-1, i64::from),
            tumbling_window_in_seconds: settings.tumbling_window.map_or(0, |window| window.as_secs()),
            destination_config: DestinationConfig {
                on_failure: Destination { destination: settings.on_failure.clone() },
            },
            function_response_types: if settings.report_item_failures { &["ReportBatchItemFailures"] } else { &[] },
            event_source_mapping_arn: mapping.arn(),
            metrics_config: settings.counts_events.then_some(MetricsConfig { metrics: &["EventCount"] }),
        }
    }
}

fn filter_criteria(settings: &Settings) -> Option<FilterCriteria> {
    let filters: Vec<_> = settings.filters.texts().map(|text| Filter { pattern: text.to_owned() }).collect();
    (!filters.is_empty()).then_some(FilterCriteria { filters })
}
