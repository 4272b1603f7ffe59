//! Shard iterators: opaque tokens that say where to read on, good for five minutes.
//!
//! ```text
//! 00 00 00 00 00 00 00 01 | issued, ms (8) | stream uid (8) | offset (8) | shard (4) | name length (1) | name | zeros | code (32)
//! ```
//!
//! The first bytes and the lengths are AWS's; the code at the end is [`crate::seal`]'s, so nobody else can make one.
//! Invariant: a token names one stream for good, also after another one took its name.

use env::Timestamp;
use shard_log::Offset;

use crate::error::{Error, Result};
use crate::name::StreamName;
use crate::seal::{CODE, Secret};
use crate::shard::ShardIndex;
use crate::stream::StreamUid;

/// How long a token can be used.
const LIFETIME_MILLIS: u64 = 300_000;
const VERSION: [u8; 8] = 1_u64.to_be_bytes();
/// Issued, uid, offset, shard and the length of the name.
const FIXED: usize = 8 + 8 + 8 + 4 + 1;

/// A position in a shard, as a client holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ShardIterator {
    pub(crate) stream: StreamName,
    /// Which stream of that name.
    pub(crate) uid: StreamUid,
    pub(crate) shard: ShardIndex,
    /// Where to read on.
    pub(crate) position: Offset,
    pub(crate) issued: Timestamp,
}

impl ShardIterator {
    /// The token of this position.
    pub(crate) fn close(&self, secret: &Secret) -> String {
        let name = self.stream.as_str().as_bytes();
        // Whole cipher blocks in AWS's tokens, one more for every 16 characters of the name.
        let body = 144 + name.len() / 16 * 16;
        let mut token = Vec::with_capacity(VERSION.len() + body);
        token.extend(VERSION);
        token.extend(self.issued.as_millis().to_be_bytes());
        token.extend(self.uid.0.to_be_bytes());
        token.extend(self.position.0.to_be_bytes());
        token.extend(self.shard.0.to_be_bytes());
        token.push(u8::try_from(name.len()).expect("a stream's name has at most 128 characters"));
        token.extend(name);
        token.resize(VERSION.len() + body - CODE, 0);
        secret.close(token)
    }

    /// The position that a token stands for, if it is one of ours and still good at `now`.
    pub(crate) fn open(token: &str, secret: &Secret, now: Timestamp) -> Result<Self> {
        let iterator = secret.open(token).and_then(|content| Self::read(&content)).ok_or(Error::IteratorInvalid)?;
        let age = u64::try_from(now.since(iterator.issued).as_millis()).unwrap_or(u64::MAX);
        if age > LIFETIME_MILLIS {
            return Err(Error::IteratorExpired { issued: iterator.issued, now });
        }
        Ok(iterator)
    }

    fn read(content: &[u8]) -> Option<Self> {
        let (fixed, rest) = content.strip_prefix(&VERSION)?.split_first_chunk::<FIXED>()?;
        let word = |from: usize| fixed[from..from + 8].try_into().ok().map(u64::from_be_bytes);
        let name = std::str::from_utf8(rest.get(..usize::from(fixed[28]))?).ok()?;
        Some(Self {
            issued: Timestamp::from_millis(word(0)?),
            uid: StreamUid(word(8)?),
            position: Offset(word(16)?),
            shard: ShardIndex(u32::from_be_bytes(fixed[24..28].try_into().ok()?)),
            stream: StreamName::new(name)?,
        })
    }
}

/// AWS's sentence for a token past its time.
pub(crate) fn expired_message(issued: Timestamp, now: Timestamp) -> String {
    format!(
        "Iterator expired. The iterator was created at time {} while right now it is {} which is further in the future \
         than the tolerated delay of {LIFETIME_MILLIS} milliseconds.",
        java_date(issued),
        java_date(now),
    )
}

/// A time as Java prints a date: `Thu Jan 22 01:22:02 UTC 2015`.
fn java_date(time: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day, hour, minute, second, _) = time.civil();
    // The epoch was a Thursday; both indices are below the lengths by their definition.
    let weekday = DAYS[(time.as_secs() / 86_400 % 7) as usize];
    let month = MONTHS[(month as usize).saturating_sub(1) % 12];
    format!("{weekday} {month} {day:02} {hour:02}:{minute:02}:{second:02} UTC {year}")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_421_889_722_000);

    fn iterator(name: &str) -> ShardIterator {
        ShardIterator {
            stream: StreamName::new(name).unwrap(),
            uid: StreamUid(0xdead_beef),
            shard: ShardIndex(3),
            position: Offset(42),
            issued: NOW,
        }
    }

    #[test]
    fn opens_what_it_closed_until_five_minutes_are_over() {
        let token = iterator("orders").close(&Secret::of(7));
        let open =
            |millis| ShardIterator::open(&token, &Secret::of(7), Timestamp::from_millis(NOW.as_millis() + millis));
        assert_eq!(open(0).unwrap(), iterator("orders"));
        assert_eq!(open(300_000).unwrap(), iterator("orders"));
        assert_eq!(
            open(301_000).unwrap_err().to_string(),
            "Iterator expired. The iterator was created at time Thu Jan 22 01:22:02 UTC 2015 while right now it is Thu \
             Jan 22 01:27:03 UTC 2015 which is further in the future than the tolerated delay of 300000 milliseconds."
        );
    }

    #[test]
    fn looks_like_aws() {
        for (length, decoded) in [(1, 152), (15, 152), (16, 168), (127, 264), (128, 280)] {
            let token = iterator(&"n".repeat(length)).close(&Secret::of(7));
            assert_eq!(STANDARD.decode(&token).unwrap().len(), decoded, "{length}");
            assert!(token.starts_with("AAAAAAAAAA") && matches!(token.as_bytes()[10], b'E'..=b'H'), "{token}");
            let opened = ShardIterator::open(&token, &Secret::of(7), NOW).unwrap();
            assert_eq!(opened.stream.as_str().len(), length);
        }
    }

    #[test]
    fn sealed_content_of_another_kind_is_no_iterator() {
        for content in [&b""[..], b"{}", &VERSION, &[1; 200]] {
            let token = Secret::of(7).close(content.to_vec());
            let opened = ShardIterator::open(&token, &Secret::of(7), NOW);
            assert!(matches!(opened, Err(Error::IteratorInvalid)), "{content:?}");
        }
    }

    proptest! {
        /// Not even somebody who knows the secret can make a panic of an iterator.
        #[test]
        fn whatever_is_sealed_opens_or_does_not(content in vec(any::<u8>(), 0..300), text in "[A-Za-z0-9+/=]{0,600}") {
            let versioned = [&VERSION[..], &content].concat();
            for token in [Secret::of(7).close(content), Secret::of(7).close(versioned), text] {
                let _ = ShardIterator::open(&token, &Secret::of(7), NOW);
            }
        }
    }
}
