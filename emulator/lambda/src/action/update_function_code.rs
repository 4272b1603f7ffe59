//! UpdateFunctionCode: another package for `$LATEST`, and a version of it if asked for.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::Deserialize;

use super::shape;
use super::source::Source;
use crate::function::View;
use crate::name::Qualifier;
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct UpdateFunctionCode;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    #[serde(flatten)]
    source: Source,
    #[serde(default)]
    publish: bool,
    #[serde(default)]
    dry_run: bool,
    revision_id: Option<String>,
    architectures: Option<[String; 1]>,
}

impl Action<Lambda> for UpdateFunctionCode {
    const NAME: &'static str = "UpdateFunctionCode";
    const INPUT: Structure = Structure::new(
        "UpdateFunctionCodeRequest",
        &[
            shape::FUNCTION_NAME.member("FunctionName").required(),
            shape::ZIP_FILE,
            shape::S3_BUCKET,
            shape::S3_KEY,
            shape::S3_OBJECT_VERSION,
            shape::IMAGE_URI,
            Shape::boolean().member("Publish"),
            Shape::boolean().member("DryRun"),
            Shape::string().member("RevisionId"),
            shape::ARCHITECTURES,
        ],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
        service
            .blocking(move |runner| {
                let now = runner.env.clock.now();
                let function = runner.catalog.get(&arn)?;
                function.check_changeable(now, input.revision_id.as_deref())?;
                let (code, _held) = input.source.store(runner, Self::NAME)?;
                if input.dry_run {
                    let mut would_be = (*function).clone();
                    would_be.latest.code = code;
                    return View::of(&would_be, None, now);
                }
                let (function, published) = runner.catalog.change(&arn, |function| {
                    // Looked at again, since another call may have come first.
                    function.check_changeable(now, input.revision_id.as_deref())?;
                    function.latest.code = code;
                    if let Some([architecture]) = input.architectures {
                        function.latest.configuration.architecture = architecture;
                    }
                    function.latest.touch(&runner.env, runner.lifecycle_delay);
                    Ok(input.publish.then(|| Qualifier::Version(function.publish(&runner.env, None))))
                })?;
                runner.retire(&arn);
                View::of(&function, published.as_ref(), now)
            })
            .await
    }
}

impl Rest for UpdateFunctionCode {
    const HTTP: Http = Http::put("/2015-03-31/functions/{FunctionName}/code");
}
