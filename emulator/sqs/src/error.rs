//! What can go wrong, as facts, with AWS's words for each and both of its codes: SQS has one for JSON and an older one for
//! the query protocol, which the JSON answer names in a header. Where nobody outside AWS knows the words, a variant says that
//! they are ours.

use aws_wire::AwsError;

/// The result of what this crate does.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the variants are facts, their sentences stand above them")]
pub enum Error {
    // Queues.
    #[error("The specified queue does not exist.")]
    QueueNotFound,
    #[error("A queue already exists with the same name and a different value for attribute {attribute}")]
    QueueExists { attribute: String },
    #[error("Only one PurgeQueue operation on {queue} is allowed every 60 seconds.")]
    PurgeInProgress { queue: String },
    #[error("Unknown Attribute {name}.")]
    AttributeUnknown { name: String },
    #[error("Invalid value for the parameter {name}.")]
    AttributeInvalid { name: &'static str },
    #[error(
        "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE."
    )]
    TwoEncryptions,
    /// Our words.
    #[error("A queue has at most {limit} tags")]
    TagLimit { limit: usize },

    // Parameters.
    #[error("The request must contain the parameter {name}.")]
    Missing { name: String },
    #[error("Value {value} for parameter {name} is invalid. Reason: {reason}")]
    Invalid { name: &'static str, value: String, reason: String },
    #[error("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")]
    NameInvalid,
    #[error(
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo \
         suffix and be 1 to 80 in length."
    )]
    FifoNameInvalid,
    #[error(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
    )]
    DeduplicationMissing,
    #[error("One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes.")]
    MessageTooLong { limit: usize },
    #[error("{reason}")]
    MessageAttribute { reason: String },
    #[error(
        "Invalid binary character '#x{character:X}' was found in the message body, the set of allowed characters is #x9 | #xA \
         | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
    )]
    MessageContents { character: u32 },
    #[error("The input receipt handle \"{handle}\" is not a valid receipt handle.")]
    ReceiptInvalid { handle: String },

    // Batches.
    #[error("There should be at least one {entry} in the request.")]
    BatchEmpty { entry: &'static str },
    #[error("Maximum number of entries per request are 10. You have sent {count}.")]
    BatchTooMany { count: usize },
    #[error("Id {id} repeated.")]
    BatchIdRepeated { id: String },
    #[error(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters \
         long."
    )]
    BatchIdInvalid,
    #[error("Batch requests cannot be longer than {limit} bytes. You have sent {sent} bytes.")]
    BatchTooLong { limit: usize, sent: usize },

    /// A failure of ours. The reason is in the log.
    #[error("We encountered an internal error. Please try again.")]
    Internal,
}

/// How a code is spelled in the two protocols, and whose shapes it belongs to.
pub(crate) struct Code {
    /// In JSON, without a namespace.
    pub(crate) json: &'static str,
    /// In the query protocol.
    pub(crate) query: &'static str,
    /// Whether the service model knows it; the others are those of the framework that AWS's services share.
    pub(crate) modelled: bool,
}

const fn own(json: &'static str, query: &'static str) -> Code {
    Code { json, query, modelled: true }
}

impl Error {
    /// A parameter that is out of its range.
    pub(crate) fn out_of_range(name: &'static str, value: i64, reason: &str) -> Self {
        Self::Invalid { name, value: value.to_string(), reason: reason.to_owned() }
    }

    /// AWS's codes for the fact.
    pub(crate) const fn code(&self) -> Code {
        match self {
            Self::QueueNotFound => own("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
            Self::QueueExists { .. } => own("QueueNameExists", "QueueAlreadyExists"),
            Self::PurgeInProgress { .. } => own("PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress"),
            Self::AttributeUnknown { .. } | Self::TwoEncryptions => own("InvalidAttributeName", "InvalidAttributeName"),
            Self::AttributeInvalid { .. } => own("InvalidAttributeValue", "InvalidAttributeValue"),
            Self::MessageContents { .. } => own("InvalidMessageContents", "InvalidMessageContents"),
            Self::ReceiptInvalid { .. } => own("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
            Self::BatchEmpty { .. } => own("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
            Self::BatchTooMany { .. } => {
                own("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
            }
            Self::BatchIdRepeated { .. } => {
                own("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
            }
            Self::BatchIdInvalid => own("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"),
            Self::BatchTooLong { .. } => own("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"),
            Self::Missing { .. } => {
                Code { json: "MissingRequiredParameterException", query: "MissingParameter", modelled: false }
            }
            Self::TagLimit { .. }
            | Self::Invalid { .. }
            | Self::NameInvalid
            | Self::FifoNameInvalid
            | Self::DeduplicationMissing
            | Self::MessageTooLong { .. }
            | Self::MessageAttribute { .. } => {
                Code { json: "InvalidParameterValueException", query: "InvalidParameterValue", modelled: false }
            }
            Self::Internal => Code { json: "InternalFailure", query: "InternalError", modelled: false },
        }
    }
}

/// The code of the query protocol: what a batch names its failures by, and what the JSON answer shows in its header.
impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        let code = error.code();
        let shape = if code.modelled { "com.amazonaws.sqs" } else { "com.amazon.coral.service" };
        // Both spellings travel together; the protocol takes what it needs.
        Self::new(code.query, error.to_string()).with(JSON_CODE, format!("{shape}#{}", code.json))
    }
}

/// The member under which an error carries its JSON code to the protocol.
pub(crate) const JSON_CODE: &str = "__type";

/// A store that fails is our failure: the reason is for the log, not for the caller.
impl From<state_store::Error> for Error {
    fn from(error: state_store::Error) -> Self {
        tracing::error!(%error, "the state store failed");
        Self::Internal
    }
}
