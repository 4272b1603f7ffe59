//! How we know our own tokens again: an HMAC-SHA-256 (RFC 2104) under a secret of this installation.
//!
//! The secret is drawn once and stored, so tokens survive a restart. Invariant: what [`Secret::open`] returns was made by
//! [`Secret::close`] here; nobody else can make it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use env::Env;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use state_store::Store;

use crate::error::Result;

/// The length of the code at the end of what is sealed.
pub(crate) const CODE: usize = 32;
const BLOCK: usize = 64;

/// What our tokens are known by.
#[derive(Clone)]
pub(crate) struct Secret([u8; 32]);

/// The stored form.
#[derive(Serialize, Deserialize)]
struct StoredSecret {
    base64: String,
}

impl Secret {
    /// The secret of this installation.
    pub(crate) fn load(store: &Store, env: &Env) -> Result<Self> {
        let table = store.table::<StoredSecret>("kinesis.secrets");
        let stored = table.get("tokens")?.and_then(|stored| STANDARD.decode(stored.base64).ok());
        if let Some(secret) = stored.and_then(|bytes| bytes.try_into().ok()) {
            return Ok(Self(secret));
        }
        let secret = env.random.bytes();
        table.put("tokens", &StoredSecret { base64: STANDARD.encode(secret) })?;
        Ok(Self(secret))
    }

    /// The text form of `content` and its code.
    pub(crate) fn close(&self, mut content: Vec<u8>) -> String {
        let code = hmac_sha256(&self.0, &content);
        content.extend(code);
        STANDARD.encode(content)
    }

    /// The content of a text that [`Self::close`] made.
    pub(crate) fn open(&self, text: &str) -> Option<Vec<u8>> {
        let mut bytes = STANDARD.decode(text).ok()?;
        let (content, code) = bytes.split_last_chunk::<CODE>()?;
        let genuine = same(&hmac_sha256(&self.0, content), code);
        bytes.truncate(bytes.len() - CODE);
        genuine.then_some(bytes)
    }
}

/// Compares in a time that tells nothing about where the first difference is.
fn same(left: &[u8; CODE], right: &[u8; CODE]) -> bool {
    left.iter().zip(right).fold(0, |difference, (left, right)| difference | (left ^ right)) == 0
}

fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; CODE] {
    let pad = |with: u8| {
        let mut block = [with; BLOCK];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
impl Secret {
    pub(crate) fn of(byte: u8) -> Self {
        Self([byte; 32])
    }
}

#[cfg(test)]
mod tests {
    use env::Timestamp;

    use super::*;

    #[test]
    fn agrees_with_another_implementation() {
        // The code that Python's hmac module gives.
        let key: [u8; 32] = std::array::from_fn(|index| u8::try_from(index + 1).unwrap());
        let code = hmac_sha256(&key, &[0xcd; 50]);
        let hex: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "372efcf9b40b35c2115b1346903d2ef42fced46f0846e7257bb156d3d7b30d3f");
    }

    #[test]
    fn no_forgery_opens() {
        let secret = Secret::of(7);
        let text = secret.close(b"where to read on".to_vec());
        assert_eq!(secret.open(&text).as_deref(), Some(&b"where to read on"[..]));
        let bytes = STANDARD.decode(&text).unwrap();
        for index in 0..bytes.len() {
            let mut forged = bytes.clone();
            forged[index] ^= 1;
            assert_eq!(secret.open(&STANDARD.encode(&forged)), None, "byte {index}");
            assert_eq!(secret.open(&STANDARD.encode(&bytes[..index])), None, "cut at {index}");
        }
        for garbage in ["", "AAAA", "not base64", &Secret::of(8).close(b"x".to_vec())] {
            assert_eq!(secret.open(garbage), None, "{garbage}");
        }
    }

    #[test]
    fn the_secret_is_drawn_once() {
        let store = Store::in_memory();
        let load = |seed| Secret::load(&store, &Env::manual(Timestamp::EPOCH, seed)).unwrap().0;
        assert_eq!(load(1), load(2));
    }
}
