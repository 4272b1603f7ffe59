//! The base64 of JSON documents: the standard alphabet, padded, by the widest instructions that the machine has.
//!
//! One engine for every way in, so that the short ways and the general one agree on what is base64. Records on their way out
//! are written by another crate, which is young but has kernels for AVX-512: a page of GetRecords is a tenth quicker for it.
//! On the way in it would gain a thirtieth, too little for trusting it with what strangers send.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::PAD;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Fastest = base64::engine::Simd;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Fastest = base64::engine::GeneralPurpose;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(crate) static ENGINE: LazyLock<Fastest> = LazyLock::new(|| Fastest::standard(PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) static ENGINE: LazyLock<Fastest> = LazyLock::new(|| Fastest::new(&base64::alphabet::STANDARD, PAD));

/// Appends the bytes that `text` stands for. `None`, and nothing of use appended, if it is no base64.
pub fn decode_onto(bytes: &mut Vec<u8>, text: &[u8]) -> Option<()> {
    ENGINE.decode_vec(text, bytes).ok()
}

/// Appends the base64 of `bytes`, which needs no escaping in JSON.
pub fn encode_onto(json: &mut Vec<u8>, bytes: &[u8]) {
    let start = json.len();
    json.resize(start + bytes.len().div_ceil(3) * 4, 0);
    base64_turbo::STANDARD
        .encode_slice(bytes, &mut json[start..])
        .expect("four characters for every three bytes begun are enough");
}

/// The base64 of `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_the_plain_engine(bytes in vec(any::<u8>(), 0..300), flip in 0_usize..400, with: u8) {
            let mut text = b"kept".to_vec();
            encode_onto(&mut text, &bytes);
            prop_assert_eq!(&text[4..], STANDARD.encode(&bytes).into_bytes());
            let mut text = text.split_off(4);
            if let Some(byte) = text.get_mut(flip) {
                *byte = with;
            }
            let mut back = Vec::new();
            prop_assert_eq!(decode_onto(&mut back, &text).map(|()| back), STANDARD.decode(&text).ok());
        }
    }
}
