//! `aws_lambda_function`: a function by its name, or one of its versions or aliases.
//!
//! Without a qualifier it tells of the version that was published last, of `$LATEST` when there is none. What the answers
//! amount to is in `observed`.

mod observed;
mod parts;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::PackageType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Context, DataSource, Diagnostic, Diagnostics};

use self::observed::{Asked, observed};
use self::parts::{
    CapacityProvider, DeadLetters, Durability, Environment, EphemeralStorage, FileSystem, Logging, Network, Tenancy,
    Tracing,
};
use crate::client::Aws;
use crate::error::{ApiError, WhileDoing};
use crate::region;
use crate::tags::Tags;

/// The version that is not published.
const LATEST: &str = "$LATEST";

/// A function.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LambdaFunction {
    /// The instruction set the code is for.
    #[schemars(extend("tf" = computed()))]
    architectures: Attr<Vec<String>>,
    /// The function's ARN, without a qualifier.
    #[schemars(extend("tf" = computed()))]
    arn: Attr<String>,
    /// The machines that it runs on.
    #[schemars(extend("tf" = computed()))]
    capacity_provider_config: Attr<Vec<CapacityProvider>>,
    /// The SHA-256 of the code in base64.
    #[schemars(extend("tf" = computed()))]
    code_sha256: Attr<String>,
    /// Who must have signed the code.
    #[schemars(extend("tf" = computed()))]
    code_signing_config_arn: Attr<String>,
    /// Where events go whose asynchronous invocation failed.
    #[schemars(extend("tf" = computed()))]
    dead_letter_config: Attr<Vec<DeadLetters>>,
    /// What the function is for.
    #[schemars(extend("tf" = computed()))]
    description: Attr<String>,
    /// Whether executions survive restarts.
    #[schemars(extend("tf" = computed()))]
    durable_config: Attr<Vec<Durability>>,
    /// Variables that the code sees.
    #[schemars(extend("tf" = computed()))]
    environment: Attr<Vec<Environment>>,
    /// The space in `/tmp`.
    #[schemars(extend("tf" = computed()))]
    ephemeral_storage: Attr<Vec<EphemeralStorage>>,
    /// File systems that are mounted.
    #[schemars(extend("tf" = computed()))]
    file_system_config: Attr<Vec<FileSystem>>,
    /// The function's name.
    #[schemars(extend("tf" = required()))]
    function_name: Attr<String>,
    /// What in the code is called.
    #[schemars(extend("tf" = computed()))]
    handler: Attr<String>,
    /// The function's name.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The container image with the code.
    #[schemars(extend("tf" = computed()))]
    image_uri: Attr<String>,
    /// The ARN by which API Gateway invokes the function.
    #[schemars(extend("tf" = computed()))]
    invoke_arn: Attr<String>,
    /// The key that encrypts the variables.
    #[schemars(extend("tf" = computed()))]
    kms_key_arn: Attr<String>,
    /// When the function was last changed.
    #[schemars(extend("tf" = computed()))]
    last_modified: Attr<String>,
    /// The ARNs of layers under the code.
    #[schemars(extend("tf" = computed()))]
    layers: Attr<Vec<String>>,
    /// How the function logs.
    #[schemars(extend("tf" = computed()))]
    logging_config: Attr<Vec<Logging>>,
    /// Memory in MB.
    #[schemars(extend("tf" = computed()))]
    memory_size: Attr<i64>,
    /// The ARN with the qualifier, or that of the latest version.
    #[schemars(extend("tf" = computed()))]
    qualified_arn: Attr<String>,
    /// The ARN by which API Gateway invokes that version.
    #[schemars(extend("tf" = computed()))]
    qualified_invoke_arn: Attr<String>,
    /// A version or an alias.
    #[schemars(extend("tf" = optional()))]
    qualifier: Attr<String>,
    /// The region of the function; the provider's when not set.
    #[schemars(extend("tf" = optional_computed()))]
    region: Attr<String>,
    /// How many invocations are kept free for the function; -1 for no such limit.
    #[schemars(extend("tf" = computed()))]
    reserved_concurrent_executions: Attr<i64>,
    /// The ARN by which API Gateway invokes the function for a streamed response.
    #[schemars(extend("tf" = computed()))]
    response_streaming_invoke_arn: Attr<String>,
    /// The role that the function runs as.
    #[schemars(extend("tf" = computed()))]
    role: Attr<String>,
    /// What runs the code.
    #[schemars(extend("tf" = computed()))]
    runtime: Attr<String>,
    /// The ARN of the job that signed the code.
    #[schemars(extend("tf" = computed()))]
    signing_job_arn: Attr<String>,
    /// The ARN of the profile that signed the code.
    #[schemars(extend("tf" = computed()))]
    signing_profile_version_arn: Attr<String>,
    /// The SHA-256 of the code in base64.
    #[schemars(extend("tf" = computed()))]
    source_code_hash: Attr<String>,
    /// The size of the code in bytes.
    #[schemars(extend("tf" = computed()))]
    source_code_size: Attr<i64>,
    /// The key that encrypts the zip file.
    #[schemars(extend("tf" = computed()))]
    source_kms_key_arn: Attr<String>,
    /// Tags of the function.
    #[schemars(extend("tf" = optional_computed()))]
    tags: Attr<Tags>,
    /// Whether tenants are kept apart.
    #[schemars(extend("tf" = computed()))]
    tenancy_config: Attr<Vec<Tenancy>>,
    /// How many seconds an invocation may take.
    #[schemars(extend("tf" = computed()))]
    timeout: Attr<i64>,
    /// Whether invocations are traced.
    #[schemars(extend("tf" = computed()))]
    tracing_config: Attr<Vec<Tracing>>,
    /// The version that is told of: the latest, unless the qualifier picks another.
    #[schemars(extend("tf" = computed()))]
    version: Attr<String>,
    /// The network it runs in.
    #[schemars(extend("tf" = computed()))]
    vpc_config: Attr<Vec<Network>>,
}

