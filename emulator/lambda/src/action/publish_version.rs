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
        ],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
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
