//! What can go wrong, as facts, with AWS's code and words for each. Where nobody outside AWS knows the words, a variant says
//! that they are ours.

use aws_wire::{AwsError, World};

/// The result of what this crate does.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the variants are facts, their sentences stand above them")]
pub enum Error {
    // Naming.
    #[error("Alias {arn} is not found.")]
    AliasNotFound { arn: String },
    #[error("Key '{arn}' does not exist")]
    KeyNotFound { arn: String },
    #[error("Invalid keyId {name}")]
    NameInvalid { name: String },
    #[error("An alias with the name {arn} already exists")]
    AliasExists { arn: String },
    #[error(
        "Alias must start with the prefix \"alias/\". Please see \
         https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
    )]
    AliasPrefix,
    /// Our words.
    #[error("Aliases that begin with alias/aws/ are reserved")]
    AliasReserved,
    /// Our words.
    #[error("Key {arn} has {limit} aliases and cannot have more")]
    AliasLimit { arn: String, limit: usize },

    // The state of a key.
    #[error("{arn} is disabled.")]
    Disabled { arn: String },
    #[error("{arn} is pending deletion.")]
    PendingDeletion { arn: String },
    #[error("{arn} is not pending deletion.")]
    NotPendingDeletion { arn: String },
    #[error(
        "User: {caller} is not authorized to perform: kms:{action} on resource: {arn} because no resource-based policy \
         allows the kms:{action} action"
    )]
    ManagedByAws { caller: String, action: &'static str, arn: String },

    // Kinds of keys.
    #[error("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")]
    UsageMissing,
    #[error("KeyUsage {usage} is not compatible with KeySpec {spec}")]
    UsageIncompatible { usage: &'static str, spec: &'static str },
    #[error("{arn} key usage is {usage} which is not valid for {action}.")]
    UsageInvalid { arn: String, usage: &'static str, action: &'static str },
    #[error("Algorithm {algorithm} is incompatible with key spec {spec}.")]
    AlgorithmInvalid { algorithm: String, spec: &'static str },
    #[error("You cannot generate a data key with an asymmetric CMK")]
    DataKeyOfPair,
    /// Our words.
    #[error("millrace does not do this: {action} with a key of the spec {spec}")]
    WithoutCipher { action: &'static str, spec: &'static str },
    /// In the manner of AWS's words about keys of other origins.
    #[error("{arn} key spec is {spec} which is not valid for this operation.")]
    SpecInvalid { arn: String, spec: &'static str },
    /// Our words.
    #[error("KeySpec {spec} is not supported in {region}")]
    SpecElsewhere { spec: &'static str, region: String },
    /// Our words.
    #[error("Cannot find the custom key store {id}")]
    KeyStoreNotFound { id: String },
    /// Our words.
    #[error("{0}")]
    Invalid(&'static str),
    /// AWS says nothing but the code.
    #[error("")]
    MacInvalid,

    // Encrypting.
    #[error("Please specify either number of bytes or key spec.")]
    DataKeySize,
    /// AWS says nothing but the code.
    #[error("")]
    CiphertextInvalid,
    #[error(
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not \
         allowed to access."
    )]
    CiphertextOfUnknownKey,
    #[error("The key ID in the request does not identify a CMK that can perform this operation.")]
    CiphertextOfOtherKey,
    #[error("The request would have succeeded, but the DryRun option is set.")]
    DryRun,
    /// Our words.
    #[error("millrace does not do this: {what}")]
    Unsupported { what: &'static str },

    // What keys carry.
    /// Our words.
    #[error("The key policy is not a JSON document with statements")]
    PolicyMalformed,
    #[error("No such policy exists")]
    PolicyNotFound,
    /// Our words.
    #[error("Tag keys beginning with aws: are reserved")]
    TagReserved,
    /// Our words.
    #[error("A key has at most {limit} tags")]
    TagLimit { limit: usize },
    /// Our words.
    #[error("A key is rotated on demand at most {limit} times")]
    RotationLimit { limit: usize },
    /// Our words.
    #[error("The marker is not one that this service gave out")]
    MarkerInvalid,

    /// A failure of ours. The reason is in the log.
    #[error("Internal Service Failure")]
    Internal,
}

impl Error {
    /// A key of AWS's that somebody wants to change.
    pub(crate) fn managed(world: &World, action: &'static str, arn: String) -> Self {
        let caller = format!("arn:{}:iam::{}:root", world.partition(), world.account);
        Self::ManagedByAws { caller, action, arn }
    }

    /// AWS's code for the fact.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AliasNotFound { .. } | Self::KeyNotFound { .. } | Self::NameInvalid { .. } | Self::PolicyNotFound => {
                "NotFoundException"
            }
            Self::AliasExists { .. } => "AlreadyExistsException",
            Self::AliasReserved => "NotAuthorizedException",
            Self::AliasPrefix
            | Self::DataKeySize
            | Self::UsageMissing
            | Self::UsageIncompatible { .. }
            | Self::Invalid(_) => "ValidationException",
            Self::UsageInvalid { .. } | Self::AlgorithmInvalid { .. } | Self::DataKeyOfPair => {
                "InvalidKeyUsageException"
            }
            Self::KeyStoreNotFound { .. } => "CustomKeyStoreNotFoundException",
            Self::MacInvalid => "KMSInvalidMacException",
            Self::AliasLimit { .. } | Self::TagLimit { .. } | Self::RotationLimit { .. } => "LimitExceededException",
            Self::Disabled { .. } => "DisabledException",
            Self::PendingDeletion { .. } | Self::NotPendingDeletion { .. } => "KMSInvalidStateException",
            Self::ManagedByAws { .. } | Self::CiphertextOfUnknownKey => "AccessDeniedException",
            Self::CiphertextInvalid => "InvalidCiphertextException",
            Self::CiphertextOfOtherKey => "IncorrectKeyException",
            Self::DryRun => "DryRunOperationException",
            Self::Unsupported { .. }
            | Self::WithoutCipher { .. }
            | Self::SpecInvalid { .. }
            | Self::SpecElsewhere { .. } => "UnsupportedOperationException",
            Self::PolicyMalformed => "MalformedPolicyDocumentException",
            Self::TagReserved => "TagException",
            Self::MarkerInvalid => "InvalidMarkerException",
            Self::Internal => "InternalFailure",
        }
    }
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        match error {
            Error::Internal => Self::internal(),
            Error::CiphertextInvalid | Error::MacInvalid => Self::bare(error.code()),
            error => Self::new(error.code(), error.to_string()),
        }
    }
}

/// A store that fails is our failure: the reason is for the log, not for the caller.
impl From<state_store::Error> for Error {
    fn from(error: state_store::Error) -> Self {
        tracing::error!(%error, "the state store failed");
        Self::Internal
    }
}
