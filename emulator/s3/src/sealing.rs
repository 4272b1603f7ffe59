//! Sealing the bytes of objects that KMS has a part in: in chunks, so that a stretch can be read without the rest.
//!
//! A sealed file begins with chance, which makes the nonces of its chunks its own among all files of the same secret; each chunk
//! follows with its tag. Invariant: what is opened was sealed with the same secret, at the same place of a file as long as this.

use std::io;
use std::ops::Range;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};

use crate::keys::Context;

/// Bytes of a secret.
pub const SECRET: usize = 32;
/// Bytes that a sealed file begins with.
pub(crate) const HEAD: usize = 8;
/// Bytes that are sealed at a time.
const CHUNK: u64 = 64 * 1024;
/// Bytes that sealing adds to a chunk.
const TAG: u64 = 16;

/// How an object is sealed. Persisted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Seal {
    /// As the header says it: `aws:kms` or `aws:kms:dsse`.
    pub(crate) algorithm: String,
    /// The ARN of the key that the secret is encrypted under.
    pub(crate) key_arn: String,
    /// The encrypted secret, in Base64.
    pub(crate) encrypted: String,
    /// Whether the secret is the bucket's own, as its context then says.
    pub(crate) bucket_key: bool,
    pub(crate) context: Context,
}

/// What seals and opens.
pub(crate) struct Secret(LessSafeKey);

impl Secret {
    pub(crate) fn new(secret: &[u8; SECRET]) -> Self {
        Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, secret).expect("a secret is as long as a key")))
    }

    /// The content of a sealed file.
    pub(crate) fn seal(&self, head: [u8; HEAD], plain: &[u8]) -> io::Result<Vec<u8>> {
        let mut sealed = head.to_vec();
        let length = plain.len() as u64;
        let chunk = usize::try_from(CHUNK).map_err(io::Error::other)?;
        for (number, plain) in plain.chunks(chunk).enumerate() {
            let mut chunk = plain.to_vec();
            let nonce = nonce(head, number as u64)?;
            let sealing = self.0.seal_in_place_append_tag(nonce, Aad::from(length.to_le_bytes()), &mut chunk);
            sealing.map_err(|_| io::Error::other("a chunk could not be sealed"))?;
            sealed.extend(chunk);
        }
        Ok(sealed)
    }

    /// The bytes of whole chunks, `first` being the number of the first of them, out of a file of `length` bytes.
    pub(crate) fn open(&self, head: [u8; HEAD], first: u64, sealed: &mut [u8], length: u64) -> io::Result<Vec<u8>> {
        let chunk = usize::try_from(CHUNK + TAG).map_err(io::Error::other)?;
        let mut plain = Vec::new();
        for (number, sealed) in (first..).zip(sealed.chunks_mut(chunk)) {
            let opened = self.0.open_in_place(nonce(head, number)?, Aad::from(length.to_le_bytes()), sealed);
            let opened = opened.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a sealed chunk is damaged"))?;
            plain.extend_from_slice(opened);
        }
        Ok(plain)
    }
}

/// Where in a sealed file the chunks lie that hold a stretch, which number the first of them has, and how many bytes of it come
/// before the stretch.
pub(crate) fn chunks(from: u64, stretch: u64, length: u64) -> (Range<u64>, u64, u64) {
    let first = from / CHUNK;
    let end = (from + stretch).div_ceil(CHUNK);
    let sealed = |chunks: u64| HEAD as u64 + (chunks * CHUNK).min(length) + chunks * TAG;
    (sealed(first)..sealed(end), first, from - first * CHUNK)
}

fn nonce(head: [u8; HEAD], chunk: u64) -> io::Result<Nonce> {
    let chunk = u32::try_from(chunk).map_err(io::Error::other)?;
    let mut nonce = [0; 12];
    nonce[..HEAD].copy_from_slice(&head);
    nonce[HEAD..].copy_from_slice(&chunk.to_le_bytes());
    Ok(Nonce::assume_unique_for_key(nonce))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(length: usize, from: u64, stretch: u64) {
        let plain: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let (secret, head) = (Secret::new(&[7; SECRET]), [1; HEAD]);
        let sealed = secret.seal(head, &plain).unwrap();
        let (at, first, skip) = chunks(from, stretch, length as u64);
        let mut part = sealed[at.start as usize..at.end as usize].to_vec();
        let opened = secret.open(head, first, &mut part, length as u64).unwrap();
        let wanted = &plain[from as usize..(from + stretch) as usize];
        assert_eq!(&opened[skip as usize..][..stretch as usize], wanted, "{length} {from} {stretch}");
    }

    #[test]
    fn any_stretch_can_be_opened() {
        let chunk = CHUNK as usize;
        for length in [1, chunk - 1, chunk, chunk + 1, 3 * chunk + 5] {
            check(length, 0, length as u64);
            check(length, length as u64 - 1, 1);
            check(length, length as u64 / 2, (length as u64).div_ceil(3));
        }
        check(3 * chunk, CHUNK, CHUNK);
        check(3 * chunk, CHUNK - 1, 2);
    }

    #[test]
    fn what_was_changed_is_not_opened() {
        let (secret, head) = (Secret::new(&[7; SECRET]), [1; HEAD]);
        let sealed = secret.seal(head, b"hello").unwrap();
        let open = |secret: &Secret, head, first, length, flip: usize| {
            let mut body = sealed[HEAD..].to_vec();
            body[flip] ^= u8::from(flip > 0);
            secret.open(head, first, &mut body, length).map_err(|error| error.kind())
        };
        assert_eq!(open(&secret, head, 0, 5, 0).unwrap(), b"hello");
        for other in [
            open(&Secret::new(&[8; SECRET]), head, 0, 5, 0),
            open(&secret, [2; HEAD], 0, 5, 0),
            open(&secret, head, 1, 5, 0),
            open(&secret, head, 0, 6, 0),
            open(&secret, head, 0, 5, 3),
        ] {
            assert_eq!(other, Err(io::ErrorKind::InvalidData));
        }
    }
}
