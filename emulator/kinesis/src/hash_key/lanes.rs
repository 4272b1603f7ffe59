//! MD5 of many short texts side by side.
//!
//! One MD5 is a chain of steps of which each waits for the one before, so a processor that could do several additions at a
//! time does one. Sixteen that have nothing to do with each other fill it: they stand in the lanes of arrays, and the compiler
//! makes vector instructions of loops over the lanes. The steps are those of RFC 1321; what is long takes the ordinary way.

/// How many at once. With fewer, the steps of one wait for each other; more do not fit the registers.
pub(super) const LANES: usize = 16;
/// Empty lanes cost as much as full ones, so for fewer texts one after the other is quicker.
const FEWEST: usize = 5;
/// The longest text that fits one block with its end mark and its length.
const LONGEST: usize = 55;

/// The same word of every text.
type Lanes = [u32; LANES];

const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// The RFC's table T: `floor(2^32 × |sin(n)|)` for n from 1 to 64.
#[rustfmt::skip]
const SINES: [[u32; 16]; 4] = [
    [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
    ],
    [
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
    ],
    [
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
    ],
    [
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ],
];

/// The MD5 of each of up to [`LANES`] texts, and of nothing in the lanes that are left. `None` where one after the other is
/// quicker, or one is too long.
pub(super) fn digests(texts: &[&[u8]]) -> Option<[[u8; 16]; LANES]> {
    let fits = (FEWEST..=LANES).contains(&texts.len()) && texts.iter().all(|text| text.len() <= LONGEST);
    fits.then(|| digests_of(&words(texts)))
}

/// The one block of each text, word by word.
fn words(texts: &[&[u8]]) -> [Lanes; 16] {
    let mut words = [[0; LANES]; 16];
    let none: &[u8] = &[];
    for (lane, text) in texts.iter().copied().chain(std::iter::repeat(none)).take(LANES).enumerate() {
        let mut block = [0; 64];
        block[..text.len()].copy_from_slice(text);
        block[text.len()] = 0x80;
        block[56..].copy_from_slice(&(8 * text.len() as u64).to_le_bytes());
        for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
            word[lane] = u32::from_le_bytes(*bytes);
        }
    }
    words
}

fn digests_of(words: &[Lanes; 16]) -> [[u8; 16]; LANES] {
    let mut state = START.map(|word| [word; LANES]);
    round::<0>(&mut state, words, |b, c, d| d ^ (b & (c ^ d)));
    round::<1>(&mut state, words, |b, c, d| c ^ (d & (b ^ c)));
    round::<2>(&mut state, words, |b, c, d| b ^ c ^ d);
    round::<3>(&mut state, words, |b, c, d| c ^ (b | !d));
    std::array::from_fn(|lane| {
        let mut digest = [0; 16];
        for ((bytes, end), start) in digest.as_chunks_mut().0.iter_mut().zip(&state).zip(START) {
            *bytes = end[lane].wrapping_add(start).to_le_bytes();
        }
        digest
    })
}

fn round<const ROUND: usize>(state: &mut [Lanes; 4], words: &[Lanes; 16], mix: impl Fn(u32, u32, u32) -> u32 + Copy) {
    let [a, b, c, d] = state;
    macro_rules! four {
        ($($at:literal)*) => {$(
            step::<ROUND, { $at }>(a, b, c, d, words, mix);
            step::<ROUND, { $at + 1 }>(d, a, b, c, words, mix);
            step::<ROUND, { $at + 2 }>(c, d, a, b, words, mix);
            step::<ROUND, { $at + 3 }>(b, c, d, a, words, mix);
        )*};
    }
    four!(0 4 8 12);
}

/// A step of all lanes. A function of its own, for the compiler makes vectors of its loop only as long as it sees it as one.
#[inline(never)]
fn step<const ROUND: usize, const AT: usize>(
    a: &mut Lanes,
    b: &Lanes,
    c: &Lanes,
    d: &Lanes,
    words: &[Lanes; 16],
    mix: impl Fn(u32, u32, u32) -> u32,
) {
    let word = &words[const {
        match ROUND {
            0 => AT,
            1 => (5 * AT + 1) % 16,
            2 => (3 * AT + 5) % 16,
            _ => 7 * AT % 16,
        }
    }];
    for lane in 0..LANES {
        let sum = a[lane].wrapping_add(mix(b[lane], c[lane], d[lane])).wrapping_add(SINES[ROUND][AT]);
        a[lane] = b[lane].wrapping_add(sum.wrapping_add(word[lane]).rotate_left(SHIFTS[ROUND][AT % 4]));
    }
}

#[cfg(test)]
mod tests {
    use md5::{Digest, Md5};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_one_after_the_other(texts in vec(vec(any::<u8>(), 0..=LONGEST), FEWEST..=LANES)) {
            let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
            let digests = digests(&texts).unwrap();
            for (text, digest) in texts.iter().zip(digests) {
                prop_assert_eq!(digest, <[u8; 16]>::from(Md5::digest(text)));
            }
        }
    }

    #[test]
    fn leaves_what_does_not_fit_to_others() {
        let short: &[u8] = b"k";
        let few = [short; FEWEST - 1];
        assert!(digests(&[&few[..], &[&[b'x'; LONGEST]]].concat()).is_some());
        assert!(digests(&[&few[..], &[&[b'x'; LONGEST + 1]]].concat()).is_none());
        assert!(digests(&few).is_none());
        assert!(digests(&[short; LANES + 1]).is_none());
    }
}
