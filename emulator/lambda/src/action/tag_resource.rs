//! TagResource: adds tags to a function or a mapping; a key that is there gets the new value.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Http, Rest, Structure};
use serde::Deserialize;

use super::shape;
use super::tagged::Tagged;
use crate::{Error, Lambda};

pub(crate) struct TagResource;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    resource: String,
    tags: BTreeMap<String, String>,
}

impl Action<Lambda> for TagResource {
    const NAME: &'static str = "TagResource";
    const INPUT: Structure = Structure::new(
        "TagResourceRequest",
        &[shape::TAGGABLE.member("Resource").required(), shape::TAGS.member("Tags").required()],
    );
    type Input = Input;
    type Output = ();

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<(), Error> {
        let resource = Tagged::parse(call, &input.resource)?;
        resource.change_tags(service, call, move |tags| tags.extend(input.tags)).await
    }
}

impl Rest for TagResource {
    const HTTP: Http = Http::post("/2017-03-31/tags/{Resource}").status(204);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fixture::Bench;

    const PATH: &str = "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af";

    #[tokio::test]
    async fn tags_come_change_and_go() {
        let bench = Bench::new();
        bench.python("", json!({"Tags": {"a": "1", "b": "2"}})).await;
        assert_eq!(bench.call("POST", PATH, json!({"Tags": {"b": "3", "c": "4"}})).await.status, 204);
        let untag = bench.call("DELETE", &format!("{PATH}?tagKeys=a&tagKeys=nope"), Value::Null).await;
        assert_eq!(untag.status, 204);
        let bench = bench.restarted();
        assert_eq!(bench.call("GET", PATH, Value::Null).await.body, json!({"Tags": {"b": "3", "c": "4"}}));
        let version = bench.call("GET", &format!("{PATH}%3A1"), Value::Null).await;
        let message = "Tags on function aliases and versions are not supported. Please specify either a function ARN.";
        version.expect_error(400, "InvalidParameterValueException", message);
    }
}
