//! The `aws-chunked` framing that the SDKs send bodies in: pieces with their lengths, perhaps with signatures, perhaps with
//! trailers behind them.
//!
//! Lengths are held against what is there and against what the request says; signatures are not looked at, as with all
//! requests for now.

use crate::error::{Error, Result};

/// What was in the frames.
#[derive(PartialEq, Eq, Debug, Default)]
pub(crate) struct Decoded {
    pub(crate) body: Vec<u8>,
    /// Names in lower case.
    pub(crate) trailers: Vec<(String, String)>,
}

/// Takes a body of `length` bytes out of its frames.
pub(crate) fn decode(mut framed: &[u8], length: usize) -> Result<Decoded> {
    let mut decoded = Decoded::default();
    loop {
        let size = chunk_size(line(&mut framed).ok_or(Error::BodyIncomplete)?)?;
        if size == 0 {
            break;
        }
        if size > framed.len() {
            return Err(Error::BodyIncomplete);
        }
        let (piece, rest) = framed.split_at(size);
        decoded.body.extend_from_slice(piece);
        framed = rest.strip_prefix(b"\r\n").ok_or(Error::BodyIncomplete)?;
    }
    if decoded.body.len() != length {
        return Err(Error::BodyIncomplete);
    }
    while let Some(text) = line(&mut framed) {
        if text.is_empty() {
            continue;
        }
        let text = std::str::from_utf8(text).map_err(|_| Error::TrailerMalformed)?;
        let (name, value) = text.split_once(':').ok_or(Error::TrailerMalformed)?;
        decoded.trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    if framed.is_empty() { Ok(decoded) } else { Err(Error::TrailerMalformed) }
}

/// `1f4;chunk-signature=…`
fn chunk_size(head: &[u8]) -> Result<usize> {
    let digits = head.split(|byte| *byte == b';').next().unwrap_or_default();
    let digits = std::str::from_utf8(digits).map_err(|_| Error::BodyIncomplete)?.trim();
    usize::from_str_radix(digits, 16).map_err(|_| Error::BodyIncomplete)
}

/// The next line without its end; `None` if there is no whole one.
fn line<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = from.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = from.split_at(end);
    *from = &rest[1..];
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trailers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn signed_unsigned_and_with_trailers() {
        let signed = b"5;chunk-signature=ab\r\nhello\r\n6;chunk-signature=cd\r\n world\r\n0;chunk-signature=ef\r\n\r\n";
        assert_eq!(decode(signed, 11), Ok(Decoded { body: b"hello world".to_vec(), trailers: Vec::new() }));
        let unsigned = b"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
        let with = trailers(&[("x-amz-checksum-crc32", "DUoRhQ==")]);
        assert_eq!(decode(unsigned, 11), Ok(Decoded { body: b"hello world".to_vec(), trailers: with }));
        let both = b"0;chunk-signature=a\r\nX-Amz-Checksum-Crc32: AAAAAA==\r\nx-amz-trailer-signature:b\r\n\r\n";
        let with = trailers(&[("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-trailer-signature", "b")]);
        assert_eq!(decode(both, 0), Ok(Decoded { body: Vec::new(), trailers: with }));
    }

    #[test]
    fn lengths_are_held_against_what_is_there() {
        for (framed, length) in [
            (&b"5\r\nhello\r\n0\r\n\r\n"[..], 4),
            (b"6\r\nhello\r\n0\r\n\r\n", 6),
            (b"5\r\nhello\r\n", 5),
            (b"5\r\nhello world\r\n0\r\n\r\n", 5),
            (b"", 0),
            (b"zz\r\n", 0),
            (b"ffffffffffffffffff\r\n", 0),
        ] {
            assert_eq!(decode(framed, length), Err(Error::BodyIncomplete), "{framed:?}");
        }
        assert_eq!(decode(b"0\r\nno colon\r\n\r\n", 0), Err(Error::TrailerMalformed));
        assert_eq!(decode(b"0\r\na:b", 0), Err(Error::TrailerMalformed));
    }

    proptest::proptest! {
        #[test]
        fn any_frames_are_read(framed in "([0-9a-f]{0,3}|;|\r\n|:|x){0,20}", length in 0_usize..40) {
            let _ = decode(framed.as_bytes(), length);
        }
    }
}
