//! UpdateFunctionConfiguration: other settings for `$LATEST`; what the call does not name stays.

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::Deserialize;

use super::shape;
use crate::function::{Changes, View};
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct UpdateFunctionConfiguration;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    revision_id: Option<String>,
    layers: Option<Vec<String>>,
    #[serde(flatten)]
    changes: Changes,
}

impl Action<Lambda> for UpdateFunctionConfiguration {
    const NAME: &'static str = "UpdateFunctionConfiguration";
    const INPUT: Structure = Structure::new(
        "UpdateFunctionConfigurationRequest",
        &[
            shape::FUNCTION_NAME.member("FunctionName").required(),
            shape::ROLE.member("Role"),
            shape::HANDLER_MEMBER,
            shape::DESCRIPTION_MEMBER,
            shape::TIMEOUT,
            shape::MEMORY_SIZE,
            shape::VPC,
            shape::ENVIRONMENT_MEMBER,
            shape::RUNTIME,
            shape::DEAD_LETTER,
            shape::KMS_KEY,
            shape::TRACING,
            Shape::string().member("RevisionId"),
            shape::LAYERS,
            shape::FILE_SYSTEMS,
            shape::IMAGE_CONFIG,
            shape::STORAGE,
            shape::SNAP_START_MEMBER,
            shape::LOGGING,
            shape::CAPACITY_PROVIDER_CONFIG,
            shape::DURABLE_CONFIG,
            shape::RUNTIME_CONFIG,
            shape::ACCELERATOR_CONFIG,
        ],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
        service
            .blocking(move |runner| {
                let now = runner.env.clock.now();
                let (layers, _held) = runner.layers(&arn, input.layers.as_deref())?;
                let (function, ()) = runner.catalog.change(&arn, |function| {
                    function.check_changeable(now, input.revision_id.as_deref())?;
                    input.changes.apply(&mut function.latest.configuration)?;
                    if let Some(layers) = layers {
                        function.latest.configuration.layers = layers;
                    }
                    function.latest.touch(&runner.env, runner.lifecycle_delay);
                    Ok(())
                })?;
                runner.retire(&arn);
                View::of(&function, None, now)
            })
            .await
    }
}

impl Rest for UpdateFunctionConfiguration {
    const HTTP: Http = Http::put("/2015-03-31/functions/{FunctionName}/configuration");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::fixture::Bench;

    const PATH: &str = "/2015-03-31/functions/f/configuration";

    #[tokio::test]
    async fn the_next_run_sees_the_new_settings() {
        let bench = Bench::new();
        bench.python("import os\ndef handler(e, c): return os.environ.get('KEY')", json!({})).await;
        assert_eq!(bench.invoke(json!({})).await.body, json!(null));
        let change = json!({"Environment": {"Variables": {"KEY": "new"}}, "Timeout": 9, "Description": "d"});
        let updated = bench.call("PUT", PATH, change).await.body;
        assert_eq!((&updated["Timeout"], &updated["Environment"]["Variables"]["KEY"]), (&json!(9), &json!("new")));
        assert_eq!(bench.invoke(json!({})).await.body, "new");
    }

    #[tokio::test]
    async fn an_unknown_runtime_is_refused() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        let reply = bench.call("PUT", PATH, json!({"Runtime": "cobol"})).await;
        let message = reply.body["message"].as_str().unwrap();
        assert!(message.starts_with(
            "Value cobol at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: ["
        ));
        assert!(message.ends_with("] or be a valid ARN"), "{message}");
    }
}
