//! What can go wrong, as facts, with AWS's code and words for each. Where nobody outside AWS knows the words, a variant says
//! that they are ours.

use aws_wire::AwsError;

/// The result of what this crate does.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the variants are facts, their sentences stand above them")]
pub enum Error {
    #[error("The specified log group does not exist.")]
    GroupNotFound,
    #[error("The specified log group already exists")]
    GroupExists,
    #[error("The specified log stream does not exist.")]
    StreamNotFound,
    #[error("The specified log stream already exists")]
    StreamExists,
    #[error("The specified resource does not exist.")]
    ResourceNotFound,
    /// Our words.
    #[error("The log group is protected from deletion")]
    Protected,

    /// Our words, where AWS has more to say than a constraint.
    #[error("{0}")]
    Invalid(&'static str),
    #[error("The specified nextToken is invalid.")]
    TokenInvalid,
    #[error("Log events in a single PutLogEvents request must be in chronological order.")]
    NotChronological,
    #[error("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")]
    SpansTooLong,
    #[error("Upload too large: {size} bytes exceeds limit of {limit}")]
    BatchTooLarge { size: usize, limit: usize },
    #[error("Log event too large: {size} bytes exceeds limit of {limit}")]
    EventTooLarge { size: usize, limit: usize },
    #[error("A resource can have no more than {limit} tags.")]
    TooManyTags { limit: usize },
    #[error("The specified KMS Key Id could not be found.")]
    KeyNotFound,
    /// Our words.
    #[error("millrace does not do this: {0}")]
    Unsupported(&'static str),

    /// A failure of ours. The reason is in the log.
    #[error("Internal Service Failure")]
    Internal,
}

impl Error {
    /// AWS's code for the fact.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::GroupNotFound | Self::StreamNotFound | Self::ResourceNotFound => "ResourceNotFoundException",
            Self::GroupExists | Self::StreamExists => "ResourceAlreadyExistsException",
            Self::Protected => "ValidationException",
            Self::Invalid(_)
            | Self::TokenInvalid
            | Self::NotChronological
            | Self::SpansTooLong
            | Self::BatchTooLarge { .. }
            | Self::EventTooLarge { .. }
            | Self::KeyNotFound
            | Self::Unsupported(_) => "InvalidParameterException",
            Self::TooManyTags { .. } => "TooManyTagsException",
            Self::Internal => "InternalFailure",
        }
    }
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        match error {
            Error::Internal => Self::internal(),
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

/// Likewise a log. One that was deleted meanwhile is of a group that was.
impl From<shard_log::Error> for Error {
    fn from(error: shard_log::Error) -> Self {
        if matches!(error, shard_log::Error::NotFound(_)) {
            return Self::GroupNotFound;
        }
        tracing::error!(%error, "the log of a group failed");
        Self::Internal
    }
}
