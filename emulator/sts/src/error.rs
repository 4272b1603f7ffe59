//! What can go wrong, and AWS's code and words for it.

use aws_wire::AwsError;

/// Why an action was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something that is not the ARN of a role.
    #[error("{arn} is invalid")]
    InvalidRoleArn {
        /// What was sent.
        arn: String,
    },
    /// A role that is not there or that the caller may not assume: AWS does not tell which.
    #[error("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}")]
    MayNotAssume {
        /// The ARN of the caller.
        caller: String,
        /// The role.
        arn: String,
    },
    /// A session longer than the role allows.
    #[error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")]
    TooLong,
    /// A session policy that is not JSON.
    #[error("Syntax errors in policy.")]
    MalformedPolicy,
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::InvalidRoleArn { .. } | Error::TooLong => "ValidationError",
            Error::MayNotAssume { .. } => "AccessDenied",
            Error::MalformedPolicy => "MalformedPolicyDocument",
        };
        Self::new(code, error.to_string())
    }
}
