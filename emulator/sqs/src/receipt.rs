//! The handle of one delivery: which message it was and which delivery of it. It needs no memory, so one from before a
//! restart is as good as any.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, Result};

/// The length of a queue's id in bytes.
pub(crate) const QUEUE_ID: usize = 8;
/// The first byte of every handle: the version of its form.
const VERSION: u8 = 1;

/// A delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Receipt {
    pub(crate) queue: [u8; QUEUE_ID],
    pub(crate) sequence: u64,
    pub(crate) receives: u32,
}

impl Receipt {
    /// As clients carry it.
    pub(crate) fn handle(&self) -> String {
        let bytes = [&[VERSION][..], &self.queue, &self.sequence.to_be_bytes(), &self.receives.to_be_bytes()].concat();
        STANDARD.encode(bytes)
    }

    /// The delivery that a handle is of.
    pub(crate) fn parse(handle: &str) -> Result<Self> {
        let parsed = || {
            let bytes = STANDARD.decode(handle).ok()?;
            let (version, rest) = bytes.split_first()?;
            let (queue, rest) = rest.split_first_chunk::<QUEUE_ID>()?;
            let (sequence, rest) = rest.split_first_chunk()?;
            let receives = u32::from_be_bytes(rest.try_into().ok()?);
            (*version == VERSION).then_some(Self { queue: *queue, sequence: u64::from_be_bytes(*sequence), receives })
        };
        parsed().ok_or_else(|| Error::ReceiptInvalid { handle: handle.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let receipt = Receipt { queue: *b"12345678", sequence: u64::MAX - 1, receives: 3 };
        assert_eq!(Receipt::parse(&receipt.handle()), Ok(receipt));
        for handle in ["", "x", "AQ==", &*STANDARD.encode([2; 21]), &*STANDARD.encode([1; 22])] {
            assert!(Receipt::parse(handle).is_err(), "{handle}");
        }
    }
}
