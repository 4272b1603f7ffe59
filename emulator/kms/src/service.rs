//! The service as one value: what it is reached by, and what actions and other services look up again and again.
//!
//! Invariant: a key encrypts and decrypts only while it is enabled, whoever asks.

use std::fmt;
use std::sync::Arc;

use aws_wire::{Actions, Call, Endpoint, Reply, Service, World, json11};
use bytes::Bytes;
use env::{Env, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Request;
use state_store::Store;

use crate::action;
use crate::ciphertext::{self, Ciphertext, EncryptionContext};
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::key::{Key, Manager, Occasion};
use crate::name::{KeyName, Named};

/// What the targets of this service's actions begin with.
const TARGET_PREFIX: &str = "TrentService";
/// What other services ask of keys.
const DATA_KEY: &str = "GenerateDataKey";

/// The keys of all worlds. Cheap to clone.
#[derive(Clone)]
pub struct Kms(Arc<Parts>);

struct Parts {
    env: Env,
    directory: Directory,
    actions: Actions<Kms>,
}

impl fmt::Debug for Kms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kms").field("actions", &self.0.actions).finish_non_exhaustive()
    }
}

/// A fresh secret, and what the key it was asked for made of it.
pub struct DataKey {
    /// The ARN of that key.
    pub key_arn: String,
    /// The secret.
    pub plaintext: [u8; 32],
    /// What gives the secret back.
    pub ciphertext: Vec<u8>,
}

impl Kms {
    /// Opens what `store` holds.
    pub fn open(env: Env, store: &Store) -> Result<Self, state_store::Error> {
        let directory = Directory::open(&env, store)?;
        Ok(Self(Arc::new(Parts { env, directory, actions: action::registry() })))
    }

    /// The ARN of the key that `name` means (a key id, a key ARN, an alias or an alias ARN), if it can encrypt now.
    pub fn encryption_key(&self, world: &World, name: &str) -> Result<String> {
        let key = self.find(world, name)?;
        key.check_enabled()?;
        check_makes_data_keys(&key, DATA_KEY).map(|()| key.arn())
    }

    /// A fresh secret of 256 bits, encrypted under the key that `name` means.
    pub fn generate_data_key(&self, world: &World, name: &str, context: &EncryptionContext) -> Result<DataKey> {
        let plaintext = self.0.env.random.bytes();
        let (key, ciphertext) = self.encrypt_data_key(world, DATA_KEY, name, &plaintext, context)?;
        Ok(DataKey { key_arn: key.arn(), plaintext, ciphertext })
    }

    /// What the key that `name` means makes of `plaintext`, which may be longer than the API takes: a service of AWS's would
    /// put a data key between.
    pub fn seal(&self, world: &World, name: &str, plaintext: &[u8], context: &EncryptionContext) -> Result<Vec<u8>> {
        self.encrypt_data_key(world, DATA_KEY, name, plaintext, context).map(|(_, ciphertext)| ciphertext)
    }

    /// The plaintext of what a key of `world` encrypted.
    pub fn decrypt(&self, world: &World, ciphertext: &[u8], context: &EncryptionContext) -> Result<Vec<u8>> {
        let ciphertext = Ciphertext::parse(ciphertext).ok_or(Error::CiphertextInvalid)?;
        let key = self.key_of(world, &ciphertext)?;
        ciphertext.decrypt(&key, context).map(|(plaintext, _)| plaintext)
    }

    /// The key that made `ciphertext`, if it can decrypt now.
    pub(crate) fn key_of(&self, world: &World, ciphertext: &Ciphertext<'_>) -> Result<Arc<Key>> {
        let key = self.0.directory.key(world, &ciphertext.key_id()).ok_or(Error::CiphertextOfUnknownKey)?;
        key.check_enabled().map(|()| key)
    }

    /// Encrypts a data key under the key that `name` means, for `action`.
    pub(crate) fn encrypt_data_key(
        &self,
        world: &World,
        action: &'static str,
        name: &str,
        plaintext: &[u8],
        context: &EncryptionContext,
    ) -> Result<(Arc<Key>, Vec<u8>)> {
        let key = self.find(world, name)?;
        key.check_enabled()?;
        check_makes_data_keys(&key, action)?;
        self.encrypt_under(key, plaintext, context)
    }

