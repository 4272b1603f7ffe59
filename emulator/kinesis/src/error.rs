//! What can go wrong, as facts, with AWS's words for each and the one table from fact to code.
//!
//! Left to others: statuses and documents (aws-wire), and everything that breaks a constraint (the shapes). Where nobody
//! outside AWS knows the words, a variant says that they are ours.

use std::fmt;

use aws_wire::AwsError;

use crate::keys::KeyError;
use crate::shard::ShardIndex;
use crate::stream::Status;

/// The result of what this crate does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A stream as messages speak of it: `orders under account 123456789012`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StreamLabel {
    /// The stream.
    pub name: String,
    /// Whose it is.
    pub account: String,
}

impl fmt::Display for StreamLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} under account {}", self.name, self.account)
    }
}

/// Why something was not done.
#[derive(Clone, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the variants are facts, their sentences stand above them")]
pub enum Error {
    // Naming a stream.
    /// Our words.
    #[error("Either StreamName or StreamARN should be provided.")]
    StreamNotNamed,
    /// Our words.
    #[error("StreamName {name} does not match StreamARN {arn}.")]
    StreamNamesDisagree { name: String, arn: String },
    #[error("Stream {stream} not found.")]
    StreamNotFound { stream: StreamLabel },
    #[error("Stream {stream} already exists.")]
    StreamExists { stream: StreamLabel },
    #[error("Stream {stream} not ACTIVE, instead in state {status}")]
    StreamNotActive { stream: StreamLabel, status: Status },

    /// Our words, and those of other services that have such a flag.
    #[error("Request would have succeeded, but DryRun flag is set.")]
    DryRun,

