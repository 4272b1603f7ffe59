//! GetFunction: a version's settings, where its package can be had, and the function's tags and reservation.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::{Deserialize, Serialize};

use super::put_function_concurrency::Reservation;
use super::shape;
use crate::function::View;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct GetFunction;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    configuration: View,
    code: Location,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<Reservation>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Location {
    repository_type: &'static str,
    location: String,
}

impl Action<Lambda> for GetFunction {
    const NAME: &'static str = "GetFunction";
    const INPUT: Structure = Structure::new(
        "GetFunctionRequest",
        &[shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(), shape::QUALIFIER.member("Qualifier")],
    );
    type Input = Input;
    type Output = Output;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Output, Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        let function = service.runner().catalog.get(&arn)?;
        let version = function.version(arn.qualifier.as_ref())?;
        Ok(Output {
            configuration: View::of(&function, arn.qualifier.as_ref(), service.runner().env.clock.now())?,
            code: Location { repository_type: "S3", location: service.location(&version.code) },
            tags: function.tags.clone(),
            concurrency: function.reserved_concurrency.map(Reservation::of),
        })
    }
}

impl Rest for GetFunction {
    const HTTP: Http = Http::get("/2015-03-31/functions/{FunctionName}").query(&[("Qualifier", "Qualifier")]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::{Bench, python, zip};

    #[tokio::test]
    async fn the_package_can_be_had_where_it_says() {
        let bench = Bench::new();
        bench.python("x = 1", json!({"Tags": {"k": "v"}})).await;
        let got = bench.call("GET", "/2015-03-31/functions/f", Value::Null).await.body;
        assert_eq!((&got["Configuration"]["State"], &got["Tags"]), (&json!("Active"), &json!({"k": "v"})));
        assert_eq!((got.get("Concurrency"), &got["Code"]["RepositoryType"]), (None, &json!("S3")));
        let url = got["Code"]["Location"].as_str().unwrap();
        let file = url.strip_prefix("http://127.0.0.1:4566/_millrace/lambda/code/").unwrap();
        assert_eq!(bench.lambda.package(file), Some(zip(&python("x = 1"))));
        assert_eq!(bench.lambda.package("../../etc/passwd"), None);
    }

    #[tokio::test]
    async fn what_is_not_there_is_named_as_it_was_asked_for() {
        let bench = Bench::new();
        let get = async |path: &str| bench.call("GET", &format!("/2015-03-31/functions/{path}"), Value::Null).await;
        let not_found = |arn: &str| format!("Function not found: arn:aws:lambda:us-east-1:000000000000:function:{arn}");
        get("f").await.expect_error(404, "ResourceNotFoundException", &not_found("f"));
        bench.python("", json!({})).await;
        get("f?Qualifier=7").await.expect_error(404, "ResourceNotFoundException", &not_found("f:7"));
        get("f:live").await.expect_error(404, "ResourceNotFoundException", &not_found("f:live"));
        assert_eq!(get("arn:aws:lambda:us-east-1:000000000000:function:f").await.status, 200);
        let elsewhere = get("arn:aws:lambda:eu-west-1:000000000000:function:f").await;
        assert_eq!(elsewhere.status, 404);
        let mismatch = "The derived qualifier from the function name does not match the specified qualifier.";
        get("f:1?Qualifier=2").await.expect_error(400, "InvalidParameterValueException", mismatch);
    }
}
