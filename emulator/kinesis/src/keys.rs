//! What encryption asks of a key service. The server wires it to whichever keeps the keys.

use std::fmt;

use aws_wire::World;
use shard_log::SECRET;

/// A key service, in our words.
pub trait Keys: Send + Sync + fmt::Debug {
    /// The ARN of the key that `key_id` (a key id, a key ARN, an alias or an alias ARN) names in `world`, if it can encrypt now.
    /// Asked with every put into an encrypted stream, so it answers from memory.
    fn resolve(&self, world: &World, key_id: &str) -> Result<String, KeyError>;

    /// A fresh secret for the stream `stream_arn`, which nobody else is given.
    fn generate(&self, world: &World, key_id: &str, stream_arn: &str) -> Result<GeneratedKey, KeyError>;

    /// The secret of a key generated for the stream `stream_arn`. Asked with every get of encrypted records.
    fn decrypt(&self, world: &World, encrypted: &[u8], stream_arn: &str) -> Result<[u8; SECRET], KeyError>;
}

/// A fresh secret.
pub struct GeneratedKey {
    /// The ARN of the key that it is encrypted under.
    pub key_arn: String,
    /// The secret itself.
    pub secret: [u8; SECRET],
    /// The secret in a form that only the key service can read.
    pub encrypted: Vec<u8>,
}

/// Why a key cannot be used, in the key service's own words.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct KeyError {
    /// What kind of failure it is.
    pub kind: KeyErrorKind,
    /// What the key service says.
    pub message: String,
}

/// The failures of a key service that this API passes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyErrorKind {
    /// There is no such key or alias.
    NotFound,
    /// The key is disabled.
    Disabled,
    /// The key is being deleted or not yet usable.
    InvalidState,
    /// The caller may not use it.
    AccessDenied,
    /// It failed itself, or was given something that it never made.
    Failed,
}

impl KeyErrorKind {
    /// The code of this API for it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NotFound => "KMSNotFoundException",
            Self::Disabled => "KMSDisabledException",
            Self::InvalidState => "KMSInvalidStateException",
            Self::AccessDenied => "KMSAccessDeniedException",
            Self::Failed => "InternalFailure",
        }
    }
}
