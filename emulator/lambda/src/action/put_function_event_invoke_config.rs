//! PutFunctionEventInvokeConfig: how often and how long events are tried, and who is told; replaces what was set.

use aws_wire::{Action, Call, Http, Rest, Structure};

use super::event_invoke::{self, Input, View};
use crate::function::EventInvokeConfig;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct PutFunctionEventInvokeConfig;

impl Action<Lambda> for PutFunctionEventInvokeConfig {
    const NAME: &'static str = "PutFunctionEventInvokeConfig";
    const INPUT: Structure = Structure::new("PutFunctionEventInvokeConfigRequest", &event_invoke::MEMBERS);
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        input.check()?;
        service
            .blocking(move |runner| {
                event_invoke::store(runner, &arn, |_| {
                    let mut config = EventInvokeConfig::default();
                    input.apply(runner, &arn, &mut config)?;
                    Ok(config)
                })
            })
            .await
    }
}

impl Rest for PutFunctionEventInvokeConfig {
    const HTTP: Http =
        Http::put("/2019-09-25/functions/{FunctionName}/event-invoke-config").query(&[("Qualifier", "Qualifier")]);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::destination::{Attribute, DeliveryError, Target};
    use crate::fixture::{Bench, python};

    const PATH: &str = "/2019-09-25/functions/f/event-invoke-config";
    const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";

    async fn send(bench: &Bench, event: Value) {
        let request =
            http::Request::post("/2015-03-31/functions/f/invocations").header("x-amz-invocation-type", "Event");
        assert_eq!(bench.send(request.body(event.to_string().into()).unwrap()).await.status, 202);
    }

    #[tokio::test]
    async fn a_success_is_told_with_what_went_in_and_came_out() {
        let bench = Bench::new();
        bench.python("def handler(e, c): return {'id': c.aws_request_id}", json!({})).await;
        let config = json!({"DestinationConfig": {"OnSuccess": {"Destination": QUEUE}}});
        let set = bench.call("PUT", PATH, config).await;
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST";
        assert_eq!(
            (set.status, set.body),
            (
                200,
                json!({
                    "LastModified": 1_800_000_000.0, "FunctionArn": arn,
                    "DestinationConfig": {"OnSuccess": {"Destination": QUEUE}, "OnFailure": {}},
                })
            )
        );
        send(&bench, json!({"a": 1})).await;
        let told = bench.mailbox.next().await;
        assert_eq!(told.target, Target::Queue(QUEUE.into()));
        let document: Value = serde_json::from_str(&told.body).unwrap();
        assert_eq!(
            document,
            json!({
                "version": "1.0", "timestamp": "2027-01-15T08:00:00.000Z",
                "requestContext": {
                    "requestId": document["responsePayload"]["id"], "functionArn": arn, "condition": "Success",
                    "approximateInvokeCount": 1,
                },
                "requestPayload": {"a": 1},
                "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
                "responsePayload": document["responsePayload"],
            })
        );
        bench.lambda.queue().is_empty().await;
    }

    #[tokio::test]
    async fn a_failure_is_told_after_the_retries_and_becomes_a_dead_letter() {
        let bench = Bench::new();
        let dead_letters = "arn:aws:sns:us-east-1:000000000000:dead";
        let source = "def handler(e, c): raise ValueError('no')";
        bench.python(source, json!({"DeadLetterConfig": {"TargetArn": dead_letters}})).await;
        let destinations = json!({"OnFailure": {"Destination": "arn:aws:s3:::b"}});
        bench.call("PUT", PATH, json!({"MaximumRetryAttempts": 1, "DestinationConfig": destinations})).await;
        send(&bench, json!([7])).await;
        bench.lambda.queue().waits(60).await;
        bench.mailbox.refuse(DeliveryError::TryAgain("busy".into()));
        bench.env.clock.advance(Duration::from_secs(60));
        let dead = bench.mailbox.next().await;
        assert_eq!((&dead.target, dead.body.as_str()), (&Target::Topic(dead_letters.into()), "[7]"));
        assert_eq!(dead.attributes["ErrorCode"], Attribute::Number("200".into()));
        assert_eq!(dead.attributes["ErrorMessage"], Attribute::Text("no".into()));
        // The bucket did not take it at first; that outlives a restart.
        bench.lambda.queue().waits(1).await;
        let bench = bench.restarted();
        bench.lambda.start().unwrap();
        bench.env.clock.advance(Duration::from_secs(1));
        let told = bench.mailbox.next().await;
        let Target::Object { bucket, key } = &told.target else { panic!("{told:?}") };
        assert_eq!(
            (bucket.as_str(), key.starts_with("aws/lambda/async/f/2027/01/15/2027-01-15T08.01.00-")),
            ("b", true),
            "{key}"
        );
        let document: Value = serde_json::from_str(&told.body).unwrap();
        assert_eq!(document["requestContext"]["condition"], "RetriesExhausted");
        assert_eq!(document["requestContext"]["approximateInvokeCount"], 2);
        assert_eq!(document["responseContext"]["functionError"], "Unhandled");
        assert_eq!(document["responsePayload"]["errorType"], "ValueError");
        bench.lambda.queue().is_empty().await;
    }

