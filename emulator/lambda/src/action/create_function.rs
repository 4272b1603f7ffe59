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
    &[shape::ZIP_FILE, shape::S3_BUCKET, shape::S3_KEY, shape::S3_OBJECT_VERSION, shape::IMAGE_URI],
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
            shape::ARCHITECTURES,
            shape::STORAGE,
            shape::SNAP_START_MEMBER,
            shape::LOGGING,
        ],
    );
    type Input = Input;
    type Output = View;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<View, Error> {
        let arn = resolve_unqualified(call, &input.function_name)?;
        service
            .blocking(move |runner| {
                if input.package_type.as_deref() == Some("Image") {
                    return Err(Error::Unsupported("container images"));
                }
                if runner.catalog.get(&arn).is_ok() {
                    return Err(Error::FunctionExists(arn.name));
                }
                check_tags(&input.tags)?;
                let architecture = input.architectures.map(|[only]| only);
                let configuration = input.changes.create(arn.name.as_str(), architecture)?;
                let (code, _held) = input.code.store(runner, Self::NAME)?;
                let now = runner.env.clock.now();
                let mut function = Function {
                    arn,
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
