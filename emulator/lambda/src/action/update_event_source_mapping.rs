//! UpdateEventSourceMapping: changes the settings that are given and no others, switches a mapping on or off, or gives
//! it another function. It goes on where it is; source and starting position never change.

use std::sync::Arc;

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::Deserialize;

use crate::mapping::Error;
use crate::mapping::definition::Mapping;
use crate::mapping::mappings::Feeding;
use crate::mapping::request::{Wanted, function_arn};
use crate::mapping::shape;
use crate::mapping::view::View;

pub(super) struct UpdateEventSourceMapping;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(rename = "UUID")]
    uuid: String,
    function_name: Option<String>,
    #[serde(flatten)]
    wanted: Wanted,
}

impl Rest for UpdateEventSourceMapping {
    const HTTP: Http = Http::put("/2015-03-31/event-source-mappings/{UUID}").status(202);
}

impl<S: Feeding> Action<S> for UpdateEventSourceMapping {
    const NAME: &'static str = "UpdateEventSourceMapping";
    const INPUT: Structure = Structure::new(
        "UpdateEventSourceMappingRequest",
        &[
            shape::UUID.member("UUID").required(),
            super::shape::NAMESPACED_FUNCTION_NAME.member("FunctionName"),
            Shape::boolean().member("Enabled"),
            shape::BATCH_SIZE.member("BatchSize"),
            shape::FILTER_CRITERIA.member("FilterCriteria"),
            shape::BATCHING_WINDOW.member("MaximumBatchingWindowInSeconds"),
            shape::DESTINATION_CONFIG.member("DestinationConfig"),
            shape::RECORD_AGE.member("MaximumRecordAgeInSeconds"),
            Shape::boolean().member("BisectBatchOnFunctionError"),
            shape::RETRY_ATTEMPTS.member("MaximumRetryAttempts"),
            shape::PARALLELIZATION_FACTOR.member("ParallelizationFactor"),
            Shape::document().member("SourceAccessConfigurations"),
            shape::TUMBLING_WINDOW.member("TumblingWindowInSeconds"),
            shape::RESPONSE_TYPES.member("FunctionResponseTypes"),
            Shape::document().member("ScalingConfig"),
            Shape::document().member("AmazonManagedKafkaEventSourceConfig"),
            Shape::document().member("SelfManagedKafkaEventSourceConfig"),
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
        let mappings = service.mappings();
        let Input { uuid, function_name, wanted } = input;
        mappings.get(&call.world, &uuid)?;
        let function = function_name.map(|name| function_arn(&call.world, &name)).transpose()?;
        if let Some(function) = &function {
            service.functions().role(function).ok_or(Error::FunctionNotFound)?;
        }
        let (now, settles_at, keys) = (mappings.now(), mappings.settles_at(), Arc::clone(mappings.keys()));
        let update = move |mapping: &mut Mapping| {
            mapping.state = mapping.state.updated(wanted.enabled)?;
            wanted.change(mapping, &*keys)?;
            if let Some(function) = function {
                mapping.function = function;
            }
            mapping.settles_at = settles_at;
            mapping.last_modified = now;
            Ok(())
        };
        let mapping = mappings.change(&call.world, &uuid, update).await?;
        tracing::info!(mapping = mapping.uuid, state = mapping.state.as_str(), "event source mapping updated");
        Ok(View::of(&mapping, &**mappings.keys()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::mapping::bench::STREAM;
    use crate::mapping::front::{FUNCTION_ARN, Front, MAPPINGS, NOBODY};

    #[tokio::test]
    async fn changes_what_is_given_and_nothing_else() {
        let front = Front::new();
        let uuid = front.create_simple().await;
        let before = front.settled(&uuid, "Enabled").await;
        let path = format!("{MAPPINGS}/{uuid}");
        let (status, answer) = front.send("PUT", &path, json!({"BatchSize": 3, "FunctionName": "f:1"})).await;
        assert_eq!((status, answer["State"].as_str()), (202, Some("Updating")));
        let after = front.settled(&uuid, "Enabled").await;
        let mut expected = before.clone();
        expected["BatchSize"] = 3.into();
        expected["FunctionArn"] = format!("{FUNCTION_ARN}:1").into();
        expected["LastModified"] = after["LastModified"].clone();
        assert_eq!(after, expected);
    }

    #[tokio::test]
    async fn switches_off_and_on() {
        let front = Front::new();
        let uuid = front.create_simple().await;
        front.settled(&uuid, "Enabled").await;
        let path = format!("{MAPPINGS}/{uuid}");
        for (enabled, transition, settled) in [(false, "Disabling", "Disabled"), (true, "Enabling", "Enabled")] {
            let (_, answer) = front.send("PUT", &path, json!({"Enabled": enabled})).await;
            assert_eq!(answer["State"], transition);
            front.settled(&uuid, settled).await;
        }
    }

    #[tokio::test]
    async fn refuses_in_the_words_of_lambda() {
        let front = Front::new();
        let uuid = front.create_simple().await;
        let path = format!("{MAPPINGS}/{uuid}");
        let in_use = "Cannot update the event source mapping because it is in use.";
        let answer = front.error("PUT", &path, json!({"BatchSize": 3})).await;
        assert_eq!(answer, (400, "ResourceInUseException".to_owned(), in_use.to_owned()));
        front.settled(&uuid, "Enabled").await;
        let invalid = async |members: serde_json::Value, message: &str| {
            let answer = front.error("PUT", &path, members.clone()).await;
            assert_eq!(answer, (400, "InvalidParameterValueException".to_owned(), message.to_owned()), "{members}");
        };
        invalid(json!({"FunctionName": "missing"}), "Function does not exist").await;
        invalid(
            json!({"FilterCriteria": {"Filters": [{"Pattern": "{\"data\":1}"}]}}),
            "Invalid filter pattern definition.",
        )
        .await;
        invalid(
            json!({"MaximumRecordAgeInSeconds": 59}),
            "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)",
        )
        .await;
        invalid(
            json!({"DestinationConfig": {"OnFailure": {}}}),
            "The Destination field is required for an OnFailure configuration.",
        )
        .await;
        let (_, unchanged) = front.send("GET", &path, json!({})).await;
        assert_eq!(unchanged["State"], "Enabled");
        assert_eq!(front.send("PUT", &format!("{MAPPINGS}/{NOBODY}"), json!({})).await.0, 404);
    }

    #[tokio::test]
    async fn a_failure_destination_is_set_and_taken_back() {
        let front = Front::new();
        let uuid = front.create_simple().await;
        let path = format!("{MAPPINGS}/{uuid}");
        let config = |arn: &str| json!({"DestinationConfig": {"OnFailure": {"Destination": arn}}});
        for arn in ["arn:aws:sqs:us-east-1:000000000000:q", "arn:aws:sns:us-east-1:000000000000:t", "arn:aws:s3:::b"] {
            front.settled(&uuid, "Enabled").await;
            let (_, answer) = front.send("PUT", &path, config(arn)).await;
            assert_eq!(answer["DestinationConfig"], config(arn)["DestinationConfig"]);
        }
        for arn in ["arn:aws:sqs:us-east-1:000000000000:q.fifo", "arn:aws:lambda:us-east-1:000000000000:function:g"] {
            front.settled(&uuid, "Enabled").await;
            let message = format!("The destination ARN {arn} is invalid.");
            let answer = front.error("PUT", &path, config(arn)).await;
            assert_eq!(answer, (400, "InvalidParameterValueException".to_owned(), message));
        }
        let (_, answer) = front.send("PUT", &path, json!({"DestinationConfig": {}})).await;
        assert_eq!(answer["DestinationConfig"], json!({"OnFailure": {}}));
    }

    #[tokio::test]
    async fn does_not_become_a_duplicate() {
        let front = Front::new();
        front.create_simple().await;
        let other = json!({"EventSourceArn": STREAM, "FunctionName": "f:1", "StartingPosition": "LATEST"});
        let other = front.create(other).await;
        front.settled(&other, "Enabled").await;
        let answer = front.send("PUT", &format!("{MAPPINGS}/{other}"), json!({"FunctionName": "f"})).await;
        assert_eq!(answer.0, 409);
    }

    #[tokio::test]
    async fn filters_under_a_key_are_shown_to_who_asks_for_the_mapping_only() {
        let front = Front::new();
        let key = "arn:aws:kms:us-east-1:000000000000:key/k";
        let filters = json!({"Filters": [{"Pattern": "{\"partitionKey\":[\"a\"]}"}]});
        let uuid = front
            .create(json!({
                "EventSourceArn": STREAM, "FunctionName": "f", "StartingPosition": "LATEST", "KMSKeyArn": key,
                "FilterCriteria": filters,
            }))
            .await;
        let shown = front.settled(&uuid, "Enabled").await;
        assert_eq!((&shown["FilterCriteria"], &shown["KMSKeyArn"]), (&filters, &json!(key)));
        let (_, listed) = front.send("GET", MAPPINGS, json!({})).await;
        let listed = &listed["EventSourceMappings"][0];
        assert_eq!((listed.get("FilterCriteria"), &listed["KMSKeyArn"]), (None, &json!(key)));

        front.keys.disable(true);
        let path = format!("{MAPPINGS}/{uuid}");
        let (status, shown) = front.send("GET", &path, json!({})).await;
        let error = json!({"ErrorCode": "DisabledException", "Message": "the key is disabled."});
        assert_eq!((status, shown.get("FilterCriteria"), &shown["FilterCriteriaError"]), (200, None, &error));
        let message = "The filter criteria cannot be kept under the key. KMS Exception: DisabledException KMS Message: the \
                       key is disabled.";
        for body in [json!({"FilterCriteria": filters}), json!({"KMSKeyArn": ""})] {
            let answer = front.error("PUT", &path, body).await;
            assert_eq!(answer, (400, "InvalidParameterValueException".to_owned(), message.to_owned()));
        }
        let (status, shown) = front.send("PUT", &path, json!({"BatchSize": 3})).await;
        assert_eq!((status, &shown["BatchSize"]), (202, &json!(3)), "what is not under the key can be changed");
        front.settled(&uuid, "Enabled").await;

        front.keys.disable(false);
        let (_, shown) = front.send("PUT", &path, json!({"KMSKeyArn": ""})).await;
        assert_eq!((&shown["FilterCriteria"], shown.get("KMSKeyArn")), (&filters, None), "back in clear");
    }
}
