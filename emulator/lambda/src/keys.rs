//! Keys of the owners of mappings, as this crate asks for them: filter criteria are kept under them.
//!
//! Who has the keys stands behind [`Keys`]. Invariant: what one key encrypted for one mapping opens for that mapping only.

use aws_wire::World;

/// Somebody who has keys. Calls are short, and may write to the disk.
pub trait Keys: Send + Sync + 'static {
    /// `plaintext` under the key that `key_arn` names in `world`, for the mapping of that ARN.
    fn encrypt(&self, world: &World, key_arn: &str, mapping: &str, plaintext: &[u8]) -> Result<Vec<u8>, KeyError>;

    /// What a key of `world` encrypted for the mapping of that ARN.
    fn decrypt(&self, world: &World, mapping: &str, ciphertext: &[u8]) -> Result<Vec<u8>, KeyError>;
}

/// Why a key could not be used, in the words of who has it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct KeyError {
    /// AWS's code for it: `DisabledException` and so on.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}
