//! Keys as Kinesis, Lambda and S3 ask for them, out of KMS.

use aws_wire::World;
use kinesis::{GeneratedKey, KeyError, KeyErrorKind, Keys};
use kms::{EncryptionContext, Kms};

/// The keys of all worlds.
#[derive(Debug)]
pub(super) struct KmsKeys(pub(super) Kms);

impl Keys for KmsKeys {
    fn resolve(&self, world: &World, key_id: &str) -> Result<String, KeyError> {
        self.0.encryption_key(world, key_id).map_err(|error| said(&error))
    }

    fn generate(&self, world: &World, key_id: &str, stream_arn: &str) -> Result<GeneratedKey, KeyError> {
        let made = self.0.generate_data_key(world, key_id, &context(stream_arn)).map_err(|error| said(&error))?;
        Ok(GeneratedKey { key_arn: made.key_arn, secret: made.plaintext, encrypted: made.ciphertext })
    }

    fn decrypt(&self, world: &World, encrypted: &[u8], stream_arn: &str) -> Result<[u8; 32], KeyError> {
        let secret = self.0.decrypt(world, encrypted, &context(stream_arn)).map_err(|error| said(&error))?;
        let not_a_secret = |_| KeyError { kind: KeyErrorKind::Failed, message: "not a key of 256 bits".to_owned() };
        secret.try_into().map_err(not_a_secret)
    }
}

impl lambda::keys::Keys for KmsKeys {
    fn encrypt(
        &self,
        world: &World,
        key_arn: &str,
        mapping: &str,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, lambda::keys::KeyError> {
        self.0.seal(world, key_arn, plaintext, &mapping_context(mapping)).map_err(|error| told(&error))
    }

    fn decrypt(&self, world: &World, mapping: &str, ciphertext: &[u8]) -> Result<Vec<u8>, lambda::keys::KeyError> {
        self.0.decrypt(world, ciphertext, &mapping_context(mapping)).map_err(|error| told(&error))
    }
}

/// The context that Lambda encrypts filters in. Its name is ours.
fn mapping_context(mapping: &str) -> EncryptionContext {
    [("aws:lambda:EventSourceMappingArn".to_owned(), mapping.to_owned())].into()
}

/// KMS's code and words.
fn told(error: &kms::Error) -> lambda::keys::KeyError {
    lambda::keys::KeyError { code: error.code(), message: error.to_string() }
}

/// The context that Kinesis encrypts its data keys in.
fn context(stream_arn: &str) -> EncryptionContext {
    [("aws:kinesis:arn".to_owned(), stream_arn.to_owned())].into()
}

/// KMS's words under the kinds that Kinesis has.
fn said(error: &kms::Error) -> KeyError {
    let kind = match error {
        kms::Error::AliasNotFound { .. }
        | kms::Error::KeyNotFound { .. }
        | kms::Error::NameInvalid { .. }
        // Its key is gone.
        | kms::Error::CiphertextOfUnknownKey => KeyErrorKind::NotFound,
        kms::Error::Disabled { .. } => KeyErrorKind::Disabled,
        kms::Error::PendingDeletion { .. }
        // A key that makes no data keys.
        | kms::Error::UsageInvalid { .. }
        | kms::Error::DataKeyOfPair => KeyErrorKind::InvalidState,
        _ => KeyErrorKind::Failed,
    };
    KeyError { kind, message: error.to_string() }
}

impl s3::Keys for KmsKeys {
    fn generate(&self, world: &World, key_id: &str, context: &s3::Context) -> Result<s3::GeneratedKey, s3::KeyError> {
        let made = self.0.generate_data_key(world, key_id, context).map_err(|error| refused(&error))?;
        Ok(s3::GeneratedKey { key_arn: made.key_arn, secret: made.plaintext, encrypted: made.ciphertext })
    }

    fn decrypt(
        &self,
        world: &World,
        encrypted: &[u8],
        context: &s3::Context,
    ) -> Result<[u8; s3::SECRET], s3::KeyError> {
        let secret = self.0.decrypt(world, encrypted, context).map_err(|error| refused(&error))?;
        secret.try_into().map_err(|_| s3::KeyError { code: None, message: "not a key of 256 bits".to_owned() })
    }
}

/// KMS's words under its own codes.
fn refused(error: &kms::Error) -> s3::KeyError {
    let code = match error {
        kms::Error::Internal => None,
        // Its key is gone.
        kms::Error::CiphertextOfUnknownKey => Some("NotFoundException"),
        error => Some(error.code()),
    };
    s3::KeyError { code, message: error.to_string() }
}