    /// Our words.
    #[error("Millrace does not emulate {what} of Kinesis Data Streams.")]
    NotEmulated { what: &'static str },

    #[error("Rate exceeded for {whom}.")]
    CallRate { whom: String },

    // Creating and deleting.
    /// Our words.
    #[error("ShardCount must be provided for a stream in PROVISIONED mode.")]
    ShardCountMissing,
    /// Our words.
    #[error("ShardCount must not be provided for a stream in ON_DEMAND mode.")]
    ShardCountOnDemand,
    /// Our words.
    #[error(
        "WarmThroughputMiBps needs a stream in ON_DEMAND mode and an account with a minimum throughput billing \
         commitment."
    )]
    WarmThroughputUnavailable,
    /// Our words.
    #[error(
        "This request would exceed the warm throughput limit of a stream. Limit: {limit} MiBps. Requested: {wanted} MiBps."
    )]
    WarmThroughputLimit { limit: u32, wanted: u32 },
    /// Our words.
    #[error("RecordDistributionStrategy AUTO is only supported for a stream in ON_DEMAND mode.")]
    DistributionProvisioned,
    #[error(
        "This request would exceed the shard limit for the account {account} in {region}. Current shard count for the \
         account: {current}. Limit: {limit}. Number of additional shards that would have resulted from this request: \
         {additional}. Refer to the AWS Service Limits page \
         (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request \
         higher limits."
    )]
    ShardLimit { account: String, region: String, current: u32, limit: u32, additional: u32 },
    #[error(
        "This request would exceed the limit on the number of On-Demand streams for the account {account} in {region}. \
         Current On-Demand streams count: {current}. Limit: {limit}."
    )]
    OnDemandLimit { account: String, region: String, current: u32, limit: u32 },
    #[error(
        "This request would exceed the limit on the number of streams that can simultaneously be in CREATING or \
         DELETING. Limit: {limit}."
    )]
    StreamsInTransition { limit: usize },
    #[error(
        "DeleteStream can’t delete {account}:{name} because there are consumers associated with this data stream. To \
         delete {name} anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the \
         consumers that are associated with it."
    )]
    ConsumersPresent { account: String, name: String },

    // Changing a stream.
    #[error("Minimum allowed retention period is 24 hours. Requested retention period ({hours} hours) is too short.")]
    RetentionTooShort { hours: i64 },
    /// Our words.
    #[error("Maximum allowed retention period is 8760 hours. Requested retention period ({hours} hours) is too long.")]
    RetentionTooLong { hours: i64 },
    #[error(
        "Requested retention period ({hours} hours) for stream {name} can not be shorter than existing retention period \
         ({current} hours). Use DecreaseRetentionPeriod API."
    )]
    RetentionBelowCurrent { name: String, hours: u32, current: u32 },
    #[error(
        "Requested retention period ({hours} hours) for stream {name} can not be longer than existing retention period \
         ({current} hours). Use IncreaseRetentionPeriod API."
    )]
    RetentionAboveCurrent { name: String, hours: u32, current: u32 },
    /// Our words.
    #[error("EncryptionType must be KMS.")]
    EncryptionTypeNone,
    /// Our words.
    #[error("Encryption of stream {stream} can not be {verb} more than {most} times within 24 hours.")]
    EncryptionChanges { verb: &'static str, stream: StreamLabel, most: usize },
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Our words.
    #[error("The capacity mode of stream {stream} can not be switched more than {most} times within 24 hours.")]
    ModeSwitches { stream: StreamLabel, most: usize },
    /// Our words.
    #[error("{action} is not supported for stream {stream} because it is in ON_DEMAND mode.")]
    OnDemand { action: &'static str, stream: StreamLabel },

    // Shards.
    #[error("Could not find shard {shard} in stream {stream}.")]
    ShardUnknown { shard: String, stream: StreamLabel },
    #[error("Shard {shard} in stream {stream} does not exist")]
    ShardNotThere { shard: ShardIndex, stream: StreamLabel },
    #[error(
        "Shard {shard} in stream {stream} has already been merged or split, and thus is not eligible for merging or \
         splitting."
    )]
    ShardClosed { shard: ShardIndex, stream: StreamLabel },
    #[error(
        "NewStartingHashKey {key} used in SplitShard() on shard {shard} in stream {stream} is not both greater than one \
         plus the shard's StartingHashKey {start} and less than the shard's EndingHashKey {end}."
    )]
    SplitPoint { key: String, shard: ShardIndex, stream: StreamLabel, start: u128, end: u128 },
    #[error("Shards {shard} and {adjacent} in stream {stream} are not an adjacent pair of shards eligible for merging")]
    NotAdjacent { shard: ShardIndex, adjacent: ShardIndex, stream: StreamLabel },
    /// Our words.
    #[error(
        "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: \
         {current} Target shard count: {target}"
    )]
    ScaleUp { current: u32, target: u32 },
    /// Our words.
    #[error(
        "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: \
         {current} Target shard count: {target}"
    )]
    ScaleDown { current: u32, target: u32 },
    /// Our words.
    #[error("UpdateShardCount cannot scale a stream to more than 10000 shards. Target shard count: {target}")]
    ScaleBeyond { target: u32 },
    /// Our words.
    #[error("UpdateShardCount can not be called more than {most} times within 24 hours for stream {stream}.")]
    Scalings { stream: StreamLabel, most: usize },

    // Listing.
    #[error("Either NextToken or StreamName should be provided.")]
    TokenOrStream,
    #[error("NextToken and {member} cannot be provided together.")]
    TokenWith { member: &'static str },
    /// Our words.
    #[error("Invalid NextToken.")]
    TokenInvalid,
    /// Our words.
    #[error("NextToken has expired. A token can be used for 300 seconds.")]
    TokenExpired,
    /// Our words.
    #[error("ShardFilter {filter} must be used with {member}.")]
    FilterNeeds { filter: &'static str, member: &'static str },
    /// Our words.
    #[error("ShardFilter {filter} must not be used with {member}.")]
    FilterRefuses { filter: &'static str, member: &'static str },

    // Writing.
    /// Our words.
    #[error(
        "PartitionKey must be provided for stream {stream}, whose record distribution strategy is USER_PARTITION_KEY."
    )]
    PartitionKeyMissing { stream: StreamLabel },
    #[error("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {key}")]
    ExplicitHashKey { key: String },
    #[error("ExclusiveMinimumSequenceNumber {number} used in PutRecord on stream {stream} is invalid.")]
    SequenceNumberForOrdering { number: String, stream: StreamLabel },
    /// Our words.
    #[error("Record size of {size} bytes exceeds the maximum record size of {limit} bytes of stream {stream}.")]
    RecordTooLarge { size: u64, limit: u64, stream: StreamLabel },
    /// Our words.
    #[error("Records size exceeds 10 MB limit")]
    RecordsTooLarge,
    #[error("Rate exceeded for shard {shard} in stream {stream}.")]
    Throughput { shard: ShardIndex, stream: StreamLabel },
    #[error("Internal Service Failure")]
    Internal,

    // Reading.
    #[error("{}", iterator_position(kind, *number_given))]
    IteratorPosition { kind: &'static str, number_given: bool },
    #[error("StartingSequenceNumber {number} used in GetShardIterator on shard {shard} in stream {stream} is invalid.")]
    StartingSequenceNumber { number: String, shard: ShardIndex, stream: StreamLabel },
    #[error(
        "Invalid StartingSequenceNumber. It encodes {encoded}, while it was used in a call to a shard with {shard}"
    )]
    SequenceNumberOfOtherShard { encoded: ShardIndex, shard: ShardIndex },
    #[error(
        "StartingSequenceNumber {number} used in GetShardIterator on shard {shard} in stream {stream} is invalid because \
         it did not come from this stream."
    )]
    SequenceNumberOfOtherStream { number: String, shard: ShardIndex, stream: StreamLabel },
    #[error(
        "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp \
         parameter."
    )]
    TimestampMissing,
    #[error(
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: \
         {timestamp}, currentTimestampInMillis: {now}"
    )]
    TimestampInFuture { timestamp: u64, now: u64 },
    #[error("Invalid ShardIterator.")]
    IteratorInvalid,
    #[error("{}", crate::iterator::expired_message(*issued, *now))]
    IteratorExpired { issued: env::Timestamp, now: env::Timestamp },
    /// Our words.
    #[error("StreamARN {arn} does not match the stream of the ShardIterator.")]
    IteratorOfOtherStream { arn: String },

    // Consumers.
    /// Our words.
    #[error("Consumer {consumer} under stream {name} already exists for account {account}.")]
    ConsumerExists { consumer: String, name: String, account: String },
    /// Our words.
    #[error("Consumer {consumer} under stream {name} not found for account {account}.")]
    ConsumerNotFound { consumer: String, name: String, account: String },
    /// Our words.
    #[error("Either ConsumerARN or both StreamARN and ConsumerName should be provided.")]
    ConsumerNotNamed,
    /// Our words.
    #[error("ConsumerARN {arn} does not match the StreamARN or ConsumerName given with it.")]
    ConsumerNamesDisagree { arn: String },
    /// Our words.
    #[error("This request would exceed the limit on the number of consumers of stream {stream}. Limit: {limit}.")]
    ConsumerLimit { stream: StreamLabel, limit: usize },
    /// Our words; clients retry on the beginning.
    #[error("Rate exceeded for stream {stream}. No more than {limit} consumers can be in CREATING at once.")]
    ConsumersCreating { stream: StreamLabel, limit: usize },
    #[error(
        "Consumer {consumer} with creation timestamp {created} under stream: {name} , account {account} is not in \
         ACTIVE status."
    )]
    ConsumerNotActive { consumer: String, created: u64, name: String, account: String },
    #[error("Another active subscription exists for this consumer: {account}:{name}:{shard}:{consumer}")]
    SubscriptionActive { account: String, name: String, shard: ShardIndex, consumer: String },

    // Tags and policies.
    /// Our words.
    #[error("ResourceARN {arn} is not a stream or a consumer.")]
    ResourceNotNamed { arn: String },
    #[error(
        "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, \
         _ . / = + - % @."
    )]
    TagCharacters,
    #[error(
        "Failed to {verb} stream {stream} because some tags contained illegal characters. The allowed characters are \
         Unicode letters, white-spaces, '_',',','/','=','+','-','@'."
    )]
    TagPercent { verb: &'static str, stream: StreamLabel },
    #[error(
        "Failed to add tags to stream {stream} because a given stream cannot have more than {limit} tags associated \
         with it."
    )]
    TagLimit { stream: StreamLabel, limit: usize },
    /// Our words.
    #[error("Tag keys beginning with aws: are reserved.")]
    TagReserved,
    /// Our words.
    #[error("Policy is not a valid JSON policy document.")]
    PolicyMalformed,
    /// Our words.
    #[error("Policy grants {action}, which can not be granted on this resource.")]
    PolicyAction { action: String },
    /// Our words.
    #[error("Resource policy of {arn} not found.")]
    PolicyNotFound { arn: String },
}

