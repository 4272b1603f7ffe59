//! PublishVersion: a numbered copy of `$LATEST`, or the last one if nothing changed since.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::Deserialize;

use super::shape;
use crate::function::View;
use crate::name::Qualifier;
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct PublishVersion;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    code_sha256: Option<String>,
    description: Option<String>,
    revision_id: Option<String>,
    publish_to: Option<String>,
}

impl Action<Lambda> for PublishVersion {
    const NAME: &'static str = "PublishVersion";
    const INPUT: Structure = Structure::new(
        "PublishVersionRequest",
        &[
            shape::FUNCTION_NAME.member("FunctionName").required(),
            Shape::string().member("CodeSha256"),
            shape::DESCRIPTION_MEMBER,
            Shape::string().member("RevisionId"),
            shape::PUBLISH_TO,
        ],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
        shape::refuse_publish_to(input.publish_to.as_deref())?;
        service
            .blocking(move |runner| {
                let now = runner.env.clock.now();
                let (function, number) = runner.catalog.change(&arn, |function| {
                    function.check_changeable(now, input.revision_id.as_deref())?;
                    // An empty hash is no hash, as some clients send it.
                    let expected = input.code_sha256.filter(|hash| !hash.is_empty());
                    if expected.is_some_and(|hash| hash != function.latest.code.hash.base64()) {
                        return Err(Error::CodeMismatch);
                    }
                    Ok(function.publish(&runner.env, input.description.filter(|text| !text.is_empty())))
                })?;
                View::of(&function, Some(&Qualifier::Version(number)), now)
            })
            .await
    }
}

impl Rest for PublishVersion {
    const HTTP: Http = Http::post("/2015-03-31/functions/{FunctionName}/versions").status(201);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::{Bench, python};

    const PATH: &str = "/2015-03-31/functions/f/versions";

    #[tokio::test]
    async fn only_a_change_makes_another_version() {
        let bench = Bench::new();
        bench.python("1", json!({})).await;
        let publish = async || bench.call("POST", PATH, json!({})).await;
        let first = publish().await;
        assert_eq!((first.status, &first.body["Version"]), (201, &json!("1")));
        assert_eq!(first.body["FunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:f:1");
        assert_eq!(publish().await.body["Version"], "1");
        bench.update_code(&python("2")).await;
        let second = publish().await.body;
        assert_eq!(second["Version"], "2");
        let versions = bench.call("GET", PATH, Value::Null).await.body;
        let numbers: Vec<&Value> = versions["Versions"].as_array().unwrap().iter().map(|v| &v["Version"]).collect();
        assert_eq!(numbers, ["$LATEST", "1", "2"]);
        assert_ne!(versions["Versions"][1]["CodeSha256"], versions["Versions"][2]["CodeSha256"]);
        bench.call("DELETE", "/2015-03-31/functions/f:2", Value::Null).await;
        bench.update_code(&python("3")).await;
        assert_eq!(publish().await.body["Version"], "3", "no number twice");
    }

    #[tokio::test]
    async fn the_code_has_to_be_what_the_caller_thinks() {
        let bench = Bench::new();
        bench.python("1", json!({})).await;
        let reply = bench.call("POST", PATH, json!({"CodeSha256": "other"})).await;
        assert_eq!(
            (reply.status, reply.headers["x-amzn-errortype"].as_bytes()),
            (400, &b"InvalidParameterValueException"[..])
        );
    }
}
