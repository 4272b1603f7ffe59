//! CreateEventSourceMapping: lets a function be fed from a stream. The mapping is Creating at first and becomes Enabled,
//! or Disabled if so asked, by itself.
//!
//! The source is a stream or a consumer of the caller's world; one source feeds one function (qualifier included) once.
//! What cannot be read, or calls no function, is refused here and not found out later.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_wire::{Action, Arn, Call, EpochSeconds, Http, Rest, Shape, Structure, World};
use env::Timestamp;
use serde::Deserialize;

use crate::mapping::Error;
use crate::mapping::definition::{Goal, Mapping, State, WorldKey};
use crate::mapping::mappings::Feeding;
use crate::mapping::report;
use crate::mapping::request::{Wanted, function_arn};
use crate::mapping::settings::Settings;
use crate::mapping::shape;
use crate::mapping::source::StartingPosition;
use crate::mapping::view::View;

pub(super) struct CreateEventSourceMapping;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    event_source_arn: Option<String>,
    function_name: String,
    starting_position: Option<Position>,
    starting_position_timestamp: Option<EpochSeconds>,
    #[serde(default)]
    tags: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    wanted: Wanted,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Position {
    TrimHorizon,
    Latest,
    AtTimestamp,
}

impl Rest for CreateEventSourceMapping {
    const HTTP: Http = Http::post("/2015-03-31/event-source-mappings").status(202);
}

impl<S: Feeding> Action<S> for CreateEventSourceMapping {
    const NAME: &'static str = "CreateEventSourceMapping";
    const INPUT: Structure = Structure::new(
        "CreateEventSourceMappingRequest",
        &[
            shape::EVENT_SOURCE_ARN.member("EventSourceArn"),
            super::shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(),
            Shape::boolean().member("Enabled"),
            shape::BATCH_SIZE.member("BatchSize"),
            shape::FILTER_CRITERIA.member("FilterCriteria"),
            shape::BATCHING_WINDOW.member("MaximumBatchingWindowInSeconds"),
            shape::PARALLELIZATION_FACTOR.member("ParallelizationFactor"),
            shape::STARTING_POSITION.member("StartingPosition"),
            Shape::timestamp().member("StartingPositionTimestamp"),
            shape::DESTINATION_CONFIG.member("DestinationConfig"),
            shape::RECORD_AGE.member("MaximumRecordAgeInSeconds"),
            Shape::boolean().member("BisectBatchOnFunctionError"),
            shape::RETRY_ATTEMPTS.member("MaximumRetryAttempts"),
            super::shape::TAGS.member("Tags"),
            shape::TUMBLING_WINDOW.member("TumblingWindowInSeconds"),
            Shape::document().member("Topics"),
            Shape::document().member("Queues"),
            Shape::document().member("SourceAccessConfigurations"),
            Shape::document().member("SelfManagedEventSource"),
            shape::RESPONSE_TYPES.member("FunctionResponseTypes"),
            Shape::document().member("AmazonManagedKafkaEventSourceConfig"),
            Shape::document().member("SelfManagedKafkaEventSourceConfig"),
            Shape::document().member("ScalingConfig"),
            Shape::document().member("DocumentDBEventSourceConfig"),
            shape::KMS_KEY_ARN.member("KMSKeyArn"),
            shape::METRICS_CONFIG.member("MetricsConfig"),
            Shape::document().member("LoggingConfig"),
            Shape::document().member("ProvisionedPollerConfig"),
        ],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &S, call: &Call, input: Input) -> Result<View, S::Error> {
        let (world, mappings) = (&call.world, service.mappings());
        input.wanted.refuse_what_is_not_built()?;
        let event_source_arn = stream_arn(world, input.event_source_arn)?;
        let now = mappings.now();
        let starting_position = starting_position(input.starting_position, input.starting_position_timestamp, now)?;
        let function = function_arn(world, &input.function_name)?;
        service.functions().role(&function).ok_or(Error::FunctionNotFound)?;
        let is_repeated = |there: &&Arc<Mapping>| {
            let is_same = there.function == function && there.event_source_arn == event_source_arn;
            is_same && call.repeats(there.maker.as_ref()) && there.state != State::Deleting
        };
        if let Some(there) = mappings.list(world).iter().find(is_repeated) {
            return Ok(View::of(there, &**mappings.keys()));
        }
        let mut mapping = Mapping {
            uuid: mappings.new_id(),
            maker: call.invocation.clone(),
            world: WorldKey(world.clone()),
            function,
            event_source_arn,
            starting_position,
            settings: Settings::default(),
            encryption: None,
            state: State::Creating(Goal::of(input.wanted.enabled.unwrap_or(true))),
            settles_at: mappings.settles_at(),
            last_modified: now,
            last_processing_result: report::NOTHING_YET.to_owned(),
            incarnation: None,
            tags: input.tags.unwrap_or_default(),
        };
        input.wanted.change(&mut mapping, &**mappings.keys())?;
        mappings.stream(world, &mapping.event_source_arn).await?;
        let mapping = mappings.create(mapping).await?;
        tracing::info!(
            mapping = mapping.uuid,
            source = mapping.event_source_arn,
            function = %mapping.function,
            "event source mapping created"
        );
        Ok(View::of(&mapping, &**mappings.keys()))
    }
}

