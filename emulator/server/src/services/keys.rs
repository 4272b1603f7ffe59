//! Keys as Kinesis asks for them, out of KMS.

use aws_wire::World;
use kinesis::{KeyError, KeyErrorKind, Keys};
use kms::Kms;

/// The keys of all worlds.
#[derive(Debug)]
pub(super) struct KmsKeys(pub(super) Kms);

impl Keys for KmsKeys {
    fn check(&self, world: &World, key_id: &str) -> Result<(), KeyError> {
        let found = self.0.find(world, key_id);
        found.map(drop).map_err(|error| KeyError { kind: KeyErrorKind::NotFound, message: error.to_string() })
    }
}
