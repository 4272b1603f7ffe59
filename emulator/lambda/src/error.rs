//! What can go wrong with functions and mappings, as facts, and the one table that gives them AWS's codes and words.

use aws_wire::AwsError;

use crate::name::FunctionArn;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No function, version or alias of that name.
    #[error("no function {0}")]
    FunctionNotFound(FunctionArn),
    /// The disk or the state file failed. The reason is for our log.
    #[error("{0}")]
    Storage(String),
}

impl From<state_store::Error> for Error {
    fn from(error: state_store::Error) -> Self {
        Self::Storage(error.to_string())
    }
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        match error {
            Error::FunctionNotFound(arn) => {
                Self::new("ResourceNotFoundException", format!("Function not found: {arn}"))
            }
            Error::Storage(reason) => {
                tracing::error!(reason, "the storage failed");
                Self::new("ServiceException", "An internal error occurred.")
            }
        }
    }
}
