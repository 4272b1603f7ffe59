//! CreateFunction: a name, code and settings become a function.
//!
//! It answers while the function is still `Pending`; the package is checked, unpacked and durable by then.

use std::collections::BTreeMap;

use aws_wire::{Action, Call, Http, Rest, Shape, Structure};
use serde::Deserialize;

use super::shape;
use super::source::Source;
use super::tagged::check_tags;
use crate::function::{Changes, Function, Lifecycle, Version, View};
use crate::name::Qualifier;
use crate::service::resolve_unqualified;
use crate::{Error, Lambda};

pub(crate) struct CreateFunction;

const CODE: Structure = Structure::new(
    "FunctionCode",
    &[
        shape::ZIP_FILE,
        shape::S3_BUCKET,
        shape::S3_KEY,
        shape::S3_OBJECT_VERSION,
        shape::S3_OBJECT_STORAGE_MODE,
        shape::IMAGE_URI,
        shape::SOURCE_KMS_KEY_ARN,
    ],
);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    code: Source,
    #[serde(default)]
    publish: bool,
    package_type: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    architectures: Option<[String; 1]>,
    layers: Option<Vec<String>>,
    publish_to: Option<String>,
    #[serde(flatten)]
    changes: Changes,
}

impl Action<Lambda> for CreateFunction {
    const NAME: &'static str = "CreateFunction";
    const INPUT: Structure = Structure::new(
        "CreateFunctionRequest",
        &[
            shape::FUNCTION_NAME.member("FunctionName").required(),
            shape::RUNTIME,
            shape::ROLE.member("Role").required(),
            shape::HANDLER_MEMBER,
            Shape::structure(&CODE).member("Code").required(),
            shape::DESCRIPTION_MEMBER,
            shape::TIMEOUT,
            shape::MEMORY_SIZE,
            Shape::boolean().member("Publish"),
            shape::VPC,
            Shape::string().one_of(&["Zip", "Image"]).member("PackageType"),
            shape::DEAD_LETTER,
            shape::ENVIRONMENT_MEMBER,
            shape::KMS_KEY,
            shape::TRACING,
            shape::TAGS.member("Tags"),
            shape::LAYERS,
            shape::FILE_SYSTEMS,
            shape::IMAGE_CONFIG,
            shape::CODE_SIGNING_CONFIG_ARN,
            shape::ARCHITECTURES,
            shape::STORAGE,
            shape::SNAP_START_MEMBER,
            shape::LOGGING,
            shape::CAPACITY_PROVIDER_CONFIG,
            shape::DURABLE_CONFIG,
            shape::TENANCY_CONFIG,
            shape::RUNTIME_CONFIG,
            shape::ACCELERATOR_CONFIG,
            shape::PUBLISH_TO,
        ],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
        if input.package_type.as_deref() == Some("Image") {
            return Err(Error::Unsupported("container images"));
        }
        shape::refuse_publish_to(input.publish_to.as_deref())?;
        let code = input.code.fetch(service, &call.world, Self::NAME).await?;
        let call = call.clone();
        service
            .blocking(move |runner| {
                if let Ok(there) = runner.catalog.get(&arn) {
                    if !call.repeats(there.maker.as_ref()) {
                        return Err(Error::FunctionExists(arn.name));
                    }
                    let published = input.publish.then_some(Qualifier::Version(there.last_number));
                    return View::of(&there, published.as_ref(), runner.env.clock.now());
                }
                check_tags(&input.tags)?;
                let architecture = input.architectures.map(|[only]| only);
                let mut configuration = input.changes.create(arn.name.as_str(), architecture)?;
                let (layers, _held_layers) = runner.layers(&arn, input.layers.as_deref())?;
                configuration.layers = layers.unwrap_or_default();
                let (code, _held) = code.store(runner)?;
                let now = runner.env.clock.now();
                let mut function = Function {
                    arn,
                    maker: call.invocation,
                    latest: Version {
                        configuration,
                        code,
                        revision_id: runner.env.random.uuid(),
                        last_modified: now,
                        lifecycle: Lifecycle::created(now, runner.lifecycle_delay),
                        source_revision: None,
                    },
                    published: BTreeMap::new(),
                    last_number: 0,
                    tags: input.tags,
                    reserved_concurrency: None,
                    aliases: BTreeMap::new(),
                    event_invoke: BTreeMap::new(),
                    policies: BTreeMap::new(),
                };
                let published = input.publish.then(|| Qualifier::Version(function.publish(&runner.env, None)));
                let function = runner.catalog.insert(function)?;
                View::of(&function, published.as_ref(), now)
            })
            .await
    }
}

