//! The members of mappings with AWS's constraints, for the actions that share them.

use aws_wire::{Pattern, Shape, Structure};

use crate::name::FunctionReference;

const ARN: Pattern = Pattern {
    text: r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*)",
    matches: is_arn,
};
const FUNCTION: Pattern = Pattern {
    text: r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?",
    matches: |text| text.parse::<FunctionReference>().is_ok(),
};
const DESTINATION: Pattern = Pattern {
    text: r"$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)",
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
const TEXT: Shape = Shape::string();

pub(crate) const EVENT_SOURCE_ARN: Shape = Shape::string().pattern(ARN);
pub(crate) const FUNCTION_NAME: Shape = Shape::string().length(1, 256).pattern(FUNCTION);
pub(crate) const BATCH_SIZE: Shape = Shape::integer().range(1, 10_000);
pub(crate) const FILTER_CRITERIA: Shape = Shape::structure(&FILTERS);
pub(crate) const BATCHING_WINDOW: Shape = Shape::integer().range(0, 300);
pub(crate) const PARALLELIZATION_FACTOR: Shape = Shape::integer().range(1, 10);
pub(crate) const STARTING_POSITION: Shape = Shape::string().one_of(&["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]);
pub(crate) const DESTINATION_CONFIG: Shape = Shape::structure(&DESTINATIONS);
pub(crate) const RECORD_AGE: Shape = Shape::integer().range(-1, 604_800);
pub(crate) const RETRY_ATTEMPTS: Shape = Shape::integer().range(-1, 10_000);
pub(crate) const TAGS: Shape = Shape::map(&TEXT, &TEXT);
pub(crate) const TUMBLING_WINDOW: Shape = Shape::integer().range(0, 900);
pub(crate) const RESPONSE_TYPES: Shape = Shape::list(&RESPONSE_TYPE).length(0, 1);
pub(crate) const METRICS_CONFIG: Shape = Shape::structure(&METRICS);
pub(crate) const KMS_KEY_ARN: Shape = Shape::string().pattern(KMS_KEY);
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
        && (account.is_empty() || account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()))
}

fn is_region(text: &str) -> bool {
    let is_lower = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
    let is_digit = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_digit());
    match text.split('-').collect::<Vec<_>>()[..] {
        [country, place, number] | [country, "gov", place, number] => {
            country.len() == 2 && is_lower(country) && is_lower(place) && is_digit(number)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_told_from_other_texts() {
        for text in [
            "arn:aws:kinesis:us-east-1:000000000000:stream/s",
            "arn:aws-us-gov:kinesis:us-gov-west-1:000000000000:stream/s/consumer/c:1",
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
