//! What encryption asks of a key service. The server wires it to whichever keeps the keys.

use std::fmt;

use aws_wire::World;

/// A key service, in our words.
pub trait Keys: Send + Sync + fmt::Debug {
    /// Whether `key_id` (a key id, a key ARN, an alias or an alias ARN) names a key that can encrypt in `world`.
    fn check(&self, world: &World, key_id: &str) -> Result<(), KeyError>;
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
}

impl KeyErrorKind {
    /// The code of this API for it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NotFound => "KMSNotFoundException",
            Self::Disabled => "KMSDisabledException",
            Self::InvalidState => "KMSInvalidStateException",
            Self::AccessDenied => "KMSAccessDeniedException",
        }
    }
}