fn iterator_position(kind: &str, number_given: bool) -> String {
    let given = if number_given { "also a" } else { "no" };
    format!(
        "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) \
         TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {kind} and {given} \
         StartingSequenceNumber."
    )
}

impl Error {
    /// AWS's code for the fact.
    pub fn code(&self) -> &'static str {
        match self {
            Self::StreamNotFound { .. }
            | Self::ShardUnknown { .. }
            | Self::ShardNotThere { .. }
            | Self::ConsumerNotFound { .. }
            | Self::PolicyNotFound { .. } => "ResourceNotFoundException",
            Self::StreamExists { .. }
            | Self::StreamNotActive { .. }
            | Self::ConsumersPresent { .. }
            | Self::ConsumerExists { .. }
            | Self::ConsumerNotActive { .. }
            | Self::SubscriptionActive { .. } => "ResourceInUseException",
            Self::ShardLimit { .. }
            | Self::OnDemandLimit { .. }
            | Self::StreamsInTransition { .. }
            | Self::ModeSwitches { .. }
            | Self::Scalings { .. }
            | Self::ConsumerLimit { .. }
            | Self::ConsumersCreating { .. }
            | Self::WarmThroughputLimit { .. }
            | Self::CallRate { .. }
            | Self::EncryptionChanges { .. } => "LimitExceededException",
            // As a semantic error it means that the capacity mode does not allow the action.
            Self::WarmThroughputUnavailable | Self::OnDemand { .. } => "ValidationException",
            Self::NotEmulated { .. } => "UnknownOperationException",
            Self::DryRun => "DryRunOperationException",
            Self::Key(error) => error.kind.code(),
            Self::TokenExpired => "ExpiredNextTokenException",
            Self::IteratorExpired { .. } => "ExpiredIteratorException",
            Self::Throughput { .. } => "ProvisionedThroughputExceededException",
            Self::Internal => "InternalFailure",
            Self::StreamNotNamed
            | Self::StreamNamesDisagree { .. }
            | Self::ShardCountMissing
            | Self::ShardCountOnDemand
            | Self::DistributionProvisioned
            | Self::PartitionKeyMissing { .. }
            | Self::RetentionTooShort { .. }
            | Self::RetentionTooLong { .. }
            | Self::RetentionBelowCurrent { .. }
            | Self::RetentionAboveCurrent { .. }
            | Self::EncryptionTypeNone
            | Self::ShardClosed { .. }
            | Self::SplitPoint { .. }
            | Self::NotAdjacent { .. }
            | Self::ScaleUp { .. }
            | Self::ScaleDown { .. }
            | Self::ScaleBeyond { .. }
            | Self::TokenOrStream
            | Self::TokenWith { .. }
            | Self::TokenInvalid
            | Self::FilterNeeds { .. }
            | Self::FilterRefuses { .. }
            | Self::ExplicitHashKey { .. }
            | Self::SequenceNumberForOrdering { .. }
            | Self::RecordTooLarge { .. }
            | Self::RecordsTooLarge
            | Self::IteratorPosition { .. }
            | Self::StartingSequenceNumber { .. }
            | Self::SequenceNumberOfOtherShard { .. }
            | Self::SequenceNumberOfOtherStream { .. }
            | Self::TimestampMissing
            | Self::TimestampInFuture { .. }
            | Self::IteratorInvalid
            | Self::IteratorOfOtherStream { .. }
            | Self::ConsumerNotNamed
            | Self::ConsumerNamesDisagree { .. }
            | Self::ResourceNotNamed { .. }
            | Self::TagCharacters
            | Self::TagPercent { .. }
            | Self::TagLimit { .. }
            | Self::TagReserved
            | Self::PolicyMalformed
            | Self::PolicyAction { .. } => "InvalidArgumentException",
        }
    }
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        match error {
            // The whole answer of a failure of ours is its code.
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

/// Likewise a log; what a caller can cause (a log that is gone or sealed) is dealt with before it comes to this.
impl From<shard_log::Error> for Error {
    fn from(error: shard_log::Error) -> Self {
        // What a key service says about the key of sealed records is for the caller.
        if let shard_log::Error::Locked { reason, .. } = &error
            && let Some(refusal) = reason.0.downcast_ref::<KeyError>()
        {
            return Self::Key(refusal.clone());
        }
        tracing::error!(%error, "a shard's log failed");
        Self::Internal
    }
}
