//! What a key makes of a plaintext: bytes that say which key and version made them, and that open only with those and in the
//! same encryption context.
//!
//! Persisted by whoever gets one: one byte of version, 1, or 2 if the key is one of several regions; the key's id (16); the version of its material (4, the highest byte
//! first); a random nonce (12); the ciphertext of AES-256-GCM and its tag (16). Everything before the nonce and the
//! context are its associated data.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use env::Random;

use crate::error::{Error, Result};
use crate::key::{Key, MULTI_REGION, Material};

/// Names and values that are not secret and without which nothing can be decrypted again.
pub type EncryptionContext = BTreeMap<String, String>;

const VERSION: u8 = 1;
/// The same, of a key whose id is no UUID.
const MULTI_REGION_VERSION: u8 = 2;
const HEAD: usize = 1 + 16 + 4;

/// A ciphertext taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ciphertext<'a> {
    head: &'a [u8; HEAD],
    nonce: [u8; NONCE_LEN],
    sealed: &'a [u8],
}

impl<'a> Ciphertext<'a> {
    /// Takes `bytes` apart if they can be a ciphertext.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk()?;
        let (nonce, sealed) = rest.split_first_chunk()?;
        matches!(head[0], VERSION | MULTI_REGION_VERSION).then_some(Self { head, nonce: *nonce, sealed })
    }

    /// The id of the key that made it.
    pub(crate) fn key_id(&self) -> String {
        let hex: String = self.head[1..17].iter().map(|byte| format!("{byte:02x}")).collect();
        if self.head[0] == MULTI_REGION_VERSION {
            return format!("{MULTI_REGION}{hex}");
        }
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    fn version(&self) -> u32 {
        let (_, version) = self.head.split_last_chunk().expect("the head is longer than a version");
        u32::from_be_bytes(*version)
    }

    /// The plaintext and the material it was encrypted with, under `key`, which is the one it names.
    pub(crate) fn decrypt<'k>(&self, key: &'k Key, context: &EncryptionContext) -> Result<(Vec<u8>, &'k Material)> {
        let material = key.material(self.version()).ok_or(Error::CiphertextInvalid)?;
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let mut content = self.sealed.to_vec();
        let opened = cipher(key, material)?.open_in_place(nonce, Aad::from(bound(self.head, context)), &mut content);
        let length = opened.map_err(|_| Error::CiphertextInvalid)?.len();
        content.truncate(length);
        Ok((content, material))
    }
}

/// Encrypts `plaintext` under the newest material of `key`.
pub(crate) fn encrypt(key: &Key, plaintext: &[u8], context: &EncryptionContext, random: &Random) -> Result<Vec<u8>> {
    let (version, material) = key.current().ok_or(Error::Internal)?;
    let mut ciphertext = Vec::with_capacity(HEAD + NONCE_LEN + plaintext.len() + AES_256_GCM.tag_len());
    ciphertext.push(if key.is_multi_region() { MULTI_REGION_VERSION } else { VERSION });
    ciphertext.extend(id_bytes(&key.id).ok_or(Error::Internal)?);
    ciphertext.extend(version.to_be_bytes());
    let bound = bound(&ciphertext, context);
    // At random: a version encrypts far fewer than the 2^32 plaintexts up to which that is safe.
    let nonce: [u8; NONCE_LEN] = random.bytes();
    ciphertext.extend(nonce);
    let mut content = plaintext.to_vec();
    let sealed = cipher(key, material)?.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(bound),
        &mut content,
    );
    sealed.map_err(|_| Error::Internal)?;
    ciphertext.extend(content);
    Ok(ciphertext)
}

fn cipher(key: &Key, material: &Material) -> Result<LessSafeKey> {
    let secret = material.secret().ok_or_else(|| {
        tracing::error!(key = key.id, "the stored material of a key is no secret of 256 bits");
        Error::Internal
    })?;
    UnboundKey::new(&AES_256_GCM, &secret).map(LessSafeKey::new).map_err(|_| Error::Internal)
}

/// What a ciphertext is bound to; lengths keep one context from reading like another.
fn bound(head: &[u8], context: &EncryptionContext) -> Vec<u8> {
    let mut bound = head.to_vec();
    for part in context.iter().flat_map(|(name, value)| [name, value]) {
        bound.extend((part.len() as u64).to_be_bytes());
        bound.extend(part.as_bytes());
    }
    bound
}

/// The 16 bytes of a UUID, or of the id of a key of several regions.
fn id_bytes(id: &str) -> Option<[u8; 16]> {
    let id = id.strip_prefix(MULTI_REGION).unwrap_or(id);
    let hex: String = id.chars().filter(|char| *char != '-').collect();
    (hex.len() == 32).then(|| u128::from_str_radix(&hex, 16).ok().map(u128::to_be_bytes)).flatten()
}

#[cfg(test)]
mod tests {
    use aws_wire::World;
    use env::Timestamp;

    use super::*;
    use crate::key::{Manager, Occasion};

    fn context(value: &str) -> EncryptionContext {
        [("name".to_owned(), value.to_owned())].into()
    }

    #[test]
    fn opens_under_its_key_and_context_only() {
        let random = Random::seeded(1);
        let world = World::new("000000000000", "us-east-1");
        let key = || Key::new(&world, random.uuid(), Manager::Customer, Timestamp::EPOCH, &random);
        let (mut key, other) = (key(), key());
        let blob = encrypt(&key, b"plaintext", &context("a"), &random).unwrap();
        assert!(!blob.windows(9).any(|window| window == b"plaintext"));
        assert_ne!(blob, encrypt(&key, b"plaintext", &context("a"), &random).unwrap());
        key.rotate(Occasion::OnDemand, Timestamp::EPOCH, &random);
        let parsed = Ciphertext::parse(&blob).unwrap();
        assert_eq!(parsed.key_id(), key.id);
        assert_eq!(parsed.decrypt(&key, &context("a")).unwrap().0, b"plaintext");
        assert!(parsed.decrypt(&key, &context("b")).is_err());
        assert!(parsed.decrypt(&key, &EncryptionContext::new()).is_err());
        assert!(parsed.decrypt(&other, &context("a")).is_err());
        for at in 0..blob.len() {
            let mut forged = blob.clone();
            forged[at] ^= 1;
            let opened = Ciphertext::parse(&forged).map(|forged| forged.decrypt(&key, &context("a")));
            assert!(!matches!(opened, Some(Ok(_))), "byte {at}");
            assert!(!matches!(Ciphertext::parse(&blob[..at]).map(|cut| cut.decrypt(&key, &context("a"))), Some(Ok(_))));
        }
    }
}
