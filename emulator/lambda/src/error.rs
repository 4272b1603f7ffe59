//! What can go wrong with functions and mappings, as facts, and the one table that gives them AWS's codes and words.

use aws_wire::AwsError;

use crate::code::Unusable;
use crate::code_source::CodeError;
use crate::function::Runtime;
use crate::invoke::{MAX_EVENT_BYTES, ThrottleReason};
use crate::mapping;
use crate::name::{FunctionArn, FunctionName};

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No function, version or alias of that name.
    #[error("no function {0}")]
    FunctionNotFound(FunctionArn),
    /// The name is taken.
    #[error("function {0} exists")]
    FunctionExists(FunctionName),
    /// The function is still being created.
    #[error("the function is pending")]
    FunctionPending,
    /// The function is still being updated.
    #[error("{0} is being updated")]
    UpdateInProgress(FunctionArn),
    /// The caller's revision id is not the latest.
    #[error("another revision")]
    RevisionMismatch,
    /// The code is not what the caller said it would be.
    #[error("another code hash")]
    CodeMismatch,
    /// A name or ARN that no function can have.
    #[error("{0} names no function")]
    InvalidFunctionName(String),
    /// The qualifier in the name and the one beside it differ.
    #[error("two qualifiers")]
    QualifierMismatch,
    /// The action works on the function as a whole or on `$LATEST` only.
    #[error("a qualifier is not allowed here")]
    QualifierNotAllowed,
    /// A zip without runtime or handler.
    #[error("no runtime or handler")]
    RuntimeAndHandlerMandatory,
    /// A runtime that AWS does not know.
    #[error("unknown runtime {0}")]
    UnknownRuntime(String),
    /// Variables that only Lambda sets.
    #[error("reserved environment variables {0}")]
    ReservedEnvironment(String),
    /// The variables as JSON, more than 4 KB.
    #[error("environment too large")]
    EnvironmentTooLarge(String),
    /// No alias of that ARN.
    #[error("no alias {0}")]
    AliasNotFound(FunctionArn),
    /// The alias's name is taken.
    #[error("alias {0} exists")]
    AliasExists(FunctionArn),
    /// An alias is not deleted as a version is.
    #[error("an alias is no version")]
    AliasNotDeletable,
    /// `$LATEST` beside another version.
    #[error("an alias of $LATEST and another version")]
    AliasRoutesLatest,
    /// The same version twice.
    #[error("an alias of version {0} and itself")]
    AliasRoutesTwice(u64),
    /// More than two versions.
    #[error("an alias of more than two versions")]
    AliasRoutesTooMany,
    /// A weight that is no part of one.
    #[error("a weight outside of 0 to 1")]
    AliasWeight,
    /// A version that aliases point at.
    #[error("version {version} is in use by {aliases}")]
    VersionInUse {
        /// The version.
        version: u64,
        /// The names of the aliases.
        aliases: String,
    },
    /// The caller's revision id is not the policy's latest.
    #[error("another revision of the policy")]
    PolicyRevisionMismatch {
        /// The action that tells it.
        told_by: &'static str,
    },
    /// No policy to take a statement out of, or to show.
    #[error("no policy")]
    NoPolicy,
    /// Nothing of the kind is there: a policy without statements, for one.
    #[error("nothing there")]
    NothingThere,
    /// `$LATEST` has no policy: what may be done with it, the function's own says.
    #[error("a policy for $LATEST")]
    LatestHasNoPolicy,
    /// A way to call function URLs, for an action that does not call them.
    #[error("an auth type for another action")]
    AuthTypeOfOtherAction,
    /// Nobody that a policy could name.
    #[error("an invalid principal")]
    PrincipalInvalid,
    /// The policy has a statement of that id.
    #[error("statement {0} exists")]
    StatementExists(String),
    /// The policy has no statement of that id.
    #[error("no statement {0}")]
    StatementNotFound(String),
    /// The policy would be larger than it may be.
    #[error("a policy of {0} bytes")]
    PolicyTooLong(usize),
    /// Nothing is set for asynchronous invocations of this qualifier.
    #[error("no event invoke configuration of {0}")]
    EventInvokeConfigNotFound(FunctionArn),
    /// A configuration that sets nothing.
    #[error("an empty event invoke configuration")]
    EventInvokeConfigEmpty,
    /// A function that is to be set up for events and is not there, or not in this version.
    #[error("no such function")]
    NoSuchFunction,
    /// A function that would be told of itself.
    #[error("a function is its own destination")]
    DestinationIsItself,
    /// Destinations, one of which is of the wrong kind.
    #[error("wrong destinations")]
    DestinationsInvalid {
        /// The one for what went well.
        on_success: Option<String>,
        /// The one for what is given up.
        on_failure: Option<String>,
    },
    /// Something that nothing can be delivered to.
    #[error("{0} is no destination")]
    DestinationInvalid(String),
    /// There is no such version of a layer for a function to use.
    #[error("no layer {0}")]
    LayerNotFound(String),
    /// A version of a layer asked for by its ARN, without the ARN.
    #[error("no ARN of a layer's version")]
    LayerVersionArnMissing,
    /// There is no such version of a layer.
    #[error("no version {0}")]
    LayerVersionNotFound(String),
    /// More layers than a function may have.
    #[error("too many layers")]
    TooManyLayers,
    /// Two versions of one layer.
    #[error("layer {0} twice")]
    LayerTwice(String),
    /// The bucket does not give the code.
    #[error("code in a bucket: {0}")]
    CodeObject(CodeError),
    /// A package in a bucket that is larger than a package may be.
    #[error("package too large")]
    PackageTooLarge,
    /// Code to be read in a folder that is none.
    #[error("{0} is no folder")]
    NoFolder(String),
    /// Something that AWS offers and we do not.
    #[error("{0} are not supported")]
    Unsupported(&'static str),
    /// No code at all, or code in two places.
    #[error("not exactly one code location")]
    CodeLocation,
    /// A zip that cannot be read, or should not.
    #[error("unusable zip: {0}")]
    UnusableZip(String),
    /// A zip without entries.
    #[error("empty zip")]
    EmptyZip,
    /// A zip that unpacks to too much.
    #[error("too large when unpacked")]
    UnzippedTooLarge,
    /// A request that is larger than the action takes.
    #[error("more than {limit} bytes")]
    RequestTooLarge {
        /// The most it takes.
        limit: usize,
        /// The action as AWS's sentence calls it.
        operation: &'static str,
    },
    /// An event that is larger than the queue takes.
    #[error("{0} bytes are too much for an asynchronous event")]
    EventTooLarge(usize),
    /// An event that is not JSON; what the parser said.
    #[error("not JSON: {0}")]
    EventNotJson(String),
    /// No concurrency is left.
    #[error("throttled: {}", .0.as_str())]
    Throttled(ThrottleReason),
    /// The reservation would leave too little for the others.
    #[error("too little unreserved concurrency would be left")]
    ReservationTooLarge,
    /// Tags on something that cannot have them, or that is not there.
    #[error("no taggable resource {0}")]
    NotTaggable(String),
    /// A page marker that we did not give out.
    #[error("invalid marker")]
    InvalidMarker,
    /// An invocation failed on our side.
    #[error("{code}: {message}")]
    Service {
        /// The AWS error code.
        code: &'static str,
        /// What is wrong.
        message: String,
    },
    /// What went wrong with a mapping.
    #[error(transparent)]
    Mapping(#[from] mapping::Error),
    /// A name longer than a name may be.
    #[error("the name {0} is too long")]
    NameTooLong(String),
    /// `$LATEST` goes only with its function.
    #[error("$LATEST cannot be deleted by itself")]
    LatestNotDeletable,
    /// Versions have no tags of their own.
    #[error("versions have no tags")]
    VersionNotTaggable,
    /// More tags than a resource may have.
    #[error("too many tags")]
    TooManyTags,
    /// The disk or the state file failed. The reason is for our log.
    #[error("{0}")]
    Storage(String),
}

impl From<state_store::Error> for Error {
    fn from(error: state_store::Error) -> Self {
        Self::Storage(error.to_string())
    }
}

impl From<Unusable> for Error {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::Unreadable(reason) => Self::UnusableZip(reason),
            Unusable::Empty => Self::EmptyZip,
            Unusable::TooLarge => Self::UnzippedTooLarge,
            Unusable::Disk(reason) => Self::Storage(reason),
        }
    }
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        let invalid = |message: String| Self::new("InvalidParameterValueException", message);
        let conflict = |message: String| Self::new("ResourceConflictException", message);
        match error {
            Error::FunctionNotFound(arn) => {
                Self::new("ResourceNotFoundException", format!("Function not found: {arn}"))
            }
            Error::FunctionExists(name) => conflict(format!("Function already exist: {name}")),
            Error::FunctionPending => conflict(
                "The operation cannot be performed at this time. The function is currently in the following state: Pending"
                    .to_owned(),
            ),
            Error::UpdateInProgress(arn) => conflict(format!(
                "The operation cannot be performed at this time. An update is in progress for resource: {arn}"
            )),
            Error::RevisionMismatch => Self::new(
                "PreconditionFailedException",
                "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                 retrieve the latest Revision Id",
            ),
            Error::CodeMismatch => invalid(
                "CodeSHA256 is different from current CodeSHA256 in $LATEST. Please try again with the CodeSHA256 in $LATEST."
                    .to_owned(),
            ),
            Error::InvalidFunctionName(text) => invalid(format!("Invalid function name or ARN: {text}")),
            Error::QualifierMismatch => {
                invalid("The derived qualifier from the function name does not match the specified qualifier.".to_owned())
            }
            Error::QualifierNotAllowed => {
                invalid("This operation does not permit adding a qualifier to the ARN.".to_owned())
            }
            Error::RuntimeAndHandlerMandatory => invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.".to_owned(),
            ),
            Error::UnknownRuntime(runtime) => invalid(format!(
                "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be \
                 a valid ARN",
                Runtime::known()
            )),
            Error::ReservedEnvironment(names) => invalid(format!(
                "Lambda was unable to configure your environment variables because the environment variables you have \
                 provided contains reserved keys that are currently not supported for modification. Reserved keys used in \
                 this request: {names}"
            )),
            Error::EnvironmentTooLarge(measured) => invalid(format!(
                "Lambda was unable to configure your environment variables because the environment variables you have \
                 provided exceeded the 4KB limit. String measured: {measured}"
            )),
            Error::AliasNotFound(arn) => {
                Self::new("ResourceNotFoundException", format!("Cannot find alias arn: {arn}"))
            }
            Error::AliasExists(arn) => conflict(format!("Alias already exists: {arn}")),
            // Our words, and so the next but three.
            Error::AliasNotDeletable => invalid("An alias is deleted with DeleteAlias.".to_owned()),
            Error::AliasRoutesLatest => {
                invalid("$LATEST is not supported for an alias pointing to more than 1 version".to_owned())
            }
            Error::AliasRoutesTwice(version) => invalid(format!(
                "Invalid function version {version}. Function version {version} is already included in routing configuration."
            )),
            Error::AliasRoutesTooMany => {
                invalid("Number of items in AdditionalVersionWeights cannot be greater than 1".to_owned())
            }
            Error::AliasWeight => invalid("The weight of an additional version must be from 0.0 to 1.0".to_owned()),
            Error::VersionInUse { version, aliases } => {
                conflict(format!("Version {version} cannot be deleted, since aliases point to it: {aliases}"))
            }
            Error::PolicyRevisionMismatch { told_by } => Self::new(
                "PreconditionFailedException",
                format!(
                    "The Revision Id provided does not match the latest Revision Id. Call the {told_by} API to retrieve the \
                     latest Revision Id"
                ),
            ),
            Error::NoPolicy => {
                Self::new("ResourceNotFoundException", "No policy is associated with the given resource.")
            }
            Error::NothingThere => {
                Self::new("ResourceNotFoundException", "The resource you requested does not exist.")
            }
            Error::LatestHasNoPolicy => {
                invalid("We currently do not support adding policies for $LATEST.".to_owned())
            }
            Error::AuthTypeOfOtherAction => {
                invalid("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action".to_owned())
            }
            Error::PrincipalInvalid => {
                invalid("The provided principal was invalid. Please check the principal and try again.".to_owned())
            }
            Error::StatementExists(sid) => conflict(format!(
                "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing \
                 statement."
            )),
            Error::StatementNotFound(sid) => {
                Self::new("ResourceNotFoundException", format!("Statement {sid} is not found in resource policy."))
            }
            Error::PolicyTooLong(bytes) => Self::new(
                "PolicyLengthExceededException",
                format!("The final policy size ({bytes}) is bigger than the limit (20480)."),
            ),
            Error::EventInvokeConfigNotFound(arn) => Self::new(
                "ResourceNotFoundException",
                format!("The function {arn} doesn't have an EventInvokeConfig"),
            ),
            Error::EventInvokeConfigEmpty => {
                invalid("You must specify at least one of error handling or destination setting.".to_owned())
            }
            Error::NoSuchFunction => Self::new("ResourceNotFoundException", "The function doesn't exist."),
            Error::DestinationIsItself => {
                invalid("You can't specify the function as a destination for itself.".to_owned())
            }
            Error::DestinationsInvalid { on_success, on_failure } => {
                let part = |kind: &str, arn: Option<String>| {
                    arn.map_or_else(|| "null".to_owned(), |arn| format!("{kind}(destination={arn})"))
                };
                invalid(format!(
                    "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
                    part("OnSuccess", on_success),
                    part("OnFailure", on_failure)
                ))
            }
            Error::DestinationInvalid(arn) => invalid(format!("The destination ARN {arn} is invalid.")),
            Error::LayerNotFound(arn) => invalid(format!("Layer version {arn} does not exist.")),
            Error::LayerVersionArnMissing => Self::validation(
                "1 validation error detected: Value null at 'arn' failed to satisfy constraint: Member must not be null",
            ),
            Error::LayerVersionNotFound(arn) => {
                Self::new("ResourceNotFoundException", format!("Layer version {arn} does not exist."))
            }
            // Our words.
            Error::TooManyLayers => invalid("A function can have 5 layers at most.".to_owned()),
            Error::LayerTwice(arn) => {
                invalid(format!("Two different versions of the same layer are not allowed to be referenced: {arn}"))
            }
            Error::CodeObject(CodeError { code, message }) => invalid(format!(
                "Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
            )),
            // Our words, both.
            Error::PackageTooLarge => invalid("Zipped size must be smaller than 52428800 bytes".to_owned()),
            Error::NoFolder(path) => {
                invalid(format!("{path} is not the absolute path of a folder on this machine"))
            }
            Error::Unsupported(what) => invalid(format!("Millrace does not support {what} for functions.")),
            Error::CodeLocation => invalid("Please provide a source for function code.".to_owned()),
            Error::UnusableZip(reason) => {
                tracing::warn!(reason, "a package was refused");
                invalid("Could not unzip uploaded file. Please check your file, then try to upload again.".to_owned())
            }
            Error::EmptyZip => invalid("Uploaded file must be a non-empty zip".to_owned()),
            Error::UnzippedTooLarge => invalid("Unzipped size must be smaller than 262144000 bytes".to_owned()),
            Error::RequestTooLarge { limit, operation } => Self::new(
                "RequestEntityTooLargeException",
                format!("Request must be smaller than {limit} bytes for the {operation} operation"),
            ),
            Error::EventTooLarge(bytes) => Self::new(
                "RequestEntityTooLargeException",
                format!("{bytes} byte payload is too large for the Event invocation type (limit {MAX_EVENT_BYTES} bytes)"),
            ),
            Error::EventNotJson(reason) => Self::new(
                "InvalidRequestContentException",
                format!("Could not parse request body into json: {reason}"),
            ),
            Error::Throttled(reason) => {
                Self::new("TooManyRequestsException", "Rate Exceeded.").with("Reason", reason.as_str())
            }
            Error::ReservationTooLarge => invalid(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
                 below its minimum value of [100]."
                    .to_owned(),
            ),
            Error::NotTaggable(arn) => {
                Self::new("ResourceNotFoundException", format!("The resource you requested does not exist: {arn}"))
            }
            Error::InvalidMarker => invalid("Invalid marker".to_owned()),
            Error::Mapping(error) => error.into(),
            Error::NameTooLong(name) => Self::validation(format!(
                "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: Member must \
                 have length less than or equal to 64"
            )),
            Error::LatestNotDeletable => {
                invalid("$LATEST version cannot be deleted without deleting the function.".to_owned())
            }
            Error::VersionNotTaggable => invalid(
                "Tags on function aliases and versions are not supported. Please specify either a function ARN.".to_owned(),
            ),
            Error::TooManyTags => invalid("The number of tags exceeds the limit of 50 tags for a resource.".to_owned()),
            Error::Service { code, message } => Self::new(code, message),
            Error::Storage(reason) => {
                tracing::error!(reason, "the storage failed");
                Self::new("ServiceException", "An internal error occurred.")
            }
        }
    }
}
