//! How an item of CBOR begins: what it is, and how much follows.

/// The beginning of an item. Where a length is `None`, chunks or elements follow up to a [`Head::Break`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Head {
    /// A number from zero on.
    Unsigned(u64),
    /// A number below zero: -1 minus this.
    Negative(u64),
    /// Bytes.
    Bytes(Option<u64>),
    /// Text.
    Text(Option<u64>),
    /// So many elements.
    Array(Option<u64>),
    /// So many pairs.
    Map(Option<u64>),
    /// A note on the item that follows.
    Tag(u64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Null, or undefined, which here is the same.
    Null,
    /// The end of what has no length.
    Break,
}

/// Takes the head of the next item off `rest`. `None` if there is none, or if it is malformed.
pub(crate) fn head(rest: &mut &[u8]) -> Option<Head> {
    let (first, after) = rest.split_first()?;
    let (major, info) = (first >> 5, first & 31);
    let (argument, after) = match info {
        0..=23 => (Some(u64::from(info)), after),
        24 => argument::<1>(after)?,
        25 => argument::<2>(after)?,
        26 => argument::<4>(after)?,
        27 => argument::<8>(after)?,
        31 => (None, after),
        _ => return None,
    };
    *rest = after;
    Some(match (major, argument) {
        (0, Some(number)) => Head::Unsigned(number),
        (1, Some(number)) => Head::Negative(number),
        (2, length) => Head::Bytes(length),
        (3, length) => Head::Text(length),
        (4, length) => Head::Array(length),
        (5, length) => Head::Map(length),
        (6, Some(tag)) => Head::Tag(tag),
        (7, None) => Head::Break,
        (7, Some(argument)) => simple(info, argument)?,
        _ => return None,
    })
}

/// Takes so many bytes off `rest`.
pub(crate) fn take<'a>(rest: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(taken)
}

/// Takes a [`Head::Break`] if it is next.
pub(crate) fn is_break(rest: &mut &[u8]) -> bool {
    let after = rest.strip_prefix(&[0xff]);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

fn argument<const N: usize>(rest: &[u8]) -> Option<(Option<u64>, &[u8])> {
    let (bytes, after) = rest.split_first_chunk::<N>()?;
    Some((Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))), after))
}

fn simple(info: u8, argument: u64) -> Option<Head> {
    Some(match info {
        20 => Head::Bool(false),
        21 => Head::Bool(true),
        22 | 23 => Head::Null,
        25 => Head::Float(half(u16::try_from(argument).ok()?)),
        26 => Head::Float(f32::from_bits(u32::try_from(argument).ok()?).into()),
        27 => Head::Float(f64::from_bits(argument)),
        _ => return None,
    })
}

/// A float of 16 bits: sign, five bits of exponent, ten of fraction.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match i32::from(bits >> 10 & 31) {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}