impl DataSource for LambdaFunction {
    const TYPE: &'static str = "aws_lambda_function";
    type Client = Aws;

    async fn read(cx: &Context<Aws>, config: Self) -> Result<Self, Diagnostics> {
        let region = region::of_state(cx.client(), &config.region);
        let (lambda, name) = (cx.client().lambda(&region)?, config.function_name.text());
        let doing = format!("reading Lambda Function ({name})");
        let qualifier = match config.qualifier.as_str().filter(|qualifier| !qualifier.is_empty()) {
            Some(qualifier) => Some(qualifier.to_owned()),
            None => latest(&lambda, name).await.map_err(|error| refused(&error, &format!("{doing} latest version")))?,
        };
        let call = lambda.get_function().function_name(name).set_qualifier(qualifier.clone());
        let mut answer = call.send().await.map_err(|error| {
            let error = ApiError::from(error);
            if error.is("ResourceNotFoundException") { not_there(&doing).into() } else { refused(&error, &doing) }
        })?;
        let Some(function) = answer.configuration.take().filter(|_| answer.code.is_some()) else {
            let detail = "The service left out the code or the configuration of the function.";
            return Err(Diagnostic::error(format!("{doing}: empty result"), detail).at("function_name").into());
        };
        let is_zip = function.package_type.as_ref().is_none_or(|kind| *kind == PackageType::Zip);
        let is_standard = function.function_arn().is_some_and(|arn| arn.starts_with("arn:aws:"));
        let mut signing = None;
        // Images cannot be signed, and other partitions do not know the call.
        if is_standard && is_zip {
            let answer = lambda.get_function_code_signing_config().function_name(name).send().await;
            signing = Some(answer.while_doing(&format!("{doing} code signing config"))?.code_signing_config_arn);
        }
        let tags = answer.tags.take().unwrap_or_default();
        let tags = cx.client().tags().read(tags, &Attr::Null, &Attr::Null).tags_all;
        let asked = Asked { qualifier: qualifier.as_deref(), region: &region };
        Ok(Self {
            code_signing_config_arn: signing.unwrap_or_default().into(),
            function_name: config.function_name.clone(),
            id: config.function_name,
            qualifier: config.qualifier,
            tags,
            ..observed(asked, answer, function)
        })
    }
}

/// The number of the version that was published last; `None` when nothing is published.
async fn latest(lambda: &Client, name: &str) -> Result<Option<String>, ApiError> {
    let mut versions = lambda.list_versions_by_function().function_name(name).into_paginator().items().send();
    let mut latest = None;
    while let Some(version) = versions.next().await {
        latest = version?.version;
    }
    Ok(latest.filter(|version| version != LATEST))
}

fn refused(error: &ApiError, doing: &str) -> Diagnostics {
    let diagnostic = error.diagnostic(doing);
    if error.is("ResourceNotFoundException") { diagnostic.at("function_name") } else { diagnostic }.into()
}

fn not_there(doing: &str) -> Diagnostic {
    let detail = "The function has no such version or alias, or is not there itself.";
    Diagnostic::error(format!("{doing}: couldn't find resource"), detail).at("qualifier")
}