    /// Encrypts under the key that `name` means, for `action` and with `algorithm`, if it is said which.
    pub(crate) fn encrypt(
        &self,
        world: &World,
        action: &'static str,
        name: &str,
        algorithm: Option<&str>,
        plaintext: &[u8],
        context: &EncryptionContext,
    ) -> Result<(Arc<Key>, Vec<u8>)> {
        let key = self.find(world, name)?;
        key.check_enabled()?;
        key.check_encrypts(action, algorithm)?;
        self.encrypt_under(key, plaintext, context)
    }

    /// Encrypts under a key that can, and that is rotated first if that is due.
    fn encrypt_under(
        &self,
        mut key: Arc<Key>,
        plaintext: &[u8],
        context: &EncryptionContext,
    ) -> Result<(Arc<Key>, Vec<u8>)> {
        if key.is_rotation_due(self.now()) {
            key = self.rotate_if_due(&key)?;
        }
        let ciphertext = ciphertext::encrypt(&key, plaintext, context, self.random())?;
        Ok((key, ciphertext))
    }

    fn rotate_if_due(&self, key: &Key) -> Result<Arc<Key>> {
        let writing = self.0.directory.write();
        let (world, now) = (key.world(), self.now());
        let key = self.0.directory.key(&world, &key.id).ok_or_else(|| Error::KeyNotFound { arn: key.arn() })?;
        if !key.is_rotation_due(now) {
            return Ok(key);
        }
        let mut rotated = Key::clone(&key);
        rotated.rotate(Occasion::Automatic, now, self.random());
        writing.put_key(rotated)
    }

    /// The key that `name` means in `world`.
    pub(crate) fn find(&self, world: &World, name: &str) -> Result<Arc<Key>> {
        let parsed = KeyName::parse(name, world).ok_or_else(|| Error::NameInvalid { name: name.to_owned() })?;
        let arn = parsed.arn();
        // A key of another world would need a policy that shares it, and there are none.
        let here = parsed.world == *world;
        if here {
            self.0.directory.enter(world)?;
        }
        let directory = &self.0.directory;
        match &parsed.named {
            Named::Alias(alias) => {
                let target = directory.alias(world, alias).filter(|_| here);
                target.and_then(|alias| directory.key(world, &alias.target)).ok_or(Error::AliasNotFound { arn })
            }
            Named::Id(id) => directory.key(world, id).filter(|_| here).ok_or(Error::KeyNotFound { arn }),
        }
    }

    /// Changes the key that `name` means, for `action`. The keys that AWS manages nobody changes.
    pub(crate) fn change(
        &self,
        call: &Call,
        action: &'static str,
        name: &str,
        change: impl FnOnce(&mut Key, Timestamp) -> Result<()>,
    ) -> Result<Arc<Key>> {
        let world = &call.world;
        self.0.directory.enter(world)?;
        let writing = self.0.directory.write();
        let mut key = Key::clone(&*self.find(world, name)?);
        if key.manager == Manager::Aws {
            return Err(Error::managed(world, action, key.arn()));
        }
        change(&mut key, self.now())?;
        writing.put_key(key)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.env.clock.now()
    }

    pub(crate) fn random(&self) -> &env::Random {
        &self.0.env.random
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.0.directory
    }
}

/// Fails unless data keys can be made under a key, as `action` asks.
fn check_makes_data_keys(key: &Key, action: &'static str) -> Result<()> {
    if key.spec.is_asymmetric() {
        return Err(Error::DataKeyOfPair);
    }
    key.check_encrypts(action, None)
}

impl Service for Kms {
    type Error = Error;
}

impl Endpoint for Kms {
    fn serve(&self, call: Call, request: Request<Bytes>) -> BoxFuture<'_, Reply> {
        async move { json11::serve(&self.0.actions, self, TARGET_PREFIX, &call, request).await }.boxed()
    }
}
