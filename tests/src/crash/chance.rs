//! Choices that a seed repeats, on every machine: SplitMix64, which is enough to choose with.

use std::time::Duration;

/// A sequence of choices.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The choices of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A sequence of its own for `whom`, so that what one client does never changes what another chooses.
    pub(super) fn fork(&self, whom: u64) -> Self {
        let mut fork = Self(self.0 ^ whom.wrapping_add(1).wrapping_mul(0xD1B5_4A32_D192_ED03));
        Self(fork.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// One of `0..bound`; `bound` is not 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.next() % u64::from(bound)).expect("a remainder is below what it is divided by")
    }

    pub(super) fn one_in(&mut self, bound: u32) -> bool {
        self.below(bound) == 0
    }

    /// One of `items`, if there is one.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let bound = u32::try_from(items.len()).ok().filter(|bound| *bound > 0)?;
        items.get(self.below(bound) as usize)
    }

    /// A time up to `longest`, to the microsecond.
    pub fn duration(&mut self, longest: Duration) -> Duration {
        let micros = u32::try_from(longest.as_micros()).expect("the longest wait is well below an hour");
        Duration::from_micros(self.below(micros + 1).into())
    }
}