/// The source, if it is of a kind that feeds functions here.
fn stream_arn(world: &World, text: Option<String>) -> Result<String, Error> {
    let text = text.ok_or(Error::UnrecognizedSource)?;
    let arn = Arn::parse(&text).ok_or(Error::UnrecognizedSource)?;
    if arn.service != "kinesis" || !arn.resource.starts_with("stream/") {
        return Err(Error::UnrecognizedSource);
    }
    // A stream of another world would have to be shared by a policy, which is looked at nowhere yet.
    if arn.world() == *world { Ok(text) } else { Err(Error::StreamNotFound(text)) }
}

fn starting_position(
    position: Option<Position>,
    timestamp: Option<EpochSeconds>,
    now: Timestamp,
) -> Result<StartingPosition, Error> {
    match (position.ok_or(Error::StartingPositionMissing)?, timestamp) {
        (Position::TrimHorizon, None) => Ok(StartingPosition::TrimHorizon),
        (Position::Latest, None) => Ok(StartingPosition::Latest),
        (Position::TrimHorizon | Position::Latest, Some(_)) => Err(Error::TimestampUnexpected),
        (Position::AtTimestamp, None) => Err(Error::TimestampMissing),
        (Position::AtTimestamp, Some(EpochSeconds(time))) if time > now => Err(Error::TimestampInFuture),
        (Position::AtTimestamp, Some(EpochSeconds(time))) => Ok(StartingPosition::AtTimestamp(time)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::mapping::bench::STREAM;
    use crate::mapping::front::{FUNCTION_ARN, Front, MAPPINGS};

    fn request(members: &Value) -> Value {
        let mut request = json!({"EventSourceArn": STREAM, "FunctionName": "f", "StartingPosition": "LATEST"});
        request.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        request
    }

    #[tokio::test]
    async fn answers_with_everything_that_clients_read() {
        let front = Front::new();
        let (status, answer) = front.send("POST", &format!("{MAPPINGS}/"), request(&json!({}))).await;
        let uuid = answer["UUID"].as_str().unwrap();
        assert_eq!(status, 202);
        assert_eq!(
            answer,
            json!({
                "UUID": uuid,
                "StartingPosition": "LATEST",
                "BatchSize": 100,
                "MaximumBatchingWindowInSeconds": 0,
                "ParallelizationFactor": 1,
                "EventSourceArn": STREAM,
                "FunctionArn": FUNCTION_ARN,
                "LastModified": 1_000_000.0,
                "LastProcessingResult": "No records processed",
                "State": "Creating",
                "StateTransitionReason": "User action",
                "MaximumRecordAgeInSeconds": -1,
                "BisectBatchOnFunctionError": false,
                "MaximumRetryAttempts": -1,
                "TumblingWindowInSeconds": 0,
                "DestinationConfig": {"OnFailure": {}},
                "FunctionResponseTypes": [],
                "EventSourceMappingArn": format!("arn:aws:lambda:us-east-1:000000000000:event-source-mapping:{uuid}"),
            })
        );
    }

    #[tokio::test]
    async fn keeps_what_was_asked_for() {
        let front = Front::new();
        let wanted = json!({
            "FunctionName": "f:1",
            "StartingPosition": "AT_TIMESTAMP",
            "StartingPositionTimestamp": 999_999.5,
            "Enabled": false,
            "BatchSize": 7,
            "MaximumBatchingWindowInSeconds": 5,
            "ParallelizationFactor": 10,
            "MaximumRecordAgeInSeconds": 60,
            "BisectBatchOnFunctionError": true,
            "MaximumRetryAttempts": 0,
            "TumblingWindowInSeconds": 0,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "FilterCriteria": {"Filters": [{"Pattern": "{\"partitionKey\":[\"a\"]}"}]},
            "MetricsConfig": {"Metrics": ["EventCount"]},
        });
        let uuid = front.create(request(&wanted)).await;
        let answer = front.settled(&uuid, "Disabled").await;
        for (member, value) in wanted.as_object().unwrap() {
            match member.as_str() {
                "FunctionName" => assert_eq!(answer["FunctionArn"], format!("{FUNCTION_ARN}:1")),
                "Enabled" => {}
                _ => assert_eq!(answer[member], *value, "{member}"),
            }
        }
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_lambda() {
        let front = Front::new();
        let check = async |members: Value, code: &str, message: &str| {
            let answer = front.error("POST", MAPPINGS, request(&members)).await;
            assert_eq!(answer, (400, code.to_owned(), message.to_owned()), "{members}");
        };
        let invalid = "InvalidParameterValueException";
        check(json!({"EventSourceArn": null}), invalid, "Unrecognized event source.").await;
        let table = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2024";
        check(json!({"EventSourceArn": table}), invalid, "Unrecognized event source.").await;
        let other = "arn:aws:kinesis:eu-west-1:000000000000:stream/s";
        check(json!({"EventSourceArn": other}), invalid, &format!("Stream not found: {other}")).await;
        check(json!({"FunctionName": "missing"}), invalid, "Function does not exist").await;
        check(json!({"StartingPosition": "AT_TIMESTAMP"}), invalid, "Need to specify a timestamp").await;
        check(
            json!({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1_000_001}),
            invalid,
            "StartingPositionTimestamp cannot be in the future",
        )
        .await;
        check(
            json!({"StartingPositionTimestamp": 1}),
            invalid,
            "StartingPositionTimestamp can only be specified with a StartingPosition of AT_TIMESTAMP",
        )
        .await;
        check(
            json!({"StartingPosition": null}),
            "ValidationException",
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not \
             be null.",
        )
        .await;
        check(
            json!({"BatchSize": 10_001}),
            "ValidationException",
            "1 validation error detected: Value '10001' at 'batchSize' failed to satisfy constraint: Member must have \
             value less than or equal to 10000",
        )
        .await;
        let metrics = json!({"MetricsConfig": {"Metrics": ["ErrorCount"]}});
        let message = "The metric ErrorCount is not supported for Kinesis event source mappings.";
        check(metrics, invalid, message).await;
        check(
            json!({"TumblingWindowInSeconds": 30, "ParallelizationFactor": 2}),
            invalid,
            "ParallelizationFactor must be 1 if TumblingWindowInSeconds is greater than 0",
        )
        .await;
        front.source.delete();
        check(json!({}), invalid, &format!("Stream not found: {STREAM}")).await;
    }

    #[tokio::test]
    async fn one_stream_feeds_one_function_once() {
        let front = Front::new();
        let uuid = front.create(request(&json!({}))).await;
        let message = format!(
            "The event source arn (\" {STREAM} \") and function (\" f \") provided mapping already exists. Please update or \
             delete the existing mapping with UUID {uuid}"
        );
        let answer = front.error("POST", MAPPINGS, request(&json!({"FunctionName": FUNCTION_ARN}))).await;
        assert_eq!(answer, (409, "ResourceConflictException".to_owned(), message));
        front.create(request(&json!({"FunctionName": "f:1"}))).await;
    }
}
