//! Times as a member: AWS's JSON writes seconds since the epoch with a fraction, its CBOR whole milliseconds.

use env::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::cbor::EPOCH_MILLIS;

/// A time that travels as a number of seconds, or of milliseconds in CBOR.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct EpochSeconds(pub Timestamp);

impl Serialize for EpochSeconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_f64(self.0.as_secs_f64())
        } else {
            serializer.serialize_newtype_struct(EPOCH_MILLIS, &self.0.as_millis())
        }
    }
}

impl<'de> Deserialize<'de> for EpochSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates; before 1970 is the epoch"
        )]
        let millis = (seconds * 1000.0).round() as u64;
        Ok(Self(Timestamp::from_millis(millis)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_with_three_places() {
        let at = EpochSeconds(Timestamp::from_millis(1_545_084_650_987));
        assert_eq!(serde_json::to_string(&at).unwrap(), "1545084650.987");
        assert_eq!(serde_json::from_str::<EpochSeconds>("1545084650.987").unwrap(), at);
        assert_eq!(serde_json::from_str::<EpochSeconds>("-5").unwrap().0, Timestamp::EPOCH);
        assert_eq!(serde_json::from_str::<EpochSeconds>("1e300").unwrap().0, Timestamp::MAX);
    }
}
