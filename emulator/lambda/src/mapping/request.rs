//! What the owner of a mapping asks for: the members that create and update share, turned into settings.
//!
//! Only members that are given change anything. A setting that would have to be obeyed and is not built is refused by
//! name; it is never stored and ignored.

use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use aws_wire::World;
use serde::Deserialize;
use serde_json::Value;

use crate::destination::Address;
use crate::keys::Keys;
use crate::mapping::definition::Mapping;
use crate::mapping::error::Error;
use crate::mapping::filter::Filters;
use crate::mapping::settings::Settings;
use crate::name::{FunctionArn, FunctionReference};

/// At most so many filters by default; AWS raises it to 10 on request.
const MOST_FILTERS: usize = 5;

/// The settings in a request, each absent unless given.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Wanted {
    pub(crate) enabled: Option<bool>,
    batch_size: Option<u32>,
    filter_criteria: Option<FilterCriteria>,
    maximum_batching_window_in_seconds: Option<u32>,
    parallelization_factor: Option<u16>,
    destination_config: Option<DestinationConfig>,
    maximum_record_age_in_seconds: Option<i32>,
    bisect_batch_on_function_error: Option<bool>,
    maximum_retry_attempts: Option<i32>,
    tumbling_window_in_seconds: Option<u32>,
    function_response_types: Option<Vec<String>>,
    metrics_config: Option<MetricsConfig>,
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<String>,
    // Settings of other kinds of sources, looked at only to be refused.
    topics: Option<Value>,
    queues: Option<Value>,
    source_access_configurations: Option<Value>,
    self_managed_event_source: Option<Value>,
    amazon_managed_kafka_event_source_config: Option<Value>,
    self_managed_kafka_event_source_config: Option<Value>,
    scaling_config: Option<Value>,
    #[serde(rename = "DocumentDBEventSourceConfig")]
    document_db_event_source_config: Option<Value>,
    logging_config: Option<Value>,
    provisioned_poller_config: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    #[serde(default)]
    filters: Option<Vec<Filter>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    pattern: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DestinationConfig {
    on_success: Option<Destination>,
    on_failure: Option<Destination>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    destination: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricsConfig {
    metrics: Option<Vec<String>>,
}

impl Wanted {
    /// Changes `mapping` to what is asked for. Filters that are under a key are not touched unless the request is about
    /// them, so that the other settings can be changed while the key cannot be used.
    pub(crate) fn change(&self, mapping: &mut Mapping, keys: &dyn Keys) -> Result<(), Error> {
        let key = mapping.encryption.as_ref().map(|encryption| encryption.key_arn.clone());
        let wanted_key = match self.kms_key_arn.as_deref() {
            None => key.clone(),
            // How a client takes it back.
            Some("") => None,
            Some(arn) => Some(arn.to_owned()),
        };
        if self.filter_criteria.is_none() && wanted_key == key {
            return self.apply(&mut mapping.settings);
        }
        let mut settings = match self.filter_criteria {
            Some(_) => mapping.settings.clone(),
            None => mapping.opened(keys)?,
        };
        self.apply(&mut settings)?;
        Ok(mapping.keep(settings, wanted_key, keys)?)
    }

    /// Changes `settings` to what is asked for.
    fn apply(&self, settings: &mut Settings) -> Result<(), Error> {
        self.refuse_what_is_not_built()?;
        if let Some(size) = self.batch_size.and_then(NonZeroU32::new) {
            settings.batch_size = size;
        }
        if let Some(window) = self.maximum_batching_window_in_seconds {
            settings.batching_window = Duration::from_secs(window.into());
        }
        if let Some(factor) = self.parallelization_factor.and_then(NonZeroU16::new) {
            settings.parallelization_factor = factor;
        }
        if let Some(seconds) = self.maximum_record_age_in_seconds {
            settings.maximum_record_age = record_age(seconds)?;
        }
        if let Some(attempts) = self.maximum_retry_attempts {
            // -1 is without end, the only negative number that gets here.
            settings.maximum_retry_attempts = u32::try_from(attempts).ok();
        }
        if let Some(bisect) = self.bisect_batch_on_function_error {
            settings.bisect_on_error = bisect;
        }
        if let Some(window) = self.tumbling_window_in_seconds {
            settings.tumbling_window = (window > 0).then(|| Duration::from_secs(window.into()));
        }
        if settings.tumbling_window.is_some() && settings.parallelization_factor > NonZeroU16::MIN {
            return Err(Error::LanesWithWindow);
        }
        if let Some(types) = &self.function_response_types {
            settings.report_item_failures = !types.is_empty();
        }
        if let Some(criteria) = &self.filter_criteria {
            settings.filters = filters(criteria)?;
        }
        if let Some(MetricsConfig { metrics }) = &self.metrics_config {
            let metrics = metrics.as_deref().unwrap_or_default();
            if let Some(unknown) = metrics.iter().find(|metric| *metric != "EventCount") {
                return Err(Error::MetricUnknown(unknown.clone()));
            }
            settings.counts_events = !metrics.is_empty();
        }
        if let Some(config) = &self.destination_config {
            settings.on_failure = on_failure(config)?;
        }
        Ok(())
    }

    /// Settings of other sources are nothing to store.
    pub(crate) fn refuse_what_is_not_built(&self) -> Result<(), Error> {
        let destinations = self.destination_config.as_ref();
        let is_given = |value: &Option<Value>| match value {
            // An empty object or list is how a client takes a setting back.
            None | Some(Value::Null) => false,
            Some(Value::Object(members)) => !members.is_empty(),
            Some(Value::Array(elements)) => !elements.is_empty(),
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_)) => true,
        };
        let on_success = destinations.and_then(|config| config.on_success.as_ref()?.destination.as_deref());
        let not_built = [
            (on_success.is_some_and(|arn| !arn.is_empty()), "DestinationConfig.OnSuccess"),
            (is_given(&self.topics), "Topics"),
            (is_given(&self.queues), "Queues"),
            (is_given(&self.source_access_configurations), "SourceAccessConfigurations"),
            (is_given(&self.self_managed_event_source), "SelfManagedEventSource"),
            (is_given(&self.amazon_managed_kafka_event_source_config), "AmazonManagedKafkaEventSourceConfig"),
            (is_given(&self.self_managed_kafka_event_source_config), "SelfManagedKafkaEventSourceConfig"),
            (is_given(&self.scaling_config), "ScalingConfig"),
            (is_given(&self.document_db_event_source_config), "DocumentDBEventSourceConfig"),
            (is_given(&self.logging_config), "LoggingConfig"),
            (is_given(&self.provisioned_poller_config), "ProvisionedPollerConfig"),
        ];
        match not_built.into_iter().find(|(is_given, _)| *is_given) {
            Some((_, setting)) => Err(Error::NotBuilt(setting)),
            None => Ok(()),
        }
    }
}

