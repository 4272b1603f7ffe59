//! Invoke: runs a function and answers with what it returned, queues an event for it, or only asks whether it could run.
//!
//! A function that fails is a success of the API: the answer is a 200 whose header says that the body is an error.

use aws_wire::{Body, Call, Http, RawAction, Reply, Rest, Structure};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use super::invocation::{self, Input, Invocation, Kind, LogType, empty};
use crate::invoke::FunctionErrorKind;
use crate::runner::{Ran, SERVICE_EXCEPTION};
use crate::sandbox::Verdict;
use crate::{Error, Lambda};

pub(crate) struct Invoke;

impl RawAction<Lambda> for Invoke {
    const NAME: &'static str = "Invoke";
    const INPUT: Structure =
        Structure::new("InvocationRequest", &const { invocation::members(&["Event", "RequestResponse", "DryRun"]) });
    type Input = Input;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Reply, Error> {
        let Invocation { arn, kind, log_type, request_id, client_context, payload } = input.check(call)?;
        match kind {
            Kind::DryRun => {
                service.runner().check_runnable(&arn)?;
                Ok(empty(StatusCode::NO_CONTENT))
            }
            Kind::Event => {
                service.runner().check_runnable(&arn)?;
                service.queue().push(arn, request_id, client_context, payload)?;
                Ok(empty(StatusCode::ACCEPTED))
            }
            Kind::RequestResponse => {
                let ran = service.runner().run(&arn, request_id, client_context, payload).await?;
                answer(ran, log_type)
            }
        }
    }
}

impl Rest for Invoke {
    const HTTP: Http = invocation::http("/2015-03-31/functions/{FunctionName}/invocations");
}

fn answer(ran: Ran, log_type: LogType) -> Result<Reply, Error> {
    let Ran { finished, executed_version } = ran;
    let (payload, error) = match finished.verdict {
        Verdict::Answer(payload) => (payload, None),
        Verdict::Error(payload) => (payload, Some(FunctionErrorKind::Unhandled)),
        Verdict::Trouble(message) => return Err(Error::Service { code: SERVICE_EXCEPTION, message }),
    };
    let log_result = log_type.result(&finished.log_tail);
    let headers = [
        ("x-amz-executed-version", Some(executed_version.as_str())),
        ("x-amz-function-error", error.map(FunctionErrorKind::as_str)),
        ("x-amz-log-result", log_result.as_deref()),
    ];
    let mut reply = Response::new(Body::Full(payload));
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in headers {
        if let Some(value) = value {
            let value = HeaderValue::from_str(value).expect("a version, a word or base64 is a header value");
            reply.headers_mut().insert(name, value);
        }
    }
    Ok(reply)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    async fn send(bench: &Bench, kind: &str, body: &'static str) -> crate::fixture::Reply {
        let request = http::Request::post("/2015-03-31/functions/f/invocations").header("x-amz-invocation-type", kind);
        bench.send(request.body(Bytes::from_static(body.as_bytes())).unwrap()).await
    }

    #[tokio::test]
    async fn a_dry_run_runs_nothing() {
        let bench = Bench::new();
        assert_eq!(send(&bench, "DryRun", "").await.status, 404);
        bench.python("", json!({})).await;
        assert_eq!(send(&bench, "DryRun", "{}").await.status, 204);
        assert!(bench.log().is_empty());
        let reply = send(&bench, "RequestResponse", "not json").await;
        assert_eq!(reply.headers["x-amzn-errortype"], "InvalidRequestContentException");
    }

    #[tokio::test]
    async fn an_event_is_tried_three_times_across_a_restart() {
        let bench = Bench::new();
        let source = "def handler(e, c):\n  print('try', e['n'])\n  raise Exception('no')";
        bench.python(source, json!({})).await;
        let accepted = send(&bench, "Event", r#"{"n": 1}"#).await;
        assert_eq!((accepted.status, accepted.body), (202, Value::Null));
        let ends = |bench: &Bench| bench.log().iter().filter(|line| line.starts_with("REPORT")).count();
        let reported = async |bench: &Bench, count: usize| {
            let mut watch = bench.lambda.log(&bench.arn()).unwrap().watch();
            while ends(bench) < count {
                watch.changed().await.unwrap();
            }
        };
        reported(&bench, 1).await;
        bench.lambda.queue().waits(60).await;
        let bench = bench.restarted();
        bench.lambda.start().unwrap();
        bench.env.clock.advance(Duration::from_secs(60));
        reported(&bench, 2).await;
        bench.lambda.queue().waits(180).await;
        bench.env.clock.advance(Duration::from_secs(120));
        reported(&bench, 3).await;
        bench.lambda.queue().is_empty().await;
    }
}