    #[tokio::test]
    async fn what_a_destination_never_takes_is_offered_once() {
        let bench = Bench::new();
        bench.python("def handler(e, c): return 1", json!({})).await;
        bench.call("PUT", PATH, json!({"DestinationConfig": {"OnSuccess": {"Destination": QUEUE}}})).await;
        for error in [DeliveryError::Refused("too long".into()), DeliveryError::NotThere("deleted".into())] {
            bench.mailbox.refuse(error);
            send(&bench, json!({})).await;
            // The clock stands still: another try would never come.
            bench.lambda.queue().is_empty().await;
            assert_eq!(bench.mailbox.refusals_left(), 0);
        }
        send(&bench, json!({"a": 1})).await;
        let document: Value = serde_json::from_str(&bench.mailbox.next().await.body).unwrap();
        assert_eq!(document["requestPayload"], json!({"a": 1}));
    }

    #[tokio::test]
    async fn a_dead_letter_is_the_event_to_the_letter() {
        let bench = Bench::new();
        let source = "def handler(e, c): raise ValueError('no')";
        bench.python(source, json!({"DeadLetterConfig": {"TargetArn": QUEUE}})).await;
        bench.call("PUT", PATH, json!({"MaximumRetryAttempts": 0})).await;
        let event = "{ \"a\" :  1.50 }\n";
        let request =
            http::Request::post("/2015-03-31/functions/f/invocations").header("x-amz-invocation-type", "Event");
        assert_eq!(bench.send(request.body(event.into()).unwrap()).await.status, 202);
        let dead = bench.mailbox.next().await;
        assert_eq!((&dead.target, dead.body.as_str()), (&Target::Queue(QUEUE.into()), event));
        let names: Vec<_> = dead.attributes.keys().map(String::as_str).collect();
        assert_eq!(names, ["ErrorCode", "ErrorMessage", "RequestID"]);
    }

    #[tokio::test]
    async fn a_function_that_may_never_run_gives_its_events_up_at_once() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        bench.call("PUT", PATH, json!({"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}})).await;
        bench.call("PUT", "/2017-10-31/functions/f/concurrency", json!({"ReservedConcurrentExecutions": 0})).await;
        send(&bench, json!({})).await;
        let document: Value = serde_json::from_str(&bench.mailbox.next().await.body).unwrap();
        assert_eq!(document.get("responseContext"), None, "it never ran");
    }

    #[tokio::test]
    async fn a_function_as_destination_gets_the_document_as_its_event() {
        let bench = Bench::new();
        bench.python("def handler(e, c): return 'from f'", json!({})).await;
        bench
            .create(&python("def handler(e, c): print('got', e['responsePayload'])"), json!({"FunctionName": "g"}))
            .await;
        let other = "arn:aws:lambda:us-east-1:000000000000:function:g";
        bench.call("PUT", PATH, json!({"DestinationConfig": {"OnSuccess": {"Destination": other}}})).await;
        send(&bench, json!({})).await;
        bench.lambda.queue().is_empty().await;
        let log = bench.lambda.log(&other.parse().unwrap()).unwrap().read(0, usize::MAX).unwrap();
        assert!(log.events.iter().any(|event| event.message == "got from f"), "{log:?}");
    }

    #[tokio::test]
    async fn refuses_what_sets_nothing_and_where_nothing_can_go() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        let empty = "You must specify at least one of error handling or destination setting.";
        bench.call("PUT", PATH, json!({})).await.expect_error(400, "InvalidParameterValueException", empty);
        let to = |arn: &str| json!({"DestinationConfig": {"OnSuccess": {"Destination": arn}}});
        let message = "The provided destination config \
                       DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:s3:::b), onFailure=null) is invalid.";
        bench.call("PUT", PATH, to("arn:aws:s3:::b")).await.expect_error(
            400,
            "InvalidParameterValueException",
            message,
        );
        let bus = bench.call("PUT", PATH, to("arn:aws:events:us-east-1:000000000000:event-bus/b")).await;
        let message = "Millrace does not support EventBridge destinations for functions.";
        bus.expect_error(400, "InvalidParameterValueException", message);
        let other = "arn:aws:lambda:us-east-1:000000000000:function:g";
        let message = "The destination ARN arn:aws:lambda:us-east-1:000000000000:function:g is invalid.";
        bench.call("PUT", PATH, to(other)).await.expect_error(400, "InvalidParameterValueException", message);
        let itself = "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST";
        let message = "You can't specify the function as a destination for itself.";
        bench.call("PUT", PATH, to(itself)).await.expect_error(400, "InvalidParameterValueException", message);
        for path in [format!("{PATH}?Qualifier=7"), PATH.replace("/f/", "/g/")] {
            let missing = bench.call("PUT", &path, json!({"MaximumRetryAttempts": 0})).await;
            missing.expect_error(404, "ResourceNotFoundException", "The function doesn't exist.");
        }
        assert_eq!(bench.call("PUT", PATH, json!({"MaximumRetryAttempts": 3})).await.status, 400);
    }
}
