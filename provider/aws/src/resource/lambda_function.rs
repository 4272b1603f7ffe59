//! `aws_lambda_function`: the model of a function, and its life in order.
//!
//! Where the code comes from is in `code`, what is sent in `request` and `blocks`, what is read back in `observed`, and
//! what a change makes uncertain in `planning`. Invariant: from the moment the service created the function, it is in the
//! state.

mod blocks;
mod code;
mod observed;
mod planning;
mod remote;
mod request;
mod update;

use std::collections::BTreeSet;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{
    Applied, Attr, Blocks, Change, Check, Context, Diagnostic, Diagnostics, Failure, Identity, Plan, Resource, Timeouts,
};

use self::blocks::{
    CapacityProviderConfig, DeadLetterConfig, DurableConfig, Environment, EphemeralStorage, FileSystemConfig,
    ImageConfig, LoggingConfig, SnapStart, TenancyConfig, TracingConfig, VpcConfig,
};
use self::remote::RemoteFunction;
use crate::arn::{must_be_arn, must_be_arn_or_empty};
use crate::client::Aws;
use crate::error::ApiError;
use crate::tags::Tags;
use crate::wait::{PERMISSION_WINDOW, retry_while};
use crate::{identity, region};

const TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// Code that Lambda runs on events.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LambdaFunction {
    /// The function's name.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The function's ARN.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// The region of the function; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// The function's name.
    #[schemars(extend("tf" = required().force_new().length(1..=140).check(Check::pattern_or(
        r"^(arn:[\w-]+:lambda:)?([a-z]{2}-([a-z]+-){1,2}\d:)?(\d{12}:)?(function:)?[\w-]+(:(\$LATEST|[\w-]+))?$",
        "letters, digits, - and _ are allowed"
    ))))]
    function_name: Attr<String>,
    /// What the function is for.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    description: Attr<String>,
    /// The ARN of the role that the function runs as.
    #[schemars(extend("tf" = required().check(must_be_arn())))]
    role: Attr<String>,

    /// `Zip` or `Image`.
    #[schemars(extend("tf" = optional().default("Zip").force_new().one_of(&["Zip", "Image"])))]
    package_type: Attr<String>,
    /// The zip file with the code.
    #[schemars(extend("tf" = optional().zero_is_unset().exactly_one_of(SOURCES)))]
    filename: Attr<String>,
    /// The container image with the code.
    #[schemars(extend("tf" = optional().zero_is_unset().exactly_one_of(SOURCES)))]
    image_uri: Attr<String>,
    /// The bucket with the zip file.
    #[schemars(extend("tf" = optional().zero_is_unset().exactly_one_of(SOURCES).required_with(&["s3_key"])))]
    s3_bucket: Attr<String>,
    /// The zip file's key in the bucket.
    #[schemars(extend("tf" = optional().zero_is_unset().required_with(&["s3_bucket"])))]
    s3_key: Attr<String>,
    /// The version of the zip file in the bucket.
    #[schemars(extend("tf" = optional().zero_is_unset().conflicts_with(&["filename", "image_uri"])))]
    s3_object_version: Attr<String>,
    /// Any text; when it changes, the code is uploaded. Usually `filebase64sha256` of the zip file.
    #[schemars(extend("tf" = optional_computed()))]
    source_code_hash: Attr<String>,
    /// The key that encrypts the zip file.
    #[schemars(extend("tf" =
        optional().zero_is_unset().conflicts_with(&["image_uri"]).check(must_be_arn_or_empty())
    ))]
    source_kms_key_arn: Attr<String>,
    /// The SHA-256 of the code in base64. When a configured one differs from the code in use, the code is uploaded.
    #[schemars(extend("tf" = optional_computed()))]
    code_sha256: Attr<String>,
    /// The size of the code in bytes.
    #[schemars(extend("tf" = computed()))]
    source_code_size: Attr<i64>,
    /// The instruction set the code is for.
    #[schemars(extend("tf" = optional_computed().items(..=1).each(Check::one_of(&["x86_64", "arm64"]))))]
    architectures: Attr<Vec<String>>,
    /// What in the code to call.
    #[schemars(extend("tf" = optional().zero_is_unset().length(1..=128)))]
    handler: Attr<String>,
    /// What runs the code.
    #[schemars(extend("tf" = optional().zero_is_unset().one_of(RUNTIMES)))]
    runtime: Attr<String>,
    /// The ARNs of layers to put under the code.
    #[schemars(extend("tf" = optional().zero_is_unset().items(..=5).each(must_be_arn())))]
    layers: Attr<Vec<String>>,
    /// What an image runs.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    image_config: Blocks<ImageConfig>,

    /// Memory in MB.
    #[schemars(extend("tf" = optional().default(128).range(128..=10240)))]
    memory_size: Attr<i64>,
    /// How many seconds an invocation may take.
    #[schemars(extend("tf" = optional().default(3).range(1..=900)))]
    timeout: Attr<i64>,
    /// How many invocations may run at once, kept free for this function; -1 for no such limit.
    #[schemars(extend("tf" = optional().default(-1).range(-1..)))]
    reserved_concurrent_executions: Attr<i64>,
    /// The space in `/tmp`.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    ephemeral_storage: Blocks<EphemeralStorage>,
    /// Variables that the code sees.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    environment: Blocks<Environment>,
    /// The key that encrypts the variables.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    kms_key_arn: Attr<String>,
    /// File systems to mount.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    file_system_config: Blocks<FileSystemConfig>,
    /// The network to run in.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    vpc_config: Blocks<VpcConfig>,
    /// Where events go whose asynchronous invocation failed.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    dead_letter_config: Blocks<DeadLetterConfig>,
    /// How the function logs.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    logging_config: Blocks<LoggingConfig>,
    /// Whether invocations are traced.
    #[schemars(extend("tf" = computed_block().max_items(1)))]
    tracing_config: Blocks<TracingConfig>,
    /// Whether versions start from a snapshot.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    snap_start: Blocks<SnapStart>,
    /// Whether tenants are kept apart.
    #[schemars(extend("tf" = list_block().max_items(1).force_new()))]
    tenancy_config: Blocks<TenancyConfig>,
    /// Whether executions survive restarts.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    durable_config: Blocks<DurableConfig>,
    /// The machines to run on.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    capacity_provider_config: Blocks<CapacityProviderConfig>,

    /// Whether a change becomes a version.
    #[schemars(extend("tf" = optional().default(false)))]
    publish: Attr<bool>,
    /// What a version is published to.
    #[schemars(extend("tf" = optional().one_of(&["LATEST_PUBLISHED"])))]
    publish_to: Attr<String>,
    /// The latest version.
    #[schemars(extend("tf" = computed()))]
    version: Attr<String>,
    /// The ARN of the latest version.
    #[schemars(extend("tf" = computed()))]
    qualified_arn: Attr<String>,
    /// The ARN by which API Gateway invokes the function.
    #[schemars(extend("tf" = computed()))]
    invoke_arn: Attr<String>,
    /// The ARN by which API Gateway invokes the latest version.
    #[schemars(extend("tf" = computed()))]
    qualified_invoke_arn: Attr<String>,
    /// The ARN by which API Gateway invokes the function for a streamed response.
    #[schemars(extend("tf" = computed()))]
    response_streaming_invoke_arn: Attr<String>,
    /// When the function was last changed.
    #[schemars(extend("tf" = computed()))]
    last_modified: Attr<String>,

    /// Who must have signed the code.
    #[schemars(extend("tf" = optional().zero_is_unset().check(must_be_arn_or_empty())))]
    code_signing_config_arn: Attr<String>,
    /// The ARN of the job that signed the code.
    #[schemars(extend("tf" = computed()))]
    signing_job_arn: Attr<String>,
    /// The ARN of the profile that signed the code.
    #[schemars(extend("tf" = computed()))]
    signing_profile_version_arn: Attr<String>,

    /// Leave the function where it is when the resource is destroyed.
    #[schemars(extend("tf" = optional().default(false)))]
    skip_destroy: Attr<bool>,
    /// Give the function other security groups before it is destroyed, so that its own are free at once.
    #[schemars(extend("tf" = optional()))]
    replace_security_groups_on_destroy: Attr<bool>,
    /// Which security groups those are.
    #[schemars(extend("tf" = optional().required_with(&["replace_security_groups_on_destroy"])))]
    replacement_security_group_ids: Attr<BTreeSet<String>>,
    /// Repeat calls that fail for the role's permissions as long as `timeouts` allows.
    #[schemars(extend("tf" = optional()))]
    use_resource_timeout_for_propagation: Attr<bool>,
    /// Tags of the function.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    tags: Attr<Tags>,
    /// Tags of the function, those of the provider's `default_tags` included.
    #[schemars(extend("tf" = optional_computed()))]
    tags_all: Attr<Tags>,
    #[schemars(extend("tf" = timeouts(&["create", "update", "delete"])))]
    timeouts: Timeouts,
}

