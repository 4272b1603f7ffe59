//! The members of mappings with AWS's constraints, for the actions that share them.

use aws_wire::{Pattern, Shape, Structure};

use crate::name::{is_account, is_region};

const ARN: Pattern = Pattern {
    text: r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)",
    matches: is_arn,
};
const DESTINATION: Pattern = Pattern {
    text: r"$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)",
    matches: |text| text.is_empty() || text.starts_with("kafka://") || is_arn(text),
};
const KMS_KEY: Pattern = Pattern {
    text: r"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()",
    matches: |text| text.is_empty() || text.starts_with("arn:"),
};

const FILTER: Structure = Structure::new("Filter", &[Shape::string().length(0, 4096).member("Pattern")]);
const FILTER_SHAPE: Shape = Shape::structure(&FILTER);
const FILTERS: Structure = Structure::new("FilterCriteria", &[Shape::list(&FILTER_SHAPE).member("Filters")]);
const TARGET: Shape = Shape::string().length(0, 350).pattern(DESTINATION);
const ON_SUCCESS: Structure = Structure::new("OnSuccess", &[TARGET.member("Destination")]);
const ON_FAILURE: Structure = Structure::new("OnFailure", &[TARGET.member("Destination")]);
const DESTINATIONS: Structure = Structure::new(
    "DestinationConfig",
    &[Shape::structure(&ON_SUCCESS).member("OnSuccess"), Shape::structure(&ON_FAILURE).member("OnFailure")],
);
const RESPONSE_TYPE: Shape = Shape::string().one_of(&["ReportBatchItemFailures"]);
const METRIC: Shape = Shape::string().one_of(&["EventCount", "ErrorCount", "KafkaMetrics"]);
const METRICS: Structure =
    Structure::new("EventSourceMappingMetricsConfig", &[Shape::list(&METRIC).length(0, 3).member("Metrics")]);

pub(crate) const UUID: Shape = Shape::string().length(36, 36);
pub(crate) const EVENT_SOURCE_ARN: Shape = Shape::string().length(0, 10_000).pattern(ARN);
pub(crate) const BATCH_SIZE: Shape = Shape::integer().range(1, 10_000);
pub(crate) const FILTER_CRITERIA: Shape = Shape::structure(&FILTERS);
pub(crate) const BATCHING_WINDOW: Shape = Shape::integer().range(0, 300);
pub(crate) const PARALLELIZATION_FACTOR: Shape = Shape::integer().range(1, 10);
pub(crate) const STARTING_POSITION: Shape = Shape::string().one_of(&["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]);
pub(crate) const DESTINATION_CONFIG: Shape = Shape::structure(&DESTINATIONS);
pub(crate) const RECORD_AGE: Shape = Shape::integer().range(-1, 604_800);
pub(crate) const RETRY_ATTEMPTS: Shape = Shape::integer().range(-1, 10_000);
pub(crate) const TUMBLING_WINDOW: Shape = Shape::integer().range(0, 900);
pub(crate) const RESPONSE_TYPES: Shape = Shape::list(&RESPONSE_TYPE).length(0, 1);
pub(crate) const METRICS_CONFIG: Shape = Shape::structure(&METRICS);
pub(crate) const KMS_KEY_ARN: Shape = Shape::string().length(0, 10_000).pattern(KMS_KEY);
pub(crate) const MAX_ITEMS: Shape = Shape::integer().range(1, 10_000);

fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, _] = parts[..] else { return false };
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    arn == "arn"
        && partition.starts_with("aws")
        && is_word(partition)
        && !service.is_empty()
        && is_word(service)
        && (region.is_empty() || is_region(region))
        && (account.is_empty() || is_account(account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_told_from_other_texts() {
        for text in [
            "arn:aws:kinesis:us-east-1:000000000000:stream/s",
            "arn:aws-us-gov:kinesis:us-gov-west-1:000000000000:stream/s/consumer/c:1",
            "arn:aws-eusc:kinesis:eusc-de-east-1:000000000000:stream/s",
            "arn:aws-iso-b:kinesis:us-isob-east-1:000000000000:stream/s",
            "arn:aws:s3:::bucket",
        ] {
            assert!(is_arn(text), "{text}");
        }
        for text in ["", "s", "arn:aws:kinesis", "arn:aws:kinesis:mars:000000000000:s", "arn:aws:kinesis:us-east-1:1:s"]
        {
            assert!(!is_arn(text), "{text}");
        }
    }
}
