//! Numbers as decimal digits, many at once: a page has ten thousand of them, and each is 56 digits long.

/// The eight digits of a number below 10^8, in the order of reading.
///
/// Halves the number again and again, all parts at once within one word: into two of four digits, four of two, eight of
/// one. A division by a constant is a multiplication and a shift, exact in the ranges here.
pub(crate) const fn eight(number: u64) -> [u8; 8] {
    debug_assert!(number < 100_000_000);
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    let ones = tens | ((twos - tens * 10) << 8);
    (ones | 0x3030_3030_3030_3030).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_of_four_digits_comes_out_right() {
        for four in 0..10_000 {
            for number in [four, four * 10_000, four * 10_000 + 9_999, 99_990_000 + four] {
                assert_eq!(str::from_utf8(&eight(number)).unwrap(), format!("{number:08}"));
            }
        }
    }
}
