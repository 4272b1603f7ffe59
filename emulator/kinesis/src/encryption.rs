//! Encryption of streams: the data key that records are sealed with now, and how readers get back those of before.
//!
//! Left to others: sealing (shard-log), keys and who may use them ([`Keys`]). Nothing is remembered about a key's state, so
//! one that is disabled or deleted stops puts and gets with the next call, where AWS takes up to five minutes. Invariant: a
//! data key is for one stream and one process; it is replaced when it gets old, when it has sealed much, and when the stream's
//! key is another one than it was made under.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_wire::{Arn, World};
use bytes::Bytes;
use env::Timestamp;
use shard_log::{DataKey, Keyring, Locked, OpeningKey};

use crate::error::Result;
use crate::keys::{GeneratedKey, Keys};

/// How long a data key is in use: AWS's are cached for five minutes too.
const LIFETIME: Duration = Duration::from_secs(300);
/// How much a data key seals. AES-GCM would bear more.
const MOST_FRAMES: u64 = 1 << 24;
const MOST_BYTES: u64 = 64 << 30;
/// The form of a wrapped key, its first byte.
const VERSION: u8 = 1;

/// The data key of a stream.
#[derive(Debug, Default)]
pub(crate) struct Sealing(Mutex<Option<Current>>);

#[derive(Debug)]
struct Current {
    data_key: Arc<DataKey>,
    /// The key that it was made under.
    key_arn: String,
    made: Timestamp,
}

impl Current {
    fn is_good(&self, key_arn: &str, now: Timestamp) -> bool {
        let used = self.data_key.used();
        self.key_arn == key_arn
            && now.since(self.made) < LIFETIME
            && used.frames < MOST_FRAMES
            && used.bytes < MOST_BYTES
    }
}

impl Sealing {
    /// What to seal records of the stream `stream_arn` with, which is encrypted under what `key_id` means now.
    pub(crate) fn data_key(
        &self,
        keys: &dyn Keys,
        world: &World,
        stream_arn: &str,
        key_id: &str,
        now: Timestamp,
    ) -> Result<Arc<DataKey>> {
        let key_arn = keys.resolve(world, key_id)?;
        // A panic while a key is made leaves the one before.
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = &*current
            && current.is_good(&key_arn, now)
        {
            return Ok(Arc::clone(&current.data_key));
        }
        let GeneratedKey { key_arn, secret, encrypted } = keys.generate(world, key_id, stream_arn)?;
        let data_key = Arc::new(DataKey::new(&secret, wrap(stream_arn, &encrypted)));
        *current = Some(Current { data_key: Arc::clone(&data_key), key_arn, made: now });
        Ok(data_key)
    }
}

/// The data keys of all streams, as the log asks for them. Give it to the log store that this service runs on.
#[derive(Debug)]
pub struct StreamKeyring(Arc<dyn Keys>);

impl StreamKeyring {
    /// Unwraps with these keys.
    pub fn new(keys: Arc<dyn Keys>) -> Self {
        Self(keys)
    }
}

impl Keyring for StreamKeyring {
    fn unwrap(&self, wrapped: &Bytes) -> Result<OpeningKey, Locked> {
        let (stream_arn, encrypted) = unwrap(wrapped).ok_or_else(|| Locked(Arc::new(UnknownForm)))?;
        let world = Arn::parse(stream_arn).ok_or_else(|| Locked(Arc::new(UnknownForm)))?.world();
        let secret = self.0.decrypt(&world, encrypted, stream_arn).map_err(|error| Locked(Arc::new(error)))?;
        Ok(OpeningKey::new(&secret))
    }
}

/// A wrapped key that this version does not understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a data key is stored in a form that this version does not know")]
struct UnknownForm;

/// The wrapped form: persisted, see `docs/disk-format.md`.
fn wrap(stream_arn: &str, encrypted: &[u8]) -> Bytes {
    let mut wrapped = Vec::with_capacity(3 + stream_arn.len() + encrypted.len());
    wrapped.push(VERSION);
    let length = u16::try_from(stream_arn.len()).expect("an ARN is as long as a name, and some");
    wrapped.extend_from_slice(&length.to_le_bytes());
    wrapped.extend_from_slice(stream_arn.as_bytes());
    wrapped.extend_from_slice(encrypted);
    wrapped.into()
}

/// The ARN of the stream, and what the key service made of the key.
fn unwrap(wrapped: &[u8]) -> Option<(&str, &[u8])> {
    let rest = wrapped.strip_prefix(&[VERSION])?;
    let (length, rest) = rest.split_first_chunk()?;
    let (stream_arn, encrypted) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
    Some((std::str::from_utf8(stream_arn).ok()?, encrypted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::{REGION, START, TestKeys};

    #[test]
    fn wrapped_keys_say_which_stream_they_are_for() {
        let wrapped = wrap("arn", b"secret");
        assert_eq!(unwrap(&wrapped), Some(("arn", &b"secret"[..])));
        for garbage in [&b""[..], b"\x02\x00\x00", b"\x01\x00", b"\x01\x09\x00arn"] {
            assert_eq!(unwrap(garbage), None);
        }
    }

    #[test]
    fn a_data_key_is_replaced_with_age_and_with_its_key() {
        let keys = TestKeys::default();
        let world = World::new("000000000000", REGION);
        let sealing = Sealing::default();
        let key_at = |key_id: &str, seconds| {
            sealing.data_key(&keys, &world, "arn", key_id, START + Duration::from_secs(seconds)).unwrap()
        };
        let first = key_at("alias/aws/kinesis", 0);
        assert!(Arc::ptr_eq(&first, &key_at("alias/aws/kinesis", 299)));
        let second = key_at("alias/aws/kinesis", 300);
        assert_ne!(first.wrapped(), second.wrapped());
        let third = key_at("alias/other", 300);
        assert_ne!(second.wrapped(), third.wrapped());
        keys.disable(true);
        assert!(sealing.data_key(&keys, &world, "arn", "alias/other", START).is_err());
    }
}
