//! The one door for what is not deterministic: time, chance and identifiers.
//!
//! Every other crate of the emulator takes an [`Env`] and asks it; `clippy.toml` bans the ways around it. A test owns a
//! manual clock and a seed and so owns everything that could differ between two runs; a user can move the clock of a
//! running emulator to see retention expire or a window close.
//!
//! What is *not* here: files and processes. They enter through the crates that own them.

mod clock;
mod random;
mod timestamp;

pub use clock::Clock;
pub use random::Random;
pub use timestamp::Timestamp;

/// What a component is given at construction: where it gets time and chance from. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Env {
    /// Time.
    pub clock: Clock,
    /// Chance, and the identifiers made from it.
    pub random: Random,
}

impl Env {
    /// Real time and real chance.
    pub fn system() -> Self {
        Self { clock: Clock::system(), random: Random::from_os() }
    }

    /// A clock that stands at `now` until somebody moves it, and chance that repeats for the same `seed`.
    pub fn manual(now: Timestamp, seed: u64) -> Self {
        Self { clock: Clock::manual(now), random: Random::seeded(seed) }
    }
}