const SOURCES: &[&str] = &["filename", "image_uri", "s3_bucket"];

/// What AWS knows, retired ones included: a configuration that names one is told so by the service.
const RUNTIMES: &[&str] = &[
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "nodejs26.x",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "python3.15",
    "java8",
    "java8.al2",
    "java8.al2023",
    "java11",
    "java11.al2023",
    "java17",
    "java17.al2023",
    "java21",
    "java25",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "dotnet6",
    "dotnet8",
    "dotnet10",
    "ruby2.5",
    "ruby2.7",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
    "go1.x",
    "provided",
    "provided.al2",
    "provided.al2023",
    "custom",
];

impl Resource for LambdaFunction {
    const TYPE: &'static str = "aws_lambda_function";
    const IDENTITY: Option<Identity> = Some(identity::regional(&["function_name"]));
    const IMPORT_ID: &'static str = "{function_name}";
    type Client = Aws;

    fn validate(config: &Self) -> Diagnostics {
        let mut complaints = super::refuse_configured_id(&config.id);
        let is_zip = config.package_type.is_null() || config.package_type == "Zip".into();
        let mut needed = [("handler", &config.handler), ("runtime", &config.runtime)].into_iter();
        if let Some((name, _)) = needed.find(|(_, value)| is_zip && value.is_null()) {
            let summary = "handler and runtime must be set when PackageType is Zip";
            let detail = "Set both, or package_type to \"Image\" for code in a container image.";
            complaints.push(Diagnostic::error(summary, detail).at(name));
        }
        complaints
    }