/// The function that `text` names, as seen from `world`. A function of another world is not there.
pub(crate) fn function_arn(world: &World, text: &str) -> Result<FunctionArn, Error> {
    let named: FunctionReference = text.parse().map_err(|_| Error::FunctionNotFound)?;
    let is_elsewhere = named.account.is_some_and(|account| account != world.account)
        || named.region.is_some_and(|region| region != world.region);
    if is_elsewhere {
        return Err(Error::FunctionNotFound);
    }
    let (region, account) = (world.region.clone(), world.account.clone());
    Ok(FunctionArn { region, account, name: named.name, qualifier: named.qualifier })
}

fn record_age(seconds: i32) -> Result<Option<Duration>, Error> {
    match u64::try_from(seconds) {
        Ok(0..60) => Err(Error::RecordAgeTooShort),
        Ok(seconds) => Ok(Some(Duration::from_secs(seconds))),
        Err(_) => Ok(None),
    }
}

/// The failure destination of a configuration, if it has one: `{}` and an empty text take it back. Of what documents can
/// be sent to, mappings of streams take queues, topics and buckets.
fn on_failure(config: &DestinationConfig) -> Result<Option<String>, Error> {
    let Some(failure) = &config.on_failure else { return Ok(None) };
    let arn = failure.destination.as_deref().ok_or(Error::DestinationMissing)?;
    match (arn, Address::parse(arn)) {
        ("", _) => Ok(None),
        (_, Some(Address::Queue | Address::Topic | Address::Bucket(_))) => Ok(Some(arn.to_owned())),
        (_, Some(Address::Function(_) | Address::EventBus) | None) => Err(Error::DestinationInvalid(arn.to_owned())),
    }
}

