//! What can go wrong, and AWS's code and words for it.

use aws_wire::AwsError;

/// Why an action was refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// A request that asks for nothing.
    #[error("The request is missing an action or a required parameter.")]
    MissingAction,
    /// An action of EC2's that is not here, or that nobody has. AWS says the latter of both.
    #[error(
        "The action {0} is not valid for this web service. Millrace does not emulate it: of EC2 it has Availability Zones only."
    )]
    NotEmulated(String),
    /// Everything could be done.
    #[error("Request would have succeeded, but DryRun flag is set.")]
    DryRun,
    /// No zone of that name in the region.
    #[error("Invalid availability zone: [{0}]")]
    UnknownZone(String),
    /// No zone of that id in the region.
    #[error("Invalid availability zone-id: [{0}]")]
    UnknownZoneId(String),
    /// A filter that the action does not have.
    #[error("The filter '{0}' is invalid")]
    UnknownFilter(String),
    /// A region that AWS does not have, or of which nobody has written the zones down. Our words.
    #[error("Millrace knows no Availability Zones of the region {0}.")]
    UnknownRegion(String),
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::MissingAction => "MissingAction",
            Error::NotEmulated(_) => "InvalidAction",
            Error::DryRun => "DryRunOperation",
            Error::UnknownZone(_) | Error::UnknownZoneId(_) | Error::UnknownFilter(_) => "InvalidParameterValue",
            Error::UnknownRegion(_) => "AuthFailure",
        };
        Self::new(code, error.to_string())
    }
}