    async fn plan(cx: &Context<Aws>, plan: &mut Plan<Self>) -> Result<(), Diagnostics> {
        region::plan(cx.client(), plan, |function| &mut function.region)?;
        cx.client().tags().plan(plan, |function| (&mut function.tags, &mut function.tags_all));
        planning::refine(plan).await;
        Ok(())
    }

    async fn create(cx: &Context<Aws>, planned: Self, _: Self) -> Applied<Self> {
        let remote = RemoteFunction::of(cx, &planned)?;
        let name = planned.function_name.text();
        let timeout = planned.timeouts.create(TIMEOUT);
        let code = code::Code::load(&planned).await?;
        let call = request::create(&planned, cx.client().tags().merged(&planned.tags));
        let created = retry_while(cx, planned.permission_window(timeout), request::passes, || async {
            Ok(call.clone().code(code.for_create()).send_with(remote.client()).await?)
        });
        let created = created
            .await
            .map_err(|error| Diagnostics::from(blamed(&error, &format!("creating Lambda Function ({name})"))))?;
        drop(code);
        let known = Self { id: name.into(), arn: created.function_arn.into(), ..planned.clone() };
        cx.save(&known);

        remote.until_active(cx, timeout).await?;
        if let Some(&reserved) = known.reserved_concurrent_executions.known().filter(|&&reserved| reserved >= 0) {
            remote.reserve_concurrency(reserved).await?;
        }
        known.settled(cx).await
    }

