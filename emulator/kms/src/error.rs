//! Why a text names no key, in KMS's words. All of them are KMS's `NotFoundException`.

/// The result of looking for a key.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is not there.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// No alias of that name.
    #[error("Alias {arn} is not found.")]
    AliasNotFound {
        /// The ARN it would have.
        arn: String,
    },
    /// No key of that id.
    #[error("Key '{arn}' does not exist")]
    KeyNotFound {
        /// The ARN it would have.
        arn: String,
    },
    /// A text that can name no key.
    #[error("Invalid keyId '{0}'")]
    InvalidKeyId(String),
}
