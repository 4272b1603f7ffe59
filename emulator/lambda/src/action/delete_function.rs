//! DeleteFunction: a function with all its versions, or one version. Mappings and logs stay.

use aws_wire::{Body, Call, Http, RawAction, Reply, Rest, Structure};
use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;

use super::shape;
use crate::name::Qualifier;
use crate::service::resolve;
use crate::{Error, Lambda};

pub(crate) struct DeleteFunction;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

impl RawAction<Lambda> for DeleteFunction {
    const NAME: &'static str = "DeleteFunction";
    const INPUT: Structure = Structure::new(
        "DeleteFunctionRequest",
        &[shape::NAMESPACED_FUNCTION_NAME.member("FunctionName").required(), shape::QUALIFIER.member("Qualifier")],
    );
    type Input = Input;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Reply, Error> {
        let arn = resolve(call, &input.function_name, input.qualifier.as_deref())?;
        service
            .blocking(move |runner| {
                match arn.qualifier {
                    None => runner.catalog.remove(&arn)?,
                    Some(Qualifier::Latest) => return Err(Error::LatestNotDeletable),
                    Some(Qualifier::Alias(_)) => return Err(Error::AliasNotDeletable),
                    Some(Qualifier::Version(number)) => {
                        runner.catalog.change(&arn, |function| function.remove_version(number))?;
                    }
                }
                runner.retire(&arn);
                Ok(())
            })
            .await?;
        // An answer without a body, as the service has always given; the model's newer form is a 200.
        let mut reply = Response::new(Body::Full(Bytes::new()));
        *reply.status_mut() = StatusCode::NO_CONTENT;
        Ok(reply)
    }
}

impl Rest for DeleteFunction {
    const HTTP: Http =
        Http::delete("/2015-03-31/functions/{FunctionName}").status(204).query(&[("Qualifier", "Qualifier")]);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    #[tokio::test]
    async fn versions_go_alone_or_with_their_function() {
        let bench = Bench::new();
        bench.python("", json!({"Publish": true})).await;
        let delete =
            async |path: &str| bench.call("DELETE", &format!("/2015-03-31/functions/{path}"), Value::Null).await;
        let latest = "$LATEST version cannot be deleted without deleting the function.";
        delete("f?Qualifier=$LATEST").await.expect_error(400, "InvalidParameterValueException", latest);
        assert_eq!(delete("f?Qualifier=1").await.status, 204);
        let gone = "Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:1";
        delete("f:1").await.expect_error(404, "ResourceNotFoundException", gone);
        assert_eq!(delete("f").await.status, 204);
        assert_eq!(delete("f").await.status, 404);
        assert_eq!(bench.restarted().call("GET", "/2015-03-31/functions/f", Value::Null).await.status, 404);
    }
}
