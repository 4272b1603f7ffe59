//! Sealing: what a batch is sealed with, and how a reader gets the key back.
//!
//! A log knows data keys and their wrapped forms, which it stores beside the frames and does not understand; who wraps and
//! unwraps them, and who may, is the business of the layer above, which a log reaches through [`Keyring`]. Invariant: no two
//! frames are sealed with the same key and nonce. A nonce is the number of the frame among those that its key has sealed, a
//! [`DataKey`] counts them itself and cannot be copied, and a key that was unwrapped again is an [`OpeningKey`], which seals
//! nothing. So a key seals only in the process that it was made in, whatever becomes of that process or of what it wrote.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use bytes::Bytes;

/// Bytes of the secret of a data key: AES-256.
pub const SECRET: usize = 32;
/// Bytes of the code that tells whether what was sealed is still the same.
pub(crate) const TAG: usize = 16;

/// A key to seal frames with, fresh from whoever makes keys, and its wrapped form.
pub struct DataKey {
    key: LessSafeKey,
    wrapped: Bytes,
    frames: AtomicU64,
    bytes: AtomicU64,
}

/// How much a key has sealed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct KeyUse {
    /// Frames.
    pub frames: u64,
    /// Bytes in them.
    pub bytes: u64,
}

impl DataKey {
    /// A key that has sealed nothing yet: `secret` was made for this one value and is used for no other. `wrapped` is what a
    /// [`Keyring`] makes an [`OpeningKey`] of.
    pub fn new(secret: &[u8; SECRET], wrapped: Bytes) -> Self {
        Self { key: cipher(secret), wrapped, frames: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    /// The wrapped form.
    pub const fn wrapped(&self) -> &Bytes {
        &self.wrapped
    }

    /// How much it has sealed, to decide when it is time for another.
    pub fn used(&self) -> KeyUse {
        KeyUse { frames: self.frames.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }

    /// The number of the next frame.
    pub(crate) fn next_nonce(&self) -> u64 {
        self.frames.fetch_add(1, Ordering::Relaxed)
    }

    /// Seals `content` in place, bound to `place`, and gives the code to store with it. `nonce` is from
    /// [`Self::next_nonce`] and for this call alone.
    pub(crate) fn seal(&self, nonce: u64, place: &[u8], content: &mut [u8]) -> [u8; TAG] {
        self.bytes.fetch_add(content.len() as u64, Ordering::Relaxed);
        let tag = self.key.seal_in_place_separate_tag(nonce_of(nonce), Aad::from(place), content);
        let tag = tag.expect("a frame is far shorter than what AES-GCM can seal");
        tag.as_ref().try_into().expect("a tag of AES-GCM has 16 bytes")
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("used", &self.used()).finish_non_exhaustive()
    }
}

/// A data key that opens what it once sealed. Clones are the same key.
#[derive(Clone)]
pub struct OpeningKey(Arc<LessSafeKey>);

impl OpeningKey {
    /// The key with this secret.
    pub fn new(secret: &[u8; SECRET]) -> Self {
        Self(Arc::new(cipher(secret)))
    }

    /// What was sealed; `None` if it, its place or its nonce is not what it was then.
    pub(crate) fn open(&self, nonce: u64, place: &[u8], sealed: &[u8], tag: &[u8; TAG]) -> Option<Bytes> {
        let mut content = vec![0; sealed.len()];
        let opened = self.0.open_separate_gather(nonce_of(nonce), Aad::from(place), sealed, tag, &mut content);
        opened.is_ok().then(|| content.into())
    }
}

impl fmt::Debug for OpeningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpeningKey")
    }
}

/// Who unwraps data keys.
pub trait Keyring: Send + Sync + fmt::Debug {
    /// The key behind `wrapped`. A log asks once for every page and key and remembers nothing, so a reader who may no longer
    /// read notices at once; whoever finds that too dear remembers for a while. It is asked on the reader's way: it answers
    /// from memory.
    fn unwrap(&self, wrapped: &Bytes) -> Result<OpeningKey, Locked>;
}

/// Why a data key cannot be unwrapped, now or ever, in the words of the layer above.
#[derive(Clone, Debug)]
pub struct Locked(pub Arc<dyn StdError + Send + Sync>);

/// The keyring of a store that was given none.
#[derive(Debug)]
pub(crate) struct NoKeyring;

#[derive(Debug, thiserror::Error)]
#[error("nobody here unwraps data keys")]
struct NobodyUnwraps;

impl Keyring for NoKeyring {
    fn unwrap(&self, _: &Bytes) -> Result<OpeningKey, Locked> {
        Err(Locked(Arc::new(NobodyUnwraps)))
    }
}

fn cipher(secret: &[u8; SECRET]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, secret).expect("AES-256 takes 32 bytes"))
}

fn nonce_of(number: u64) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[NONCE_LEN - 8..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let (key, opening) = (DataKey::new(&[7; 32], Bytes::new()), OpeningKey::new(&[7; 32]));
        let mut content = *b"the content";
        let nonce = key.next_nonce();
        let tag = key.seal(nonce, b"here", &mut content);
        assert_ne!(&content, b"the content");
        let open = |key: &OpeningKey, nonce, place| key.open(nonce, place, &content, &tag);
        assert_eq!(open(&opening, nonce, b"here").as_deref(), Some(&b"the content"[..]));
        assert_eq!(open(&opening, nonce, b"there"), None);
        assert_eq!(open(&opening, nonce + 1, b"here"), None);
        assert_eq!(open(&OpeningKey::new(&[8; 32]), nonce, b"here"), None);
    }

    #[test]
    fn agrees_with_the_published_vectors() {
        // Test case 14 of the GCM specification: a zero key, nonce and block.
        let key = DataKey::new(&[0; 32], Bytes::new());
        let mut block = [0; 16];
        let tag = key.seal(key.next_nonce(), b"", &mut block);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(&block), "cea7403d4d606b6e074ec5d3baf39d18");
        assert_eq!(hex(&tag), "d0d1c8a799996bf0265b98b5d48ab919");
    }

    #[test]
    fn no_nonce_is_used_twice() {
        let key = DataKey::new(&[0; 32], Bytes::new());
        assert_eq!([key.next_nonce(), key.next_nonce(), key.next_nonce()], [0, 1, 2]);
        key.seal(2, b"", &mut [0; 5]);
        assert_eq!(key.used(), KeyUse { frames: 3, bytes: 5 });
    }
}
