//! What can go wrong, and AWS's code for each.
//!
//! The messages are AWS's own, to the letter where they are known.

use aws_wire::AwsError;

use crate::document::Fault;

/// Why an action was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such role.
    #[error("The role with name {name} cannot be found.")]
    RoleNotFound {
        /// The name asked for.
        name: String,
    },
    /// The role has no such inline policy.
    #[error("The role policy with name {name} cannot be found.")]
    RolePolicyNotFound {
        /// The name asked for.
        name: String,
    },
    /// No such managed policy, or it is not attached to the role it should be detached from.
    #[error("Policy {arn} was not found.")]
    PolicyNotFound {
        /// The ARN asked for.
        arn: String,
    },
    /// No such managed policy to attach.
    #[error("Policy {arn} does not exist or is not attachable.")]
    PolicyNotAttachable {
        /// The ARN asked for.
        arn: String,
    },
    /// The policy has no such version.
    #[error("Policy {arn} version {version} does not exist or is not attachable.")]
    PolicyVersionNotFound {
        /// The policy.
        arn: String,
        /// The version asked for.
        version: String,
    },
    /// No such managed policy to be a boundary.
    #[error("Scope ARN: {arn} does not exist or is not attachable.")]
    BoundaryNotFound {
        /// The ARN asked for.
        arn: String,
    },
    /// Something that is not the ARN of a managed policy.
    #[error("ARN {arn} is not valid.")]
    InvalidPolicyArn {
        /// What was sent.
        arn: String,
    },
    /// A name with characters that names do not have.
    #[error(
        "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
    )]
    InvalidName {
        /// The member that holds it.
        member: &'static str,
    },
    /// A path that does not begin or end with a slash, or has spaces.
    #[error(
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."
    )]
    InvalidPath,
    /// A document with characters that documents do not have.
    #[error("The specified value for {member} is invalid. It must contain only printable ASCII characters.")]
    UnprintableDocument {
        /// The member that holds it.
        member: &'static str,
    },
    /// A document that is not a policy.
    #[error("{0}")]
    MalformedPolicy(#[from] Fault),
    /// A role of that name is there.
    #[error("Role with name {name} already exists.")]
    RoleExists {
        /// The name.
        name: String,
    },
    /// A managed policy of that name is there.
    #[error("A policy called {name} already exists. Duplicate names are not allowed.")]
    PolicyExists {
        /// The name.
        name: String,
    },
    /// A role that is deleted has managed policies.
    #[error("Cannot delete entity, must detach all policies first.")]
    PoliciesAttached,
    /// A role that is deleted has inline policies.
    #[error("Cannot delete entity, must delete policies first.")]
    InlinePoliciesLeft,
    /// A policy that is deleted is in use.
    #[error("Cannot delete a policy attached to entities.")]
    PolicyInUse,
    /// A policy that is deleted has more versions than its default.
    #[error(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy."
    )]
    VersionsLeft,
    /// The version that is deleted is the default.
    #[error("Cannot delete the default version of a policy.")]
    DefaultVersion,
    /// A quota that has a name.
    #[error("Cannot exceed quota for {quota}: {most}")]
    Quota {
        /// The name.
        quota: &'static str,
        /// The most it allows.
        most: usize,
    },
    /// A role's inline policies together are too long.
    #[error("Maximum policy size of {most} bytes exceeded for role {role}")]
    InlinePoliciesTooLong {
        /// The role.
        role: String,
        /// The most that is allowed.
        most: usize,
    },
    /// A sixth version.
    #[error(
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
    )]
    TooManyVersions,
    /// More tags than a resource may have.
    #[error("The number of tags has reached the maximum limit.")]
    TooManyTags,
    /// A tag key twice in one request.
    #[error("Duplicate tag keys found. Please note that Tag keys are case insensitive.")]
    DuplicateTagKeys,
    /// A tag key of AWS's own.
    #[error("Tag keys that begin with aws: are reserved for system use.")]
    ReservedTagKey,
    /// A change to a policy of AWS's own.
    #[error("User: arn:aws:iam::{account}:root is not authorized to perform: iam:{action} on resource: policy {arn}")]
    AwsOwned {
        /// The caller.
        account: String,
        /// What it wanted.
        action: &'static str,
        /// The policy.
        arn: String,
    },
    /// The state could not be read or written.
    #[error(transparent)]
    Store(#[from] state_store::Error),
}

impl From<Error> for AwsError {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::RoleNotFound { .. }
            | Error::RolePolicyNotFound { .. }
            | Error::PolicyNotFound { .. }
            | Error::PolicyNotAttachable { .. }
            | Error::PolicyVersionNotFound { .. }
            | Error::BoundaryNotFound { .. } => "NoSuchEntity",
            Error::InvalidPolicyArn { .. } | Error::DuplicateTagKeys | Error::ReservedTagKey => "InvalidInput",
            Error::InvalidName { .. } | Error::InvalidPath | Error::UnprintableDocument { .. } => "ValidationError",
            Error::MalformedPolicy(_) => "MalformedPolicyDocument",
            Error::RoleExists { .. } | Error::PolicyExists { .. } => "EntityAlreadyExists",
            Error::PoliciesAttached
            | Error::InlinePoliciesLeft
            | Error::PolicyInUse
            | Error::VersionsLeft
            | Error::DefaultVersion => "DeleteConflict",
            Error::Quota { .. } | Error::InlinePoliciesTooLong { .. } | Error::TooManyVersions | Error::TooManyTags => {
                "LimitExceeded"
            }
            Error::AwsOwned { .. } => "AccessDenied",
            Error::Store(error) => {
                tracing::error!(%error, "the state of iam cannot be read or written");
                return Self::new("ServiceFailure", "The request processing has failed because of an unknown error.");
            }
        };
        Self::new(code, error.to_string())
    }
}
