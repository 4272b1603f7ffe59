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
    publish_to: Option<String>,
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
            shape::S3_OBJECT_STORAGE_MODE,
            shape::IMAGE_URI,
            shape::SOURCE_KMS_KEY_ARN,
            Shape::boolean().member("Publish"),
            Shape::boolean().member("DryRun"),
            Shape::string().member("RevisionId"),
            shape::ARCHITECTURES,
            shape::PUBLISH_TO,
        ],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
        service.runner().catalog.get(&arn)?;
        shape::refuse_publish_to(input.publish_to.as_deref())?;
        let code = input.source.fetch(service, &call.world, Self::NAME).await?;
        service
            .blocking(move |runner| {
                let now = runner.env.clock.now();
                let function = runner.catalog.get(&arn)?;
                function.check_changeable(now, input.revision_id.as_deref())?;
                let (code, _held) = code.store(runner)?;
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::fixture::{Bench, python};

    #[tokio::test]
    async fn an_update_takes_its_time_and_lets_no_other_in() {
        let bench = Bench::with(|config| config.lifecycle_delay = Duration::from_secs(1));
        bench.python("1", json!({})).await;
        bench.env.clock.advance(Duration::from_secs(1));
        let before = bench.call("GET", "/2015-03-31/functions/f/configuration", Value::Null).await.body;
        let updated = bench.update_code(&python("2")).await.body;
        assert_eq!((&updated["State"], &updated["LastUpdateStatus"]), (&json!("Active"), &json!("InProgress")));
        assert!(updated["RevisionId"] != before["RevisionId"] && updated["CodeSha256"] != before["CodeSha256"]);
        let message = "The operation cannot be performed at this time. An update is in progress for resource: \
                       arn:aws:lambda:us-east-1:000000000000:function:f";
        bench.update_code(&python("3")).await.expect_error(409, "ResourceConflictException", message);
        bench.env.clock.advance(Duration::from_secs(1));
        assert_eq!(bench.update_code(&python("3")).await.status, 200);
    }

    #[tokio::test]
    async fn code_that_nothing_refers_to_is_removed() {
        let bench = Bench::new();
        bench.python("1", json!({})).await;
        let location = bench.call("GET", "/2015-03-31/functions/f", Value::Null).await.body["Code"]["Location"].clone();
        let file = location.as_str().unwrap().rsplit('/').next().unwrap();
        assert!(bench.lambda.package(file).is_some());
        bench.update_code(&python("2")).await;
        assert_eq!(bench.lambda.package(file), None);
    }

    #[tokio::test]
    async fn a_dry_run_and_a_stale_revision_change_nothing() {
        let bench = Bench::new();
        bench.python("1", json!({})).await;
        let path = "/2015-03-31/functions/f/code";
        let code = json!({"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", "RevisionId": "stale"});
        let message = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                       retrieve the latest Revision Id";
        bench.call("PUT", path, code).await.expect_error(412, "PreconditionFailedException", message);
        let nowhere = bench.call("PUT", path, json!({})).await;
        nowhere.expect_error(400, "InvalidParameterValueException", "Please provide a source for function code.");
    }
}
