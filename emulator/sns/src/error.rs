//! What can go wrong, as facts, with AWS's code and words for each. Where nobody outside AWS knows the words, a variant says
//! that they are ours.

use aws_wire::AwsError;

/// The result of what this crate does.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the variants are facts, their sentences stand above them")]
pub enum Error {
    #[error("Topic does not exist")]
    TopicNotFound,
    #[error("Subscription does not exist")]
    SubscriptionNotFound,
    #[error("Resource does not exist")]
    ResourceNotFound,
    #[error("Invalid parameter: {0}")]
    Invalid(String),
    #[error("Invalid SMS endpoint: {0}")]
    PhoneNumberInvalid(String),
    #[error("Invalid state: Cannot delete a topic with an ArchivePolicy")]
    Archives,
    #[error("Could not complete request: tag quota of per resource exceeded")]
    TagLimit,

    // Batches.
    #[error("The batch request doesn't contain any entries.")]
    BatchEmpty,
    #[error("The batch request contains more entries than permissible.")]
    BatchTooMany,
    #[error("Two or more batch entries in the request have the same Id.")]
    BatchIdRepeated,
    #[error("The Id of a batch entry in a batch request doesn't abide by the specification.")]
    BatchIdInvalid,
    #[error("The length of all the batch messages put together is more than the limit.")]
    BatchTooLong,

    /// Our words.
    #[error("The message cannot be delivered to {endpoint}: {reason}")]
    Undeliverable { endpoint: String, reason: String },
    /// A failure of ours. The reason is in the log.
    #[error("An internal error occurred")]
    Internal,
}

impl Error {
    /// A parameter that is not what it should be; `what` is what AWS says of it.
    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid(what.into())
    }

    /// AWS's code for the fact.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::TopicNotFound | Self::SubscriptionNotFound => "NotFound",
            Self::ResourceNotFound => "ResourceNotFound",
            Self::Invalid(_) | Self::PhoneNumberInvalid(_) => "InvalidParameter",
            Self::Archives => "InvalidState",
            Self::TagLimit => "TagLimitExceeded",
            Self::BatchEmpty => "EmptyBatchRequest",
            Self::BatchTooMany => "TooManyEntriesInBatchRequest",
            Self::BatchIdRepeated => "BatchEntryIdsNotDistinct",
            Self::BatchIdInvalid => "InvalidBatchEntryId",
            Self::BatchTooLong => "BatchRequestTooLong",
            Self::Undeliverable { .. } | Self::Internal => "InternalError",
        }
    }
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

/// A store that fails is our failure: the reason is for the log, not for the caller.
impl From<state_store::Error> for Error {
    fn from(error: state_store::Error) -> Self {
        tracing::error!(%error, "the state store failed");
        Self::Internal
    }
}
