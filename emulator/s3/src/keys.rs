//! What encryption asks of a key service. The server wires it to whichever keeps the keys.

use std::collections::BTreeMap;
use std::fmt;

use aws_wire::World;

use crate::sealing::SECRET;

/// What a secret is for, by name: whoever asks for it again must say the same.
pub type Context = BTreeMap<String, String>;

/// A key service, in our words.
pub trait Keys: Send + Sync + fmt::Debug {
    /// A fresh secret, which nobody else is given, encrypted under the key that `key_id` (a key id, a key ARN, an alias or an
    /// alias ARN) names in `world`.
    fn generate(&self, world: &World, key_id: &str, context: &Context) -> Result<GeneratedKey, KeyError>;

    /// The secret that was generated for the same context.
    fn decrypt(&self, world: &World, encrypted: &[u8], context: &Context) -> Result<[u8; SECRET], KeyError>;
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

/// Why a key cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct KeyError {
    /// The key service's code for it, such as `NotFoundException`; `None` if it failed itself.
    pub code: Option<&'static str>,
    /// What it says.
    pub message: String,
}