impl Rest for CreateFunction {
    const HTTP: Http = Http::post("/2015-03-31/functions").status(201);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::fixture::{Bench, Entry, python};

    #[tokio::test]
    async fn the_answer_is_the_configuration_of_a_pending_function() {
        let bench = Bench::with(|config| config.lifecycle_delay = Duration::from_secs(1));
        let reply = bench.create(&python("def handler(e, c): pass"), json!({"Description": "d"})).await;
        assert_eq!(reply.status, 201);
        let got = &reply.body;
        let expected = json!({
            "FunctionName": "f", "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f", "Runtime": "python3.12",
            "Role": "arn:aws:iam::000000000000:role/r", "Handler": "app.handler", "Description": "d", "Timeout": 3,
            "MemorySize": 128, "LastModified": "2027-01-15T08:00:00.000+0000", "Version": "$LATEST", "State": "Pending",
            "StateReason": "The function is being created.", "StateReasonCode": "Creating", "PackageType": "Zip",
            "Architectures": ["x86_64"], "EphemeralStorage": {"Size": 512}, "TracingConfig": {"Mode": "PassThrough"},
            "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"},
        });
        for (member, value) in expected.as_object().unwrap() {
            assert_eq!(&got[member], value, "{member}");
        }
        assert!(
            got["CodeSha256"].is_string() && got["CodeSize"].as_u64().unwrap() > 0 && got["RevisionId"].is_string()
        );
        assert_eq!((got.get("LastUpdateStatus"), got.get("Environment")), (None, None));
        let pending =
            "The operation cannot be performed at this time. The function is currently in the following state: Pending";
        bench.invoke(json!({})).await.expect_error(409, "ResourceConflictException", pending);
        bench.env.clock.advance(Duration::from_secs(1));
        let active = bench.call("GET", "/2015-03-31/functions/f/configuration", Value::Null).await.body;
        assert_eq!((&active["State"], &active["LastUpdateStatus"]), (&json!("Active"), &json!("Successful")));
    }

    #[tokio::test]
    async fn a_name_is_given_once() {
        let bench = Bench::new();
        bench.python("", json!({})).await;
        let again = bench.create(&python(""), json!({})).await;
        again.expect_error(409, "ResourceConflictException", "Function already exist: f");
    }

    #[tokio::test]
    async fn bad_input_is_refused_in_awss_words() {
        let check = async |entries: &[Entry], extra, code: &str, message: &str| {
            Bench::new().create(entries, extra).await.expect_error(400, code, message);
        };
        let code = python("");
        let validation = "1 validation error detected: Value";
        check(
            &code,
            json!({"Timeout": 901}),
            "ValidationException",
            &format!("{validation} '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900"),
        )
        .await;
        check(
            &code,
            json!({"FunctionName": "x".repeat(65)}),
            "ValidationException",
            &format!("{validation} '{}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64", "x".repeat(65)),
        )
        .await;
        let invalid = "InvalidParameterValueException";
        let unzip = "Could not unzip uploaded file. Please check your file, then try to upload again.";
        check(&[Entry::file("../evil", "")], json!({}), invalid, unzip).await;
        check(&code, json!({"Code": {"ZipFile": "bm8gemlw"}}), invalid, unzip).await;
        check(&[], json!({}), invalid, "Uploaded file must be a non-empty zip").await;
        let s3 = json!({"Code": {"S3Bucket": "bucket", "S3Key": "key"}});
        let no_bucket = "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket \
                         does not exist";
        check(&code, s3, invalid, no_bucket).await;
        let reserved = "Lambda was unable to configure your environment variables because the environment variables you have \
                        provided contains reserved keys that are currently not supported for modification. Reserved keys \
                        used in this request: AWS_REGION";
        check(&code, json!({"Environment": {"Variables": {"AWS_REGION": "x"}}}), invalid, reserved).await;
    }
}
