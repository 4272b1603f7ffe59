//! What can go wrong with mappings, as facts, and the table that turns them into AWS's codes and words. Where AWS's words
//! are not known to us, a comment says that they are ours.

use aws_wire::AwsError;

use crate::keys::KeyError;
use crate::name::FunctionName;

/// Why a mapping could not be made, changed or found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No mapping of that id.
    #[error("no such event source mapping")]
    NotFound,
    /// A transition is under way.
    #[error("cannot {change} a mapping during a transition")]
    InUse {
        /// What was asked for: `update` or `delete`.
        change: &'static str,
    },
    /// The same source feeds the same function already.
    #[error("mapping {uuid} does the same")]
    Duplicate {
        /// The stream or consumer.
        source_arn: String,
        /// The function's bare name.
        function: FunctionName,
        /// The mapping that is there.
        uuid: String,
    },
    /// No source, or none of a kind that is known here.
    #[error("not a source of records")]
    UnrecognizedSource,
    /// The source is well named but not there.
    #[error("no stream {0}")]
    StreamNotFound(String),
    /// The source is there but cannot be read.
    #[error("stream {0} cannot be read")]
    StreamUnreadable(String),
    /// The function is not there.
    #[error("no such function")]
    FunctionNotFound,
    /// A stream needs a starting position.
    #[error("no starting position")]
    StartingPositionMissing,
    /// `AT_TIMESTAMP` without its time.
    #[error("no starting timestamp")]
    TimestampMissing,
    /// A time without `AT_TIMESTAMP`.
    #[error("a starting timestamp without AT_TIMESTAMP")]
    TimestampUnexpected,
    /// `AT_TIMESTAMP` of a time to come.
    #[error("the starting timestamp is in the future")]
    TimestampInFuture,
    /// A record age of 0 to 59 seconds.
    #[error("a record age below a minute")]
    RecordAgeTooShort,
    /// Several lanes cannot fold one state.
    #[error("a tumbling window with several lanes")]
    LanesWithWindow,
    /// A filter that is not one.
    #[error("not a filter pattern")]
    FilterPattern,
    /// More filters than there may be.
    #[error("too many filters")]
    TooManyFilters,
    /// `OnFailure` without a destination.
    #[error("no failure destination")]
    DestinationMissing,
    /// A destination that mappings cannot send to.
    #[error("{0} is no failure destination")]
    DestinationInvalid(String),
    /// A metric that mappings of streams do not have.
    #[error("no metric {0}")]
    MetricUnknown(String),
    /// The key that filters are to be kept under, or are under, cannot be used.
    #[error("the key of the filters: {0}")]
    Key(#[from] KeyError),
    /// A setting that would have to be obeyed and is not built.
    #[error("{0} is not built")]
    NotBuilt(&'static str),
    /// The marker of a list came from somewhere else.
    #[error("not a marker")]
    Marker,
    /// The state could not be read or written.
    #[error("state: {0}")]
    State(String),
}

impl From<state_store::Error> for Error {
    fn from(error: state_store::Error) -> Self {
        Self::State(error.to_string())
    }
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        let invalid = |message: &str| Self::new("InvalidParameterValueException", message);
        match error {
            Error::NotFound => Self::new("ResourceNotFoundException", "The resource you requested does not exist."),
            // Our words.
            Error::InUse { change } => Self::new(
                "ResourceInUseException",
                format!("Cannot {change} the event source mapping because it is in use."),
            ),
            Error::Duplicate { source_arn, function, uuid } => Self::new(
                "ResourceConflictException",
                format!(
                    "The event source arn (\" {source_arn} \") and function (\" {function} \") provided mapping already \
                     exists. Please update or delete the existing mapping with UUID {uuid}"
                ),
            ),
            Error::UnrecognizedSource => invalid("Unrecognized event source."),
            // Our words, as for the source before and the function below.
            Error::StreamNotFound(arn) => invalid(&format!("Stream not found: {arn}")),
            Error::StreamUnreadable(arn) => invalid(&format!(
                "Cannot access stream {arn}. Please ensure the role can perform the GetRecords, GetShardIterator, \
                 DescribeStream, ListShards, and ListStreams Actions on your stream in IAM."
            )),
            Error::FunctionNotFound => invalid("Function does not exist"),
            Error::StartingPositionMissing => Self::validation(
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must \
                 not be null.",
            ),
            Error::TimestampMissing => invalid("Need to specify a timestamp"),
            // Our words, both.
            Error::TimestampUnexpected => {
                invalid("StartingPositionTimestamp can only be specified with a StartingPosition of AT_TIMESTAMP")
            }
            Error::TimestampInFuture => invalid("StartingPositionTimestamp cannot be in the future"),
            Error::RecordAgeTooShort => {
                invalid("MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)")
            }
            // Our words.
            Error::LanesWithWindow => {
                invalid("ParallelizationFactor must be 1 if TumblingWindowInSeconds is greater than 0")
            }
            Error::FilterPattern => invalid("Invalid filter pattern definition."),
            // Our words.
            Error::TooManyFilters => invalid("The number of filters exceeds the limit of 5."),
            Error::DestinationMissing => invalid("The Destination field is required for an OnFailure configuration."),
            // Our words.
            Error::DestinationInvalid(arn) => invalid(&format!("The destination ARN {arn} is invalid.")),
            // Our words, both.
            Error::MetricUnknown(metric) => {
                invalid(&format!("The metric {metric} is not supported for Kinesis event source mappings."))
            }
            Error::Key(KeyError { code, message }) => invalid(&format!(
                "The filter criteria cannot be kept under the key. KMS Exception: {code} KMS Message: {message}"
            )),
            Error::NotBuilt(setting) => {
                invalid(&format!("Millrace does not support {setting} for event source mappings."))
            }
            // Our words.
            Error::Marker => invalid("Invalid Marker"),
            Error::State(reason) => {
                tracing::error!(reason, "the state of event source mappings failed");
                Self::new("ServiceException", "Service encountered an internal error.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_as_lambda_does() {
        let check = |error: Error, code: &str, message: &str| {
            let error = AwsError::from(error);
            assert_eq!((&*error.code, error.message.as_deref()), (code, Some(message)));
        };
        check(Error::NotFound, "ResourceNotFoundException", "The resource you requested does not exist.");
        check(
            Error::Duplicate {
                source_arn: "arn:aws:kinesis:us-east-1:000000000000:stream/s".into(),
                function: "f".parse().unwrap(),
                uuid: "u-1".into(),
            },
            "ResourceConflictException",
            "The event source arn (\" arn:aws:kinesis:us-east-1:000000000000:stream/s \") and function (\" f \") provided \
             mapping already exists. Please update or delete the existing mapping with UUID u-1",
        );
        check(
            Error::InUse { change: "delete" },
            "ResourceInUseException",
            "Cannot delete the event source mapping because it is in use.",
        );
        check(
            Error::StartingPositionMissing,
            "ValidationException",
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not \
             be null.",
        );
        let invalid = |error, message| check(error, "InvalidParameterValueException", message);
        invalid(Error::UnrecognizedSource, "Unrecognized event source.");
        invalid(Error::StreamNotFound("arn:x".into()), "Stream not found: arn:x");
        invalid(
            Error::StreamUnreadable("arn:x".into()),
            "Cannot access stream arn:x. Please ensure the role can perform the GetRecords, GetShardIterator, \
             DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.",
        );
        invalid(Error::FunctionNotFound, "Function does not exist");
        invalid(Error::TimestampMissing, "Need to specify a timestamp");
        invalid(
            Error::RecordAgeTooShort,
            "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)",
        );
        invalid(Error::FilterPattern, "Invalid filter pattern definition.");
        invalid(Error::DestinationMissing, "The Destination field is required for an OnFailure configuration.");
        invalid(Error::NotBuilt("ScalingConfig"), "Millrace does not support ScalingConfig for event source mappings.");
    }
}