fn filters(criteria: &FilterCriteria) -> Result<Filters, Error> {
    let filters = criteria.filters.as_deref().unwrap_or_default();
    if filters.len() > MOST_FILTERS {
        return Err(Error::TooManyFilters);
    }
    let patterns: Option<Vec<&str>> = filters.iter().map(|filter| filter.pattern.as_deref()).collect();
    Filters::parse(patterns.ok_or(Error::FilterPattern)?).map_err(|_| Error::FilterPattern)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(request: Value, mut settings: Settings) -> Result<Settings, Error> {
        let wanted: Wanted = serde_json::from_value(request).unwrap();
        wanted.apply(&mut settings).map(|()| settings)
    }

    #[test]
    fn only_what_is_given_changes() {
        let before = Settings { batch_size: NonZeroU32::new(7).unwrap(), bisect_on_error: true, ..Settings::default() };
        assert_eq!(applied(json!({}), before.clone()), Ok(before.clone()));
        let window = Duration::from_secs(3);
        assert_eq!(
            applied(json!({"MaximumBatchingWindowInSeconds": 3}), before.clone()),
            Ok(Settings { batching_window: window, ..before })
        );
    }

    #[test]
    fn minus_one_is_without_limit() {
        let limited =
            applied(json!({"MaximumRetryAttempts": 0, "MaximumRecordAgeInSeconds": 60}), Settings::default()).unwrap();
        assert_eq!(limited.maximum_retry_attempts, Some(0));
        assert_eq!(limited.maximum_record_age, Some(Duration::from_secs(60)));
        let unlimited = applied(json!({"MaximumRetryAttempts": -1, "MaximumRecordAgeInSeconds": -1}), limited);
        assert_eq!(unlimited, Ok(Settings::default()));
    }

    #[test]
    fn an_empty_value_takes_a_setting_back() {
        let pattern = r#"{"data":{"a":[1]}}"#;
        let set = json!({
            "FilterCriteria": {"Filters": [{"Pattern": pattern}]},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "MetricsConfig": {"Metrics": ["EventCount"]}
        });
        let set = applied(set, Settings::default()).unwrap();
        assert_eq!(set.filters.texts().collect::<Vec<_>>(), [pattern]);
        assert!(set.report_item_failures && set.counts_events);
        let back = json!({
            "FilterCriteria": {},
            "FunctionResponseTypes": [],
            "DestinationConfig": {"OnFailure": {"Destination": ""}},
            "ScalingConfig": {},
            "MetricsConfig": {"Metrics": []},
            "TumblingWindowInSeconds": 0
        });
        assert_eq!(applied(back, set), Ok(Settings::default()));
    }

    #[test]
    fn what_is_wrong_or_not_built_is_refused() {
        let check = |request: Value, error| assert_eq!(applied(request, Settings::default()), Err(error));
        check(json!({"MaximumRecordAgeInSeconds": 59}), Error::RecordAgeTooShort);
        check(json!({"MaximumRecordAgeInSeconds": 0}), Error::RecordAgeTooShort);
        check(json!({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}), Error::FilterPattern);
        check(json!({"FilterCriteria": {"Filters": [{}]}}), Error::FilterPattern);
        let many = vec![json!({"Pattern": r#"{"partitionKey":["a"]}"#}); 6];
        check(json!({"FilterCriteria": {"Filters": many}}), Error::TooManyFilters);
        check(json!({"DestinationConfig": {"OnFailure": {}}}), Error::DestinationMissing);
        let queue = "arn:aws:sqs:us-east-1:000000000000:q";
        check(
            json!({"DestinationConfig": {"OnSuccess": {"Destination": queue}}}),
            Error::NotBuilt("DestinationConfig.OnSuccess"),
        );
        check(json!({"TumblingWindowInSeconds": 1, "ParallelizationFactor": 2}), Error::LanesWithWindow);
        check(json!({"MetricsConfig": {"Metrics": ["KafkaMetrics"]}}), Error::MetricUnknown("KafkaMetrics".into()));
        check(json!({"ScalingConfig": {"MaximumConcurrency": 2}}), Error::NotBuilt("ScalingConfig"));
        check(json!({"Queues": ["q"]}), Error::NotBuilt("Queues"));
    }
}