    async fn read(cx: &Context<Aws>, state: Self) -> Result<Option<Self>, Diagnostics> {
        let region = region::of_state(cx.client(), &state.region);
        let remote = RemoteFunction::of(cx, &state)?;
        let Some(found) = remote.read().await? else { return Ok(None) };
        Ok(Some(state.observed(cx.client().tags(), region, found)))
    }

    async fn update(cx: &Context<Aws>, change: Change<Self>) -> Applied<Self> {
        update::carry_out(cx, &change).await?;
        change.planned.settled(cx).await
    }

    async fn delete(cx: &Context<Aws>, state: Self) -> Result<(), Failure<Self>> {
        if state.skip_destroy.unwrap_or(false) {
            return Ok(());
        }
        let remote = RemoteFunction::of(cx, &state)?;
        if state.replace_security_groups_on_destroy.unwrap_or(false) {
            remote.replace_security_groups(cx, &state).await?;
        }
        remote.delete(cx, state.timeouts.delete(TIMEOUT)).await?;
        Ok(())
    }

    async fn import(cx: &Context<Aws>, id: &str) -> Result<Self, Diagnostics> {
        let (name, region) = region::of_import_id(cx.client(), id);
        Ok(Self {
            id: name.into(),
            function_name: name.into(),
            region,
            // What nobody can read from the service: which file it was, and what is so unless set.
            filename: "".into(),
            publish: false.into(),
            skip_destroy: false.into(),
            ..Self::default()
        })
    }
}

impl LambdaFunction {
    /// The state after a write: as planned, and the rest as found.
    async fn settled(self, cx: &Context<Aws>) -> Applied<Self> {
        let (tags, tags_all) = (self.tags.clone(), self.tags_all.clone());
        let name = self.id.text().to_owned();
        let Some(found) = Self::read(cx, self).await? else {
            return Err(Diagnostics::error(
                format!("reading Lambda Function ({name}): couldn't find resource"),
                "Something else removed the function meanwhile. Apply again to create it anew.",
            )
            .into());
        };
        let tags_all = if tags_all.is_unknown() { found.tags_all } else { tags_all };
        Ok(Self { tags, tags_all, ..found })
    }

    fn permission_window(&self, timeout: Duration) -> Duration {
        if self.use_resource_timeout_for_propagation.unwrap_or(false) { timeout } else { PERMISSION_WINDOW }
    }
}

/// The diagnostic for a refused function, at the attribute the service complains about.
fn blamed(error: &ApiError, doing: &str) -> Diagnostic {
    const MEMBERS: &[(&str, &str)] = &[
        ("functionName", "function_name"),
        ("description", "description"),
        ("role", "role"),
        ("runtime", "runtime"),
        ("handler", "handler"),
        ("memorySize", "memory_size"),
        ("timeout", "timeout"),
        ("environment.variables", "environment"),
        ("layers", "layers"),
        ("tags", "tags"),
    ];
    let diagnostic = error.diagnostic_at(doing, MEMBERS);
    let says = |fragments| error.says("InvalidParameterValueException", fragments);
    match () {
        () if says(&["role"]) => diagnostic.at("role"),
        () if says(&["runtime"]) => diagnostic.at("runtime"),
        () if says(&["unzip", "zip file", "Unzipped size"]) => diagnostic.at("filename"),
        () if error.is("ResourceConflictException") && error.message().contains("already exist") => {
            diagnostic.at("function_name")
        }
        () => diagnostic,
    }
}
