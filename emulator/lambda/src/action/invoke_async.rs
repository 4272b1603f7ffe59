//! InvokeAsync: the old way to queue an event. Clients still have it.

use aws_wire::{Action, Blob, Call, Http, Rest, Shape, Structure};
use serde::{Deserialize, Serialize};

use super::invocation::{Kind, check_payload};
use super::shape;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct InvokeAsync;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    invoke_args: Blob,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    status: u16,
}

impl Action<Lambda> for InvokeAsync {
    const NAME: &'static str = "InvokeAsync";
    const INPUT: Structure = Structure::new(
        "InvokeAsyncRequest",
        &[
            shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(),
            Shape::blob().member("InvokeArgs").required(),
        ],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let arn = resolve(call, &input.function_name, None)?;
        check_payload(Kind::Event, &input.invoke_args.0)?;
        service.runner().check_runnable(&arn)?;
        service.queue().push(arn, call.request_id.clone(), None, input.invoke_args.0)?;
        Ok(Output { status: 202 })
    }
}

impl Rest for InvokeAsync {
    const HTTP: Http =
        Http::post("/2014-11-13/functions/{FunctionName}/invoke-async").status(202).payload("InvokeArgs");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Bench;

    #[tokio::test]
    async fn an_event_is_queued_and_run() {
        let bench = Bench::new();
        let path = "/2014-11-13/functions/f/invoke-async";
        assert_eq!(bench.call("POST", path, json!({})).await.status, 404);
        bench.python("def handler(e, c): print('got', e['n'])", json!({})).await;
        let accepted = bench.call("POST", path, json!({"n": 1})).await;
        assert_eq!((accepted.status, &accepted.body["Status"]), (202, &json!(202)));
        bench.logged("got 1").await;
        let request = http::Request::post(path).body("{".into()).unwrap();
        assert_eq!(bench.send(request).await.status, 400);
    }
}
